"""How surprising a count is, and which of many surprises are no chance: pure functions.

Sources and formulas are in docs/insights.md. Counts are of people, exposures are how many spoke at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

# Of what is shown on a day at most this share is chance, on average: half of it for each of the two periods.
LEVEL = 0.10
# How much evidence stands behind what all phrases together say of one: of its spread, and of its days of the week.
SPREAD_WEIGHT = 20.0
WEEKDAY_WEIGHT = 5.0


@dataclass(frozen=True, slots=True)
class Surprise:
    """`expected` people in the period as things usually are, and how likely `n` or more would be by chance."""

    n: int
    expected: float
    chance: float


def surprise(n: int, before: int, exposed: float, exposed_before: float, spread: float = 0.0) -> Surprise:
    """`n` people said it where `exposed` spoke, after `before` where `exposed_before` did.

    Without `spread` the chance is exactly that of the conditional test of two Poisson rates. Raises ValueError for an
    exposure that is not positive, and for negative counts.
    """
    if min(exposed, exposed_before) <= 0 or min(n, before, spread) < 0:
        raise ValueError("a rate needs people who spoke")
    expected = (before + 1) * exposed / exposed_before
    size = 1 / (1 / (before + 1) + spread)
    return Surprise(n, expected, upper_tail(n, expected, size))


def upper_tail(n: int, mean: float, size: float) -> float:
    """The chance that a negative binomial count of this mean and size (variance mean + mean²/size) is `n` or more."""
    if n <= 0:
        return 1.0
    share = mean / (mean + size)
    if n > mean:
        return min(1.0, _sum_up(n, share, size))
    return max(0.0, 1.0 - _sum(range(n), share, size))


def _log_mass(count: int, share: float, size: float) -> float:
    return lgamma(size + count) - lgamma(size) - lgamma(count + 1) + count * log(share) + size * log1p(-share)


def _sum(counts: Iterable[int], share: float, size: float) -> float:
    return sum(exp(_log_mass(count, share, size)) for count in counts)


def _sum_up(n: int, share: float, size: float) -> float:
    """From `n` upwards, where each part is smaller than the one before."""
    part = total = exp(_log_mass(n, share, size))
    count = n
    while part > total * 1e-15:
        part *= share * (size + count) / (count + 1)
        count += 1
        total += part
    return total


def least_chance(total: int, exposed: float, exposed_before: float) -> float:
    """The smallest chance that `total` people could give, however they are spread: all of them in the period."""
    share = exposed / (exposed + exposed_before)
    return exp(total * log(share))


def could_be_found(least: Sequence[float], level: float) -> list[bool]:
    """Which tests could ever stand out at `level`, by their least chances: the others count for nothing.

    After Tarone and Gilbert: the smallest K such that no more than K least chances are at most level / K.
    """
    rising = sorted(least)
    number = next((k for k in range(1, len(rising) + 1) if _at_most(rising, level / k) <= k), len(rising) or 1)
    return [chance <= level / number for chance in least]


def _at_most(rising: Sequence[float], limit: float) -> int:
    from bisect import bisect_right

    return bisect_right(rising, limit)


def false_discovery(chances: Sequence[float]) -> list[float]:
    """For each chance the level at which it would just be found among all of them (Benjamini and Hochberg)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    found, least, many = [1.0] * len(chances), 1.0, len(chances)
    for rank, place in enumerate(order):
        least = min(least, chances[place] * (many / (many - rank)))
        found[place] = least
    return found


def excess(counts: Sequence[int], exposed: Sequence[float]) -> tuple[float, float]:
    """(how much more counts of equal periods vary than chance, the sum of squares it is measured by)."""
    whole, said = sum(exposed), sum(counts)
    if whole <= 0 or not said:
        return 0.0, 0.0
    over = squares = 0.0
    for count, share in ((count, spoke / whole) for count, spoke in zip(counts, exposed, strict=True)):
        usual = said * share
        over += (count - usual) ** 2 - usual * (1 - share)
        squares += usual * usual
    return over, squares


def spread_of(own: tuple[float, float], pooled: float) -> float:
    """The spread of one phrase: its own excess, drawn towards that of all phrases; never negative."""
    over, squares = own
    return max(0.0, (over + SPREAD_WEIGHT * pooled) / (squares + SPREAD_WEIGHT))


def weekday_factors(said: Mapping[int, int], spoke: Mapping[int, float]) -> dict[int, float]:
    """How much more or less often than on average a phrase is said on each day of the week, drawn towards 1."""
    whole, total = sum(spoke.values()), sum(said.values())
    if whole <= 0:
        return {}
    return {
        day: (said.get(day, 0) + WEEKDAY_WEIGHT) / (total * spoke.get(day, 0.0) / whole + WEEKDAY_WEIGHT)
        for day in range(7)
    }
