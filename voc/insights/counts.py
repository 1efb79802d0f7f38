"""What is counted where: places, axes, and how feedback becomes counts. Pure but for naming the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from voc.core.vocabulary import Metric, Stance
from voc.db.types import Base, table_of
from voc.model import RollupIntake, RollupScore, RollupStance, RollupTopic

# Of several opinions on one topic the worst is the one that counts.
_RANK = {"negative": 0, "positive": 1, "neutral": 2}


class Place(NamedTuple):
    """One local day of one channel: the unit that is counted again as a whole."""

    day: date
    channel_id: UUID


class Cell(NamedTuple):
    """`n` feedback of one place that are alike in all of these."""

    hour: int
    metric: Metric | None
    score: int | None
    stance: Stance | None
    n: int


class Row(NamedTuple):
    """A row of `feedback_topic`."""

    feedback_id: UUID
    topic: str
    label: str
    begins: int
    ends: int
    channel_id: UUID
    day: date


class Heard(NamedTuple):
    """A feedback with the opinions of its present analysis; `opinions` None when it does not count (yet)."""

    id: UUID
    channel_id: UUID
    received_at: datetime
    opinions: Iterable[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Axis:
    """One rollup; `keys` are its columns beside day, channel and n."""

    model: type[Base]
    keys: tuple[str, ...]

    @property
    def table(self) -> Table:
        """Its table."""
        return table_of(self.model)

    @property
    def name(self) -> str:
        """The name of its table."""
        return self.table.name


INTAKE = Axis(RollupIntake, ("hour",))
SCORE = Axis(RollupScore, ("metric", "score"))
STANCE = Axis(RollupStance, ("stance",))
TOPIC = Axis(RollupTopic, ("topic", "label"))
AXES = (INTAKE, SCORE, STANCE, TOPIC)

Counts = dict[str, Counter[tuple[Any, ...]]]


def from_cube(cells: Iterable[Cell]) -> Counts:
    """Counts of every axis but the topics."""
    found: Counts = {axis.name: Counter() for axis in (INTAKE, SCORE, STANCE)}
    for hour, metric, score, stance, n in cells:
        found[INTAKE.name][hour,] += n
        if stance is not None:
            found[STANCE.name][stance,] += n
        if metric is not None and score is not None:
            found[SCORE.name][metric, score] += n
    return found


def topic_rows(heard: Heard, day: date) -> list[Row]:
    """Each topic of a feedback once, with its worst label and the first place that says so.

    A topic under others is spoken of for those above it too, as the taxonomy was when that was understood.
    """
    best: dict[str, Row] = {}
    for opinion in heard.opinions or ():
        label = opinion["label"]
        for topic in (opinion["topic"], *opinion.get("above", ())):
            known = best.get(topic)
            if known is None or _RANK.get(label, 3) < _RANK.get(known.label, 3):
                best[topic] = Row(heard.id, topic, label, opinion["start"], opinion["end"], heard.channel_id, day)
    return list(best.values())


def differing(wanted: Mapping[Any, int], stored: Mapping[Any, int]) -> int:
    """How many keys have another count."""
    return sum(wanted.get(key, 0) != stored.get(key, 0) for key in wanted.keys() | stored.keys())
