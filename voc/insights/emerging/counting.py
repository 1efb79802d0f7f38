"""Which phrases are kept and how often they are said, from the phrases of each feedback: pure, in bounded memory.

The rows are gone through twice: once to see which phrases are said often enough at all, in a table of small numbers
that collisions can only make larger, and once to count those exactly.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

# A phrase is kept when it was said often enough, by enough people, within the days that are kept.
LEAST_SAID = 4
LEAST_PEOPLE = 3
# One more is asked for with each so many feedback, so that the table stays small in a large house.
FEEDBACK_PER_SAID = 20_000
MOST_KEPT = 5_000
WHOLE = ""

_CELLS = 1 << 22
_FULL = 255


class SaidRow(NamedTuple):
    """A row of `feedback_phrase`."""

    feedback_id: UUID
    day: date
    channel_id: UUID
    language: str
    person: UUID
    unhappy: bool
    phrases: str


class CellKey(NamedTuple):
    """A place in the rollup."""

    day: date
    channel_id: UUID
    language: str
    phrase: str


Counts = dict[CellKey, tuple[int, int]]
Stream = Callable[[], Iterable[SaidRow]]


@dataclass(slots=True)
class _Said:
    """What one phrase is counted in: (day, channel, unhappy) as one number for each person and day."""

    places: array[int] = field(default_factory=lambda: array("Q"))
    people: set[UUID] = field(default_factory=set)


def count(stream: Stream, since: date) -> Counts:
    """(people, unhappy ones) of every kept phrase by place, from rows in the order of their days."""
    often, rows = _often(stream)
    least = min(max(LEAST_SAID, rows // FEEDBACK_PER_SAID), _FULL)
    channels: dict[UUID, int] = {}
    found: dict[tuple[str, str], _Said] = {}
    today: date | None = None
    seen: set[tuple[str, str, UUID]] = set()
    for row in stream():
        if row.day != today:
            today = row.day
            seen.clear()
        place = ((row.day - since).days << 32) | (channels.setdefault(row.channel_id, len(channels)) << 1) | row.unhappy
        language, person = row.language, row.person
        for phrase in (WHOLE, *row.phrases.split("\n")):
            if phrase and often[hash(phrase) & (_CELLS - 1)] < least:
                continue
            mine = (language, phrase, person)
            if mine in seen:
                continue
            seen.add(mine)
            said = found.get((language, phrase))
            if said is None:
                said = found[language, phrase] = _Said()
            said.places.append(place)
            if len(said.people) < LEAST_PEOPLE:
                said.people.add(person)
    return _cells(_kept(found, least), list(channels), since)


def _often(stream: Stream) -> tuple[bytearray, int]:
    """How often phrases are said at most, by their hash, and how many rows there are."""
    cells, mask, rows = bytearray(_CELLS), _CELLS - 1, 0
    for row in stream():
        rows += 1
        for phrase in row.phrases.split("\n"):
            place = hash(phrase) & mask
            if cells[place] < _FULL:
                cells[place] += 1
    return cells, rows


def _kept(found: dict[tuple[str, str], _Said], least: int) -> dict[tuple[str, str], _Said]:
    """Those said often enough by enough people, at most MOST_KEPT of them, and the wholes."""
    enough = [
        key for key, said in found.items() if key[1] and len(said.places) >= least and len(said.people) >= LEAST_PEOPLE
    ]
    enough.sort(key=lambda key: (-len(found[key].places), key))
    wholes = [key for key in found if not key[1]]
    return {key: found[key] for key in (*wholes, *enough[:MOST_KEPT])}


def _cells(kept: dict[tuple[str, str], _Said], channels: list[UUID], since: date) -> Counts:
    counts: Counts = {}
    for (language, phrase), said in kept.items():
        tally = Counter(said.places)
        for place in {place & ~1 for place in tally}:
            day, channel_id = since + timedelta(days=place >> 32), channels[(place & 0xFFFFFFFF) >> 1]
            unhappy = tally[place | 1]
            counts[CellKey(day, channel_id, language, phrase)] = (tally[place] + unhappy, unhappy)
    return counts
