"""From counts to what stands out on a day: every phrase against its own past, all of them held to one level. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate, pairwise

from voc.insights.emerging.counting import WHOLE, Counts
from voc.insights.emerging.names import is_name
from voc.insights.emerging.surprise import (
    LEVEL,
    could_be_found,
    excess,
    false_discovery,
    least_chance,
    spread_of,
    surprise,
    weekday_factors,
)

# Days of a period; what is usual is what was said before the longer one.
PERIODS = (7, 1)
LONGER = max(PERIODS)
WEEK = 7
# How much must have been said before anything can be unusual.
LEAST_DAYS = 14
LEAST_BEFORE = 20
# What is shown stands well above what is usual, and enough people said it.
LEAST_PEOPLE = 3
LEAST_RATIO = 1.5

Phrase = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """A phrase that stands out in the `days` up to a day."""

    language: str
    phrase: str
    days: int
    n: int
    expected: float
    chance: float
    level: float


@dataclass(frozen=True)
class Table:
    """How many people said a phrase on each day from `since` on, as sums up to each day; (language, phrase) → sums."""

    since: date
    sums: Mapping[Phrase, Sequence[int]]

    @classmethod
    def of(cls, counts: Counts, since: date, until: date, names: Sequence[Sequence[str]]) -> Table:
        """Of the cells of a rollup, without phrases that are names."""
        number = (until - since).days + 1
        daily: dict[Phrase, list[int]] = {}
        for (day, _, language, phrase), (n, _) in counts.items():
            if 0 <= (day - since).days < number:
                daily.setdefault((language, phrase), [0] * number)[(day - since).days] += n
        return cls(
            since,
            {key: [0, *accumulate(days)] for key, days in daily.items() if not key[1] or not is_name(key[1], names)},
        )

    @cached_property
    def languages(self) -> dict[str, list[str]]:
        """The phrases of each language, in order."""
        found: dict[str, list[str]] = {}
        for language, phrase in sorted(self.sums):
            if phrase:
                found.setdefault(language, []).append(phrase)
        return found

    @cached_property
    def pooled(self) -> dict[str, float]:
        """How much more the weeks of all phrases of a language vary than chance; never negative."""
        spread = {}
        for language, phrases in self.languages.items():
            whole = self.sums[language, WHOLE]
            own = [_excess(self.sums[language, phrase], whole, len(whole) - 1) for phrase in phrases]
            squares = sum(square for _, square in own)
            spread[language] = max(0.0, sum(over for over, _ in own) / squares) if squares else 0.0
        return spread


def _excess(sums: Sequence[int], whole: Sequence[int], until: int) -> tuple[float, float]:
    """Of whole weeks back from day number `until`, which is not in them."""
    edges = list(range(until, -1, -WEEK))
    return excess(
        [sums[last] - sums[first] for last, first in pairwise(edges)],
        [whole[last] - whole[first] for last, first in pairwise(edges)],
    )


def look(table: Table, day: date) -> tuple[int, list[Standing]]:
    """(how many tests were made, what stands out) on a day, for the periods that end with it; a phrase that stands out
    in both counts in the one that is more surprising."""
    at = (day - table.since).days + 1
    tests, best = 0, dict[Phrase, Standing]()
    for days in PERIODS:
        made, found = _period(table, at, days)
        tests += made
        for item in found:
            known = best.get((item.language, item.phrase))
            if known is None or item.level < known.level:
                best[item.language, item.phrase] = item
    return tests, sorted(best.values(), key=lambda item: (item.chance, item.language, item.phrase))


def _period(table: Table, at: int, days: int) -> tuple[int, list[Standing]]:
    """Every phrase that was said up to day number `at` (not in it) is a test, unless it could never stand out."""
    keys, least = [], []
    for language, (exposed, before) in _exposures(table, at, days).items():
        known: dict[int, float] = {}
        for phrase in table.languages.get(language, ()):
            sums = table.sums[language, phrase]
            total = sums[at] - sums[at - days] + sums[at - LONGER]
            if total:
                if total not in known:
                    known[total] = least_chance(total, exposed, before)
                keys.append((language, phrase))
                least.append(known[total])
    level = LEVEL / len(PERIODS)
    tested = [key for key, could in zip(keys, could_be_found(least, level), strict=True) if could]
    made = [_test(table, key, at, days) for key in tested]
    levels = false_discovery([item.chance for item in made])
    return len(made), [
        Standing(item.language, item.phrase, days, item.n, item.expected, item.chance, len(PERIODS) * reached)
        for item, reached in zip(made, levels, strict=True)
        if reached <= level
    ]


def _exposures(table: Table, at: int, days: int) -> dict[str, tuple[int, int]]:
    """Who spoke in the period and before it, of every language in which enough was said."""
    found: dict[str, tuple[int, int]] = {}
    if at - LONGER < LEAST_DAYS:
        return found
    for language in table.languages:
        whole = table.sums[language, WHOLE]
        exposed, before = whole[at] - whole[at - days], whole[at - LONGER]
        some = sum(last > first for first, last in pairwise(whole[: at - LONGER + 1]))
        if exposed > 0 and before >= LEAST_BEFORE and some >= LEAST_DAYS:
            found[language] = (exposed, before)
    return found


def _test(table: Table, key: Phrase, at: int, days: int) -> Standing:
    language, phrase = key
    sums, whole = table.sums[key], table.sums[language, WHOLE]
    n, before, until = sums[at] - sums[at - days], sums[at - LONGER], at - LONGER
    rough = (before + 1) * (whole[at] - whole[at - days]) / whole[until]
    if n < LEAST_PEOPLE or n < LEAST_RATIO * rough:
        return Standing(language, phrase, days, n, rough, 1.0, 1.0)
    factors = weekday_factors(_weekdays(table.since, sums, 0, until), _weekdays(table.since, whole, 0, until))
    exposed = _weighed(_weekdays(table.since, whole, at - days, at), factors)
    exposed_before = _weighed(_weekdays(table.since, whole, 0, until), factors)
    spread = spread_of(_excess(sums, whole, until), table.pooled[language])
    found = surprise(n, before, exposed, exposed_before, spread)
    enough = n >= LEAST_RATIO * found.expected
    return Standing(language, phrase, days, n, found.expected, found.chance if enough else 1.0, 1.0)


def _weekdays(since: date, sums: Sequence[int], first: int, last: int) -> dict[int, int]:
    """Sums by day of the week of the days from `first` to `last`, which is not in them."""
    found = dict.fromkeys(range(7), 0)
    begin = since.weekday()
    for number in range(first, last):
        found[(begin + number) % 7] += sums[number + 1] - sums[number]
    return found


def _weighed(spoke: Mapping[int, int], factors: Mapping[int, float]) -> float:
    return sum(n * factors[day] for day, n in spoke.items())


def days_to_look_at(since: date, until: date, most: int) -> Iterator[date]:
    """The last days, the newest first, as far as something lies before them."""
    for back in range(most):
        day = until - timedelta(days=back)
        if day < since:
            return
        yield day
