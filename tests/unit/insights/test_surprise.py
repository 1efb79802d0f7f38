"""How surprising a count is: against values computed by hand and by other formulas, and by chance with a fixed seed."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.insights.emerging.surprise import (
    could_be_found,
    excess,
    false_discovery,
    least_chance,
    spread_of,
    surprise,
    upper_tail,
    weekday_factors,
)


def conditional(n: int, before: int, share: float) -> float:
    """The exact test of two Poisson rates: of all who said it, how likely are `n` or more in the period."""
    total = n + before
    return sum(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(n, total + 1))


def test_never_said_before_it_is_a_power() -> None:
    """Four of four people in one ninth of all that was said: (1/9)⁴."""
    found = surprise(4, 0, 7, 56)
    assert found.chance == pytest.approx((1 / 9) ** 4)
    assert found.expected == pytest.approx(7 / 56)
    assert found.chance == pytest.approx(least_chance(4, 7, 56))


def test_by_hand_with_one_said_before() -> None:
    """Two of three in half: three times 1/8, and all three: 1/8."""
    assert surprise(2, 1, 10, 10).chance == pytest.approx(4 / 8)
    assert surprise(3, 0, 10, 10).chance == pytest.approx(1 / 8)


@given(st.integers(0, 60), st.integers(0, 200), st.floats(0.01, 0.9))
def test_without_spread_it_is_the_exact_conditional_test(n: int, before: int, share: float) -> None:
    found = surprise(n, before, share, 1 - share)
    assert found.chance == pytest.approx(conditional(n, before, share), rel=1e-6, abs=1e-9)


@given(st.integers(0, 300), st.floats(0.01, 200), st.floats(0.05, 500))
def test_a_chance_is_a_chance_and_falls(n: int, mean: float, size: float) -> None:
    here, next_one = upper_tail(n, mean, size), upper_tail(n + 1, mean, size)
    assert 0 <= next_one <= here + 1e-12 <= 1 + 1e-9


@given(st.integers(3, 80), st.integers(0, 40), st.floats(0.01, 3))
def test_more_spread_never_makes_a_far_count_more_surprising(n: int, before: int, spread: float) -> None:
    calm, wild = surprise(n, before, 7, 84), surprise(n, before, 7, 84, spread)
    assert wild.expected == calm.expected
    if n >= 3 * calm.expected:
        assert wild.chance >= calm.chance * (1 - 1e-9)


def test_nobody_spoke_is_no_rate() -> None:
    for exposed, before in ((0, 10), (10, 0), (-1, 1)):
        with pytest.raises(ValueError, match="people"):
            surprise(1, 1, exposed, before)


def test_benjamini_and_hochberg_by_hand() -> None:
    """0.005·4/1, 0.01·4/2, 0.03·4/3, 0.04·4/4; each at most the next."""
    assert false_discovery([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert false_discovery([]) == []
    assert false_discovery([0.3]) == [0.3]


@given(st.lists(st.floats(0, 1), max_size=40))
def test_levels_keep_the_order_and_are_no_smaller(chances: list[float]) -> None:
    levels = false_discovery(chances)
    assert all(level >= chance for level, chance in zip(levels, chances, strict=True))
    ranked = [level for _, level in sorted(zip(chances, levels, strict=True))]
    assert ranked == sorted(ranked)


def test_what_could_never_be_found_is_no_test() -> None:
    """At 0.05: one least chance at most 0.05/1; two at most 0.05/2 would be needed for K = 2, and there are two."""
    assert could_be_found([0.02, 0.02, 0.2, 0.9], 0.05) == [True, True, False, False]
    assert could_be_found([0.04, 0.2, 0.9], 0.05) == [True, False, False]
    assert could_be_found([], 0.05) == []
    assert could_be_found([0.5], 0.05) == [False]


def test_equal_weeks_have_no_excess_and_a_wild_one_has() -> None:
    over, squares = excess([10, 10, 10, 10], [100, 100, 100, 100])
    assert (over, squares) == (pytest.approx(-30), pytest.approx(400))
    assert spread_of((over, squares), 0.0) == 0.0
    wild = excess([0, 40, 0, 0], [100, 100, 100, 100])
    assert wild[0] == pytest.approx(900 + 3 * 100 - 30)
    assert spread_of(wild, 0.0) == pytest.approx(1170 / 420)
    assert excess([], []) == excess([0, 0], [5, 5]) == (0.0, 0.0)


def test_days_of_the_week_are_drawn_to_one() -> None:
    spoke = dict.fromkeys(range(7), 10.0)
    assert weekday_factors({}, spoke) == dict.fromkeys(range(7), 1.0)
    monday = weekday_factors({0: 70}, spoke)
    assert monday[0] == pytest.approx((70 + 5) / (10 + 5))
    assert monday[1] == pytest.approx(5 / 15)
    assert weekday_factors({}, {}) == {}


def test_under_no_change_false_alarms_stay_below_their_level() -> None:
    """Of exact chances of Poisson counts whose rate did not change at most 5 % are below 5 %, at any rate."""
    chance = random.Random(4)
    for rate in (0.2, 2.0, 20.0):
        low = sum(
            surprise(poisson(chance, rate), poisson(chance, 12 * rate), 1, 12).chance <= 0.05 for _ in range(2000)
        )
        assert low <= 0.05 * 2000 + 3 * math.sqrt(0.05 * 0.95 * 2000)


def poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
