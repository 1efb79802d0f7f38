"""Scores with their intervals: pure functions that behave with one answer, with none, and at both ends of a scale.

Sources and formulas are in docs/insights.md. `counts` maps an answer to how many gave it; an answer outside its scale
raises ValueError; no answers give None, never a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Literal

from voc.core.vocabulary import SCALES, Metric

CONFIDENCE = 0.95
# Agresti and Min (2005) add two answers before they measure the spread: half of one to each end of a yes-no-neither.
PSEUDO = 2.0

Counts = Mapping[int, int]
Direction = Literal["up", "down", "unclear"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval, all in the unit of the metric; `n` answers stand behind it."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two figures with its interval."""

    value: float
    low: float
    high: float

    @property
    def direction(self) -> Direction:
        """Up or down when the interval leaves 0 out, else unclear: it may be chance."""
        if self.low > 0:
            return "up"
        return "down" if self.high < 0 else "unclear"


def nps(counts: Counts, confidence: float = CONFIDENCE) -> Estimate | None:
    """The net promoter score, -100 to 100: percent of 9 and 10 minus percent of 0 to 6."""
    answers = _checked(counts, Metric.NPS)
    groups = {1: 0, 0: 0, -1: 0}
    for score, count in answers.items():
        groups[1 if score >= 9 else 0 if score >= 7 else -1] += count
    found = _mean(groups, {1: PSEUDO / 4, 0: PSEUDO / 2, -1: PSEUDO / 4}, confidence)
    return found and Estimate(100 * found.value, 100 * found.low, 100 * found.high, found.n)


def csat(counts: Counts, confidence: float = CONFIDENCE) -> Estimate | None:
    """The share that is satisfied (4 or 5), 0 to 100 percent."""
    answers = _checked(counts, Metric.CSAT)
    return share(answers.get(4, 0) + answers.get(5, 0), sum(answers.values()), confidence)


def ces(counts: Counts, confidence: float = CONFIDENCE) -> Estimate | None:
    """The mean of the customer effort score 2.0, 1 to 7; high means easy."""
    return _scale_mean(_checked(counts, Metric.CES), Metric.CES, confidence)


def stars(counts: Counts, confidence: float = CONFIDENCE) -> Estimate | None:
    """The mean of the stars, 1 to 5."""
    return _scale_mean(_checked(counts, Metric.STARS), Metric.STARS, confidence)


FORMULAS: dict[Metric, Callable[[Counts], Estimate | None]] = {
    Metric.NPS: nps,
    Metric.CSAT: csat,
    Metric.CES: ces,
    Metric.STARS: stars,
}
# Lowest and highest value that each figure can take.
ENDS: dict[Metric, tuple[float, float]] = {
    Metric.NPS: (-100.0, 100.0),
    Metric.CSAT: (0.0, 100.0),
    Metric.CES: (1.0, 7.0),
    Metric.STARS: (1.0, 5.0),
}


def raw_mean(counts: Counts) -> float | None:
    """The plain mean of the answers as they were given."""
    n = sum(counts.values())
    return sum(score * count for score, count in counts.items()) / n if n else None


def share(hits: int, n: int, confidence: float = CONFIDENCE) -> Estimate | None:
    """`hits` of `n` in percent with Wilson's score interval; raises ValueError for more hits than answers."""
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return None
    z, raw = _z(confidence), hits / n
    middle = (raw + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(raw * (1 - raw) / n + z * z / (4 * n * n))
    low, high = max(0.0, min(middle - half, raw)), min(1.0, max(middle + half, raw))
    return Estimate(100 * raw, 100 * low, 100 * high, n)


def change(now: Estimate | None, before: Estimate | None) -> Change | None:
    """How much a figure changed, with the interval of the difference (square and add); None when one is missing."""
    if now is None or before is None:
        return None
    value = now.value - before.value
    down = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return Change(value, value - down, value + up)


def stricter(confidence: float, comparisons: int) -> float:
    """The confidence for each of several comparisons, so that all of them together keep `confidence` (Bonferroni)."""
    return 1 - (1 - confidence) / max(comparisons, 1)


def _checked(counts: Counts, metric: Metric) -> Counts:
    low, high = SCALES[metric]
    if wrong := [score for score, count in counts.items() if not low <= score <= high or count < 0]:
        raise ValueError(f"{metric.value} knows no answer {wrong[0]}")
    return counts


def _scale_mean(counts: Counts, metric: Metric, confidence: float) -> Estimate | None:
    low, high = SCALES[metric]
    scale = range(low, high + 1)
    return _mean(
        {score: counts.get(score, 0) for score in scale}, dict.fromkeys(scale, PSEUDO / len(scale)), confidence
    )


def _mean(counts: Counts, pseudo: Mapping[int, float], confidence: float) -> Estimate | None:
    """The mean of the answers; its interval is that of the mean with the pseudo answers (adjusted Wald), cut off at
    the ends of the scale."""
    n = sum(counts.values())
    if n == 0:
        return None
    raw = sum(value * count for value, count in counts.items()) / n
    weights = {value: counts.get(value, 0) + extra for value, extra in pseudo.items()}
    whole = sum(weights.values())
    middle = sum(value * weight for value, weight in weights.items()) / whole
    spread = sum(weight * (value - middle) ** 2 for value, weight in weights.items()) / whole
    half = _z(confidence) * sqrt(spread / whole)
    low, high = max(middle - half, min(pseudo)), min(middle + half, max(pseudo))
    return Estimate(raw, min(low, raw), max(high, raw), n)


@lru_cache(maxsize=64)
def _z(confidence: float) -> float:
    from statistics import NormalDist  # not before a figure is asked for: the server starts sooner

    return NormalDist().inv_cdf((1 + confidence) / 2)
