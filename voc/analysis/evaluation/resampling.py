"""How far chance alone could have moved a figure: bootstrap over the counts of a table (Efron 1979).

Drawing n rows with replacement and counting them is drawing the counts from a multinomial distribution: a thousand
resamples of a table take milliseconds, however many rows it was counted from. The seed is fixed: the same counts give
the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from voc.analysis.evaluation.confusion import Counts, Figure

RESAMPLES = 1_000
SEED = 20_261_122
LOW, HIGH = 0.025, 0.975
_FEW = 10  # expected successes below which they are counted one by one

Interval = tuple[float, float]
Draws = Sequence[Figure]


def binomial(random: Random, n: int, p: float) -> int:
    """How many of `n` trials succeed when each does with probability `p`.

    Geometric gaps when few are expected (Devroye 1986), else Hörmann's transformed rejection BTRS (1993).
    """
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if p > 0.5:
        return n - binomial(random, n, 1 - p)
    return _by_gaps(random, n, p) if n * p < _FEW else _by_rejection(random, n, p)


def _by_gaps(random: Random, n: int, p: float) -> int:
    """Jump from success to success."""
    scale, found, place = math.log1p(-p), 0, 0
    while True:
        place += int(math.log(1.0 - random.random()) / scale) + 1
        if place > n:
            return found
        found += 1


def _by_rejection(random: Random, n: int, p: float) -> int:
    """A dominating curve that is cheap to draw from; about 1.2 tries."""
    spread = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    v_r = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    odds = math.log(p / (1 - p))
    mode = int((n + 1) * p)
    top = math.lgamma(mode + 1) + math.lgamma(n - mode + 1)
    while True:
        u, v = random.random() - 0.5, 1.0 - random.random()
        us = 0.5 - abs(u)
        if us <= 0:
            continue
        k = math.floor((2 * a / us + b) * u + c)
        if not 0 <= k <= n:
            continue
        if us >= 0.07 and v <= v_r:
            return k
        v *= alpha / (a / (us * us) + b)
        if math.log(v) <= top - math.lgamma(k + 1) - math.lgamma(n - k + 1) + (k - mode) * odds:
            return k


def resample(random: Random, counts: Counts) -> list[int]:
    """Counts of as many rows drawn with replacement from those that were counted."""
    left = total = sum(counts)
    drawn = []
    for count in counts:
        taken = binomial(random, left, count / total) if count else 0
        drawn.append(taken)
        left -= taken
        total -= count
    return drawn


def resamples(counts: Counts, name: str = "", times: int = RESAMPLES) -> list[list[int]]:
    """Tables of rows drawn again; the same each time for the same counts and name.

    Tables whose figures are averaged need names of their own, or they would all be lucky together.
    """
    random = Random(f"{SEED} {name}")  # noqa: S311  (statistics, no secret)
    return [resample(random, counts) for _ in range(times)]


def averaged(several: Sequence[Draws]) -> Draws:
    """The mean over several tables that were resampled each by itself."""
    return [_mean(row) for row in zip(*several, strict=True)]


def _mean(row: Sequence[Figure]) -> Figure:
    known = [value for value in row if value is not None]
    return sum(known) / len(known) if known else None


def interval(found: Draws) -> Interval | None:
    """The middle 95 % of what was drawn; None when nothing was."""
    known = sorted(value for value in found if value is not None)
    if not known:
        return None
    return known[round(LOW * (len(known) - 1))], known[round(HIGH * (len(known) - 1))]
