"""Scores and their intervals: inside the scale, around the figure, narrower with more answers, 0 kept, none is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.vocabulary import SCALES, Metric
from voc.insights.statistics import (
    ENDS,
    FORMULAS,
    Counts,
    Estimate,
    change,
    csat,
    nps,
    raw_mean,
    share,
    stricter,
)

METRICS = list(Metric)


def answers(metric: Metric, most: int = 500) -> st.SearchStrategy[dict[int, int]]:
    """Counts of answers on the scale of a metric, at least one answer."""
    low, high = SCALES[metric]
    counts = st.dictionaries(st.integers(low, high), st.integers(0, most), max_size=high - low + 1)
    return counts.filter(lambda found: sum(found.values()) > 0)


def estimate(metric: Metric, counts: Counts) -> Estimate:
    found = FORMULAS[metric](counts)
    assert found is not None
    return found


@pytest.mark.parametrize("metric", METRICS)
@given(data=st.data())
def test_the_interval_is_around_the_figure_and_on_the_scale(metric: Metric, data: st.DataObject) -> None:
    counts = data.draw(answers(metric))
    found, (low, high) = estimate(metric, counts), ENDS[metric]
    assert low - 1e-9 <= found.low <= found.value <= found.high <= high + 1e-9
    assert found.low < found.high
    assert found.n == sum(counts.values())


@pytest.mark.parametrize("metric", METRICS)
@given(data=st.data(), times=st.integers(2, 50))
def test_more_of_the_same_answers_narrow_it(metric: Metric, data: st.DataObject, times: int) -> None:
    counts = data.draw(answers(metric, most=50))
    few, many = estimate(metric, counts), estimate(metric, {score: n * times for score, n in counts.items()})
    assert many.high - many.low < few.high - few.low + 1e-9
    assert math.isclose(many.value, few.value, abs_tol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_one_answer_at_either_end_says_little(metric: Metric) -> None:
    for answer in SCALES[metric]:
        found, (low, high) = estimate(metric, {answer: 1}), ENDS[metric]
        assert found.value in (low, high)
        assert found.high - found.low > 0.5 * (high - low)


@pytest.mark.parametrize("metric", METRICS)
def test_all_alike_is_not_certainty(metric: Metric) -> None:
    for answer in SCALES[metric]:
        found, (low, high) = estimate(metric, {answer: 50}), ENDS[metric]
        assert 0.01 * (high - low) < found.high - found.low < 0.2 * (high - low)


@pytest.mark.parametrize("metric", METRICS)
def test_no_answer_is_no_score(metric: Metric) -> None:
    assert FORMULAS[metric]({}) is None
    assert FORMULAS[metric]({SCALES[metric][0]: 0}) is None


@pytest.mark.parametrize("metric", METRICS)
def test_an_answer_outside_the_scale_is_a_fault(metric: Metric) -> None:
    low, high = SCALES[metric]
    for counts in ({low - 1: 1}, {high + 1: 1}, {low: -1}):
        with pytest.raises(ValueError, match="knows no answer"):
            FORMULAS[metric](counts)


def test_nought_is_an_answer() -> None:
    nought = nps({0: 1, 10: 1})
    assert nought is not None
    assert (nought.value, nought.n) == (0.0, 2)
    assert raw_mean({0: 3}) == 0.0
    assert raw_mean({}) is None


def test_known_figures() -> None:
    score = nps({10: 50, 8: 30, 3: 20})
    assert score is not None
    assert (round(score.value), round(score.low), round(score.high)) == (30, 14, 45)
    satisfied = csat({5: 60, 4: 24, 3: 6, 1: 10})
    assert satisfied is not None
    assert (satisfied.value, round(satisfied.low), round(satisfied.high)) == (84.0, 76, 90)
    effort = FORMULAS[Metric.CES]({7: 40, 5: 40, 1: 20})
    assert effort is not None
    assert effort.value == 5.0


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_share_and_its_rest_are_mirror_images(hits: int, misses: int) -> None:
    one, other = share(hits, hits + misses), share(misses, hits + misses)
    assert (one is None) == (other is None) == (hits + misses == 0)
    if one is not None and other is not None:
        assert math.isclose(one.low, 100 - other.high, abs_tol=1e-9)


def test_more_hits_than_answers_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no share"):
        share(2, 1)


@given(answers(Metric.NPS), answers(Metric.NPS))
def test_a_change_is_seen_the_same_from_both_sides(now: Counts, before: Counts) -> None:
    there, back = change(nps(now), nps(before)), change(nps(before), nps(now))
    assert there is not None
    assert back is not None
    assert math.isclose(there.low, -back.high, abs_tol=1e-9)
    assert there.low <= there.value <= there.high
    assert {there.direction, back.direction} in ({"up", "down"}, {"unclear"})


def test_a_change_is_proved_only_by_enough_answers() -> None:
    few, many = ({10: 6, 0: 4}, {10: 4, 0: 6}), ({10: 600, 0: 400}, {10: 400, 0: 600})
    small, large = change(nps(few[0]), nps(few[1])), change(nps(many[0]), nps(many[1]))
    assert small is not None
    assert large is not None
    assert (small.direction, large.direction) == ("unclear", "up")
    assert change(nps(few[0]), None) is None
    assert change(nps({7: 5}), nps({7: 5})).direction == "unclear"  # type: ignore[union-attr]


def covered(n: int, chances: tuple[float, float, float], interval: Callable[[Counts], Estimate | None]) -> float:
    """How often the interval holds the true NPS: every outcome of n answers, weighted by its chance."""
    truth, total = 100 * (chances[0] - chances[2]), 0.0
    for up, down in product(range(n + 1), repeat=2):
        even = n - up - down
        if even < 0:
            continue
        ways = math.lgamma(n + 1) - sum(math.lgamma(count + 1) for count in (up, even, down))
        chance = math.exp(ways + sum(c * math.log(p) for c, p in zip((up, even, down), chances, strict=True)))
        found = interval({10: up, 7: even, 0: down})
        total += chance * (found is not None and found.low <= truth <= found.high)
    return total


@pytest.mark.parametrize("n", [5, 10, 30])
def test_the_interval_of_the_nps_holds_what_it_promises(n: int) -> None:
    cases = [(0.6, 0.3, 0.1), (0.4, 0.3, 0.3), (0.8, 0.15, 0.05), (0.2, 0.2, 0.6), (0.9, 0.08, 0.02), (0.2, 0.6, 0.2)]
    found = [covered(n, chances, nps) for chances in cases]
    assert min(found) > 0.9
    assert 0.94 < sum(found) / len(found) < 0.97


def test_many_comparisons_ask_for_more() -> None:
    assert stricter(0.95, 1) == pytest.approx(0.95)
    assert stricter(0.95, 10) == pytest.approx(0.995)
    assert stricter(0.95, 0) == pytest.approx(0.95)
