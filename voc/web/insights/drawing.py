"""Where the lines of a chart go: pure geometry, numbers in and SVG coordinates out. Words stay real text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import floor

from voc.insights.morning.views import Bucket, IntakeView
from voc.insights.statistics import Estimate

HEIGHT = 100
STEP = 100
_STEPS = (0.25, 0.5, 1, 1.5, 5, 10, 20, 25, 50)
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure on its scale, in percent of the width from 0.0 to 100.0."""

    left: float
    width: float
    point: float
    before: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A figure over time: paths in a box of `width` times `HEIGHT`; `marks` are the values at its lines, top first."""

    width: int
    marks: tuple[float, ...]
    grid: str
    band: str
    line: str
    dots: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: a bar, and a dash where it usually ends (None where nothing is usual)."""

    x: float
    y: float
    height: float
    usual: float | None
    now: bool


def interval(estimate: Estimate, before: Estimate | None, ends: tuple[float, float]) -> Interval:
    """Where a figure and its interval stand between the ends of its scale."""
    low, high = ends

    def at(value: float) -> float:
        return round(100 * (value - low) / (high - low), 1)

    left = at(estimate.low)
    return Interval(left, round(at(estimate.high) - left, 1), at(estimate.value), at(before.value) if before else None)


def scale(low: float, high: float, ends: tuple[float, float]) -> tuple[float, float]:
    """(lowest value, step) of four equal parts that hold everything from `low` to `high` and stay on the scale."""
    bottom, top = ends
    for step in _STEPS:
        base = min(max(floor(low / step) * step, bottom), top - _PARTS * step)
        if bottom <= base <= low and base + _PARTS * step >= high:
            return base, step
    return bottom, (top - bottom) / _PARTS


def line(buckets: Sequence[Bucket], ends: tuple[float, float]) -> Line | None:
    """The trend with its band; where nobody answered the line has a gap. None without any figure."""
    known = [bucket.estimate for bucket in buckets if bucket.estimate is not None]
    if not known:
        return None
    base, step = scale(min(item.low for item in known), max(item.high for item in known), ends)

    def y(value: float) -> float:
        return round(HEIGHT - HEIGHT * (value - base) / (step * _PARTS), 1)

    runs = _runs(buckets)
    width = STEP * max(len(buckets) - 1, 1)
    places = [[(STEP * at, item) for at, item in run] for run in runs]
    return Line(
        width=width,
        marks=tuple(base + step * part for part in range(_PARTS, -1, -1)),
        grid="".join(f"M0 {HEIGHT * part // _PARTS}h{width}" for part in range(_PARTS)),
        band="".join(_band([(x, y(item.low), y(item.high)) for x, item in run]) for run in places),
        line="".join(_path([(x, y(item.value)) for x, item in run]) for run in places if len(run) > 1),
        dots="".join(f"M{x} {y(item.value)}h0" for x, item in _alone(places)),
    )


def _runs(buckets: Sequence[Bucket]) -> list[list[tuple[int, Estimate]]]:
    """Stretches without a gap, each as (place, figure)."""
    runs: list[list[tuple[int, Estimate]]] = []
    for at, bucket in enumerate(buckets):
        if bucket.estimate is None:
            continue
        if not runs or runs[-1][-1][0] != at - 1:
            runs.append([])
        runs[-1].append((at, bucket.estimate))
    return runs


def _alone(places: Sequence[Sequence[tuple[int, Estimate]]]) -> list[tuple[int, Estimate]]:
    """Points that no line runs through, and the last one of all."""
    return [run[0] for run in places if len(run) == 1] + [places[-1][-1]]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x} {y}" for x, y in points)


def _band(points: Sequence[tuple[float, float, float]]) -> str:
    """Along the upper ends and back along the lower ones; a single point gets a narrow column."""
    if len(points) == 1:
        x, low, high = points[0]
        points = [(x - 4, low, high), (x + 4, low, high)]
    upper = " ".join(f"{x} {high}" for x, _, high in points)
    lower = " ".join(f"{x} {low}" for x, low, _ in reversed(points))
    return f"M{upper} L{lower}z"


def bars(intake: IntakeView, height: int = 40) -> list[Bar]:
    """The 24 hours of today in a box of 240 times `height`."""
    most = max([1.0, *map(float, intake.today), *intake.usual])

    def tall(value: float) -> float:
        return round(height * value / most, 1)

    return [
        Bar(
            x=hour * 10 + 1.5,
            y=round(height - tall(n), 1),
            height=tall(n),
            usual=round(height - tall(intake.usual[hour]), 1) if intake.usual and intake.usual[hour] else None,
            now=hour == intake.hour,
        )
        for hour, n in enumerate(intake.today)
    ]


def daily(series: Sequence[tuple[date, int]], period: int, height: int = 40) -> list[Bar]:
    """Counts of days in a box of ten times their number by `height`; `now` are those of the last `period` days."""
    most = max([1, *(n for _, n in series)])
    bars = []
    for at, (_, n) in enumerate(series):
        tall = round(height * n / most, 1)
        bars.append(
            Bar(x=at * 10 + 1.5, y=round(height - tall, 1), height=tall, usual=None, now=at >= len(series) - period)
        )
    return bars
