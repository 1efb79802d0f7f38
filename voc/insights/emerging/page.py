"""What was found, read for the pages and the API: a fixed number of statements, whatever there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from voc.insights.emerging import queries
from voc.insights.emerging.keeping import KEPT, LOOKED_AT
from voc.insights.emerging.views import Example, Finding, Look, Shown, Standout
from voc.security.access import Actor, require

EXAMPLES = 3
# What the Morning page shows of a period.
MOST_STANDOUTS = 5


def look_at(session: Session, *, viewer: Actor, today: date, day: date | None = None) -> Look:
    """What was found on a day: the one asked for, else the newest on which anybody looked."""
    require(viewer, "insights.view")
    looks = queries.looks(session, today - timedelta(days=KEPT), today)
    days = tuple((item.day, len(item.findings)) for item in looks)
    chosen = next((item for item in looks if day is None or item.day == day), None)
    if chosen is None:
        return Look(day or today, 0, None, (), days)
    found = [Finding.from_dict(item) for item in chosen.findings]
    series = queries.series(session, {(item.language, item.phrases[0]) for item in found}, *_days(chosen.day))
    examples = queries.examples(session, {key for item in found for key in item.feedback})
    doors = queries.door_names(session)
    shown = tuple(_shown(item, chosen.day, series, examples, doors) for item in found)
    return Look(chosen.day, chosen.tested, chosen.counted_at, shown, days)


def _days(day: date) -> tuple[date, date]:
    return day - timedelta(days=LOOKED_AT - 1), day


def _shown(
    found: Finding,
    day: date,
    series: Mapping[tuple[str, str], Mapping[date, int]],
    examples: Mapping[UUID, Example],
    doors: Mapping[UUID, str],
) -> Shown:
    first, _ = _days(day)
    daily = series[found.language, found.phrases[0]]
    days = [first + timedelta(days=number) for number in range(LOOKED_AT)]
    named = sorted(((doors.get(key, "?"), n) for key, n in found.doors.items()), key=lambda door: (-door[1], door[0]))
    return Shown(
        found,
        tuple((at, daily.get(at, 0)) for at in days),
        tuple(named),
        tuple(examples[key] for key in found.feedback if key in examples)[:EXAMPLES],
    )


def standouts(session: Session, first: date, last: date, channel_id: UUID | None = None) -> tuple[Standout, ...]:
    """What stood out on any day of a period, each on the newest day it did, of one channel or of all: one statement."""
    found: list[Standout] = []
    seen: set[tuple[str, str]] = set()
    for row in queries.looks(session, first, last):
        for item in map(Finding.from_dict, row.findings):
            keys = {(item.language, phrase) for phrase in item.phrases}
            if not keys & seen and (channel_id is None or channel_id in item.doors):
                found.append(Standout(row.day, item))
            seen |= keys
    return tuple(found[:MOST_STANDOUTS])
