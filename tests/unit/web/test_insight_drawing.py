"""Geometry of the charts: everything inside the box, gaps where nobody answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.vocabulary import Metric
from voc.insights.morning.views import Bucket, IntakeView
from voc.insights.statistics import ENDS, Estimate, nps
from voc.web.insights.drawing import bars, interval, line, scale

DAY = date(2026, 3, 2)


def buckets(*answers: dict[int, int]) -> list[Bucket]:
    return [Bucket(DAY + timedelta(days=at), nps(counts), counts) for at, counts in enumerate(answers)]


@given(st.sampled_from(list(Metric)), st.data())
def test_a_scale_holds_everything_and_stays_on_the_metric(metric: Metric, data: st.DataObject) -> None:
    bottom, top = ENDS[metric]
    low, high = sorted(data.draw(st.tuples(st.floats(bottom, top), st.floats(bottom, top))))
    base, step = scale(low, high, ENDS[metric])
    assert bottom <= base <= low
    assert high <= base + 4 * step <= top + 1e-9
    assert step > 0


def test_an_interval_stands_on_its_scale() -> None:
    found = interval(Estimate(0, -50, 50, 10), Estimate(-100, -100, 0, 3), (-100.0, 100.0))
    assert (found.left, found.width, found.point, found.before) == (25.0, 50.0, 50.0, 0.0)
    assert interval(Estimate(0, -50, 50, 10), None, (-100.0, 100.0)).before is None


def test_a_line_has_a_gap_where_nobody_answered() -> None:
    found = line(buckets({10: 4}, {10: 3, 0: 1}, {}, {0: 5}), ENDS[Metric.NPS])
    assert found is not None
    assert found.line.count("M") == 1
    assert found.band.count("z") == 2
    assert found.dots.count("M") >= 1
    assert found.width == 300
    assert found.marks[0] > found.marks[-1]


def test_a_line_without_any_figure_is_none() -> None:
    assert line(buckets({}, {}), ENDS[Metric.NPS]) is None


def test_one_figure_alone_is_drawn() -> None:
    found = line(buckets({0: 1}), ENDS[Metric.NPS])
    assert found is not None
    assert (found.line, found.band.count("z")) == ("", 1)


@given(st.lists(st.integers(0, 10_000), min_size=24, max_size=24), st.integers(0, 23))
def test_bars_stay_in_their_box(today: list[int], hour: int) -> None:
    usual = tuple(n / 3 for n in reversed(today))
    for bar in bars(IntakeView(tuple(today), usual, 4, hour)):
        assert 0 <= bar.y <= 40
        assert bar.y + bar.height == pytest.approx(40, abs=0.11)
        assert bar.usual is None or 0 <= bar.usual <= 40
    assert all(bar.usual is None for bar in bars(IntakeView(tuple(today), (), 0, hour)))
