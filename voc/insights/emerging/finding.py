"""From phrases that stand out to what is shown: who said them, grouped, with the newest feedback. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from voc.insights.emerging.counting import Counts, SaidRow
from voc.insights.emerging.grouping import Group, Grouped, groups
from voc.insights.emerging.looking import (
    LEAST_PEOPLE,
    LONGER,
    Phrase,
    Standing,
    Table,
    days_to_look_at,
    look,
)
from voc.insights.emerging.views import Finding

# What is kept of a day.
MOST_FOUND = 12
MOST_PHRASES = 6
MOST_FEEDBACK = 12

Rows = Callable[[date], Iterable[SaidRow]]
Found = dict[date, tuple[int, list[Finding]]]


class Hit(NamedTuple):
    """A feedback that says a phrase."""

    day: date
    feedback_id: UUID
    person: UUID
    channel_id: UUID
    unhappy: bool


def findings(
    counts: Counts, since: date, today: date, names: Sequence[Sequence[str]], rows: Rows, *, most: int
) -> Found:
    """By day, for the last `most` days: how many tests were made, and what was found. `rows` gives the feedback from a
    day on; it is asked only when something stands out."""
    table = Table.of(counts, since, today, names)
    looks = {day: look(table, day) for day in days_to_look_at(since, today, most)}
    wanted = {(item.language, item.phrase) for _, standing in looks.values() for item in standing}
    hits = _hits(wanted, rows(min(looks) - timedelta(days=LONGER - 1))) if wanted else {}
    return {day: (tests, _shown(day, standing, hits)) for day, (tests, standing) in looks.items()}


def _hits(wanted: set[Phrase], rows: Iterable[SaidRow]) -> dict[Phrase, list[Hit]]:
    found: dict[Phrase, list[Hit]] = {}
    by_language: dict[str, set[str]] = {}
    for language, phrase in wanted:
        by_language.setdefault(language, set()).add(phrase)
    for row in rows:
        for phrase in by_language.get(row.language, set()).intersection(row.phrases.split("\n")):
            hit = Hit(row.day, row.feedback_id, row.person, row.channel_id, row.unhappy)
            found.setdefault((row.language, phrase), []).append(hit)
    return found


def _shown(day: date, standing: Sequence[Standing], hits: Mapping[Phrase, Sequence[Hit]]) -> list[Finding]:
    """What enough people said, in groups, the least likely first."""
    grouped: list[Grouped] = []
    for item in standing:
        first = day - timedelta(days=item.days - 1)
        mine = [hit for hit in hits.get((item.language, item.phrase), ()) if first <= hit.day <= day]
        if len({hit.person for hit in mine}) >= LEAST_PEOPLE:
            grouped.append(Grouped(item, frozenset(hit.feedback_id for hit in mine)))
    return [_finding(day, group, hits) for group in groups(grouped)[:MOST_FOUND]]


def _finding(day: date, group: Group, hits: Mapping[Phrase, Sequence[Hit]]) -> Finding:
    head, days = group[0].standing, max(item.standing.days for item in group)
    first = day - timedelta(days=days - 1)
    said = {
        hit for item in group for hit in hits[item.standing.language, item.standing.phrase] if first <= hit.day <= day
    }
    newest = sorted(said, key=lambda hit: (hit.day, hit.feedback_id), reverse=True)
    doors: dict[UUID, UUID] = {}
    for hit in newest:
        doors.setdefault(hit.person, hit.channel_id)
    return Finding(
        language=head.language,
        phrases=tuple(item.standing.phrase for item in group[:MOST_PHRASES]),
        days=head.days,
        n=head.n,
        expected=round(head.expected, 3),
        chance=head.chance,
        level=head.level,
        people=len(doors),
        unhappy=len({hit.person for hit in said if hit.unhappy}),
        doors=dict(Counter(doors.values())),
        feedback=tuple(hit.feedback_id for hit in newest[:MOST_FEEDBACK]),
    )
