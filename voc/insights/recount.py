"""The proof of the rollups: everything counted once more from the raw rows, and the difference, table by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from voc.insights import queries
from voc.insights.counts import AXES, Place
from voc.insights.emerging.keeping import TABLE as PHRASE_COUNTS
from voc.insights.emerging.keeping import count_phrases, store_counts, survey_counts
from voc.insights.emerging.rows import TABLE as PHRASES
from voc.insights.marks import named
from voc.insights.rollups import MARKS, Context, roll_up, work_off
from voc.insights.survey import TOPICS, snapshot, store, survey

TABLES = (*(axis.name for axis in AXES), TOPICS, PHRASES, PHRASE_COUNTS)
# Somebody else may write between looking and putting right.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Recount:
    """`rows`: how many differ, by table. `places`: days of channels looked at; `waiting`: those among them that have
    changed just now and are about to be counted, which is in good order."""

    rows: Mapping[str, int]
    places: int
    waiting: int

    @property
    def difference(self) -> int:
        """Rows that differ in all; 0 is the proof."""
        return sum(self.rows.values())

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return {
            "difference": self.difference,
            "rows": dict(self.rows),
            "places": self.places,
            "waiting": self.waiting,
        }

    def lines(self) -> list[str]:
        """For a terminal."""
        lines = ["rows that differ from a recount of everything"]
        lines += [f"{name:16}{self.rows[name]:>10}" for name in TABLES]
        lines.append(f"{self.places} days of channels looked at, {self.waiting} of them waiting to be counted")
        lines.append(f"difference: {self.difference}")
        return lines


def recount(context: Context, now: datetime, *, fix: bool = False) -> Recount:
    """Work off what waits, then compare every place with its raw rows, each in a snapshot of its own, beside a running
    server too. With `fix` what differs is put right; the answer says how it was before."""
    roll_up(context, now)
    work_off(context)
    with snapshot(context.db) as session:
        zone = queries.zone(session)
        places = sorted({*queries.raw_places(session, zone), *queries.stored_places(session)})
    rows: Counter[str] = Counter(dict.fromkeys(TABLES, 0))
    waiting = 0
    for place in places:
        found = _compare(context, place, fix=fix)
        if found is None:
            waiting += 1
        else:
            rows.update(found)
    rows[PHRASE_COUNTS] = _compare_phrases(context, now, fix=fix)
    return Recount(dict(rows), len(places), waiting)


def _compare_phrases(context: Context, now: datetime, *, fix: bool) -> int:
    """What differs among the counted phrases; what changed just now is counted first."""
    for _ in range(TRIES):
        count_phrases(context, now, rested=True)
        counted = survey_counts(context.db, now)
        if counted is None:
            return 0
        if counted.is_newest:
            break
    else:
        return 0
    if counted.differing and fix:
        store_counts(context.db, counted, now=now)
    return len(counted.differing)


def _compare(context: Context, place: Place, *, fix: bool) -> Mapping[str, int] | None:
    """What differs in one place; None while a mark says that it is about to be counted."""
    first: Mapping[str, int] | None = None
    for _ in range(TRIES):
        with snapshot(context.db) as session:
            if place in _pending(session):
                return None
            state = queries.state(session)
            found = survey(session, [], [place], queries.zone(session))
        difference = found.differences()
        first = first or difference
        if not fix or not any(difference.values()) or state is None:
            break
        if store(context.db, found, version=state.version):
            break
    return first


def _pending(session: Session) -> set[Place]:
    """The places that are marked at this moment."""
    marks = queries.marks(session, 100 * MARKS)
    if not marks:
        return set()
    ids, places = named(marks)
    return places | queries.places_of(session, ids, queries.zone(session))
