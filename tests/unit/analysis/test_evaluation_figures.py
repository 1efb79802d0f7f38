"""Figures against numbers worked out by hand, and what must hold for any counts."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.analysis.evaluation import confusion
from voc.analysis.evaluation.calibration import Calibration
from voc.analysis.evaluation.resampling import averaged, binomial, interval, resample, resamples

# Rows negative, neutral, positive; columns said negative, neutral, positive, unknown.
TABLE = [6, 1, 1, 2, 2, 5, 1, 2, 1, 1, 7, 1]
TABLES = st.lists(st.integers(0, 40), min_size=confusion.CELLS, max_size=confusion.CELLS)


def test_by_hand() -> None:
    # 18 of 30 right; negative: 6 of 10 found, 6 of 9 said; F1 12/19, 10/17, 14/19.
    assert confusion.accuracy(TABLE) == pytest.approx(0.6)
    assert confusion.recall(TABLE) == pytest.approx(0.6)
    assert confusion.precision(TABLE) == pytest.approx(2 / 3)
    assert [confusion.f1(TABLE, index) for index in range(3)] == pytest.approx([12 / 19, 10 / 17, 14 / 19])
    assert confusion.macro_f1(TABLE) == pytest.approx((12 / 19 + 10 / 17 + 14 / 19) / 3)
    assert confusion.unknown(TABLE) == pytest.approx(5 / 30)


def test_unknown_is_wrong() -> None:
    counts = confusion.empty()
    counts[confusion.cell("negative", "negative")] = 1
    counts[confusion.cell("negative", "unknown")] = 3
    assert (confusion.accuracy(counts), confusion.recall(counts), confusion.precision(counts)) == (0.25, 0.25, 1.0)
    assert confusion.macro_f1(counts) == pytest.approx(2 / 5)


def test_a_class_that_never_occurs_is_left_out_but_naming_it_costs() -> None:
    counts = confusion.empty()
    counts[confusion.cell("negative", "negative")] = 4
    counts[confusion.cell("positive", "positive")] = 4
    assert confusion.macro_f1(counts) == 1.0
    counts[confusion.cell("positive", "neutral")] = 4
    assert confusion.macro_f1(counts) == pytest.approx((1 + 8 / 12) / 2)


def test_of_nothing_there_is_no_figure() -> None:
    nothing = confusion.empty()
    figures = (confusion.accuracy, confusion.macro_f1, confusion.recall, confusion.precision, confusion.unknown)
    assert [figure(nothing) for figure in figures] == [None] * 5
    assert Calibration().error is None
    assert interval([]) is None


def test_words_that_are_no_label_have_no_place() -> None:
    with pytest.raises(ValueError):
        confusion.cell("mixed", "negative")
    with pytest.raises(ValueError):
        confusion.cell("unknown", "negative")


@given(TABLES)
def test_figures_are_shares(counts: list[int]) -> None:
    found = [confusion.accuracy(counts), confusion.macro_f1(counts), confusion.unknown(counts)]
    found += [
        figure(counts, index) for figure in (confusion.recall, confusion.precision, confusion.f1) for index in range(3)
    ]
    assert all(value is None or 0 <= value <= 1 for value in found)


def test_calibration_by_hand() -> None:
    bins = Calibration()
    # One bin: promised .82 + .88, kept 1 of 2; another: promised .95 and kept. |1.7 - 1| + |.95 - 1| over 3.
    for probability, is_right in ((0.82, True), (0.88, False), (0.95, True)):
        bins.add(probability, is_right)
    assert bins.error == pytest.approx((0.7 + 0.05) / 3)
    certain = Calibration()
    certain.add(1.0, True)
    certain.add(0.0, False)
    assert certain.error == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.integers(0, 30))
def test_calibration_is_a_share_and_adds_up(answers: list[tuple[float, bool]], cut: int) -> None:
    whole, first, second = Calibration(), Calibration(), Calibration()
    for index, (probability, is_right) in enumerate(answers):
        whole.add(probability, is_right)
        (first if index < cut else second).add(probability, is_right)
    first.join(second)
    assert whole.error is not None
    assert 0 <= whole.error <= 1
    assert first.error == pytest.approx(whole.error)


@given(TABLES)
def test_a_resample_has_as_many_rows_and_no_new_cells(counts: list[int]) -> None:
    drawn = resample(Random(1), counts)
    assert sum(drawn) == sum(counts)
    assert all(after == 0 for before, after in zip(counts, drawn, strict=True) if before == 0)


@pytest.mark.parametrize(("n", "p"), [(5, 0.3), (40, 0.1), (400, 0.4), (400, 0.93), (20_000, 0.62)])
def test_draws_are_binomial(n: int, p: float) -> None:
    """Mean and variance within five standard errors of what they must be, and against drawing every trial."""
    random, times = Random(7), 4_000
    drawn = [binomial(random, n, p) for _ in range(times)]
    assert all(0 <= value <= n for value in drawn)
    center, variance = sum(drawn) / times, n * p * (1 - p)
    assert abs(center - n * p) < 5 * (variance / times) ** 0.5
    spread = sum((value - n * p) ** 2 for value in drawn) / times
    assert abs(spread - variance) < 5 * variance * (2.5 / times) ** 0.5
    if n <= 40:
        trials = Counter(sum(random.random() < p for _ in range(n)) for _ in range(times))
        found = Counter(drawn)
        assert max(abs(trials[value] - found[value]) for value in range(n + 1)) < 6 * (times / 4) ** 0.5


@pytest.mark.parametrize(("n", "p", "wanted"), [(0, 0.5, 0), (9, 0.0, 0), (9, 1.0, 9), (-1, 0.5, 0)])
def test_draws_that_are_certain(n: int, p: float, wanted: int) -> None:
    assert binomial(Random(1), n, p) == wanted


def test_intervals_are_those_of_rows_drawn_one_by_one() -> None:
    counts = [60, 0, 0, 40, *[0] * 8]
    fast = interval([confusion.accuracy(table) for table in resamples(counts)])
    random = Random(3)
    slow = interval([sum(random.random() < 0.6 for _ in range(100)) / 100 for _ in range(4_000)])
    assert fast == pytest.approx(slow, abs=0.025)
    assert interval([confusion.accuracy(table) for table in resamples(counts)]) == fast, (
        "the same counts, the same answer"
    )


def test_sources_are_not_lucky_together() -> None:
    """The mean of four equal sources has half the interval of one; it would not if all drew the same numbers."""
    counts = [60, 0, 0, 40, *[0] * 8]
    each = [[confusion.accuracy(table) for table in resamples(counts, name)] for name in ("a", "b", "c", "d")]
    one, mean = interval(each[0]), interval(averaged(each))
    assert one is not None
    assert mean is not None
    assert (mean[1] - mean[0]) / (one[1] - one[0]) == pytest.approx(0.5, abs=0.06)
