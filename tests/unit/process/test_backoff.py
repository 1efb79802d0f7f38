"""Waits between restarts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voc.process.backoff import Backoff


def test_waits_double_up_to_the_limit() -> None:
    backoff = Backoff()
    waits = [backoff.after(0.0) for _ in range(9)]
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_long_life_begins_anew() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(29.9)
    assert backoff.after(30.0) == 0.1
    assert backoff.after(0.0) == 0.2


@given(st.lists(st.floats(min_value=0, max_value=1000)))
def test_waits_stay_between_first_and_limit(lives: list[float]) -> None:
    backoff = Backoff()
    assert all(0.1 <= backoff.after(lived) <= 10.0 for lived in lives)
