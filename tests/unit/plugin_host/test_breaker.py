"""The breaker: closed, open, half-open, over a clock that is only a number; and the guard's threads and counts."""

from __future__ import annotations

import threading

import pytest

from voc.plugin_host import Guard, PluginFailed
from voc.plugin_host.breaker import BUDGET, LONGEST, PAUSE, Breaker


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(BUDGET):
        assert breaker.admit(now)
        breaker.failed(now)
    return breaker


def test_opens_after_so_many_in_a_row_and_only_then() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(BUDGET - 1):
            breaker.failed(0)
        breaker.answered()
    assert breaker.state(0) == "closed"
    assert opened().state(0) == "open"
    assert not opened().admit(PAUSE - 0.1)


def test_one_call_tries_and_all_go_on_when_it_comes_back() -> None:
    breaker = opened()
    assert breaker.state(PAUSE) == "half-open"
    assert [breaker.admit(PAUSE) for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert (breaker.state(PAUSE), breaker.admit(PAUSE)) == ("closed", True)


def test_the_pause_doubles_while_it_fails_up_to_a_limit() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(8):
        now = breaker.open_until or 0.0
        assert breaker.admit(now)
        breaker.failed(now)
        pauses.append((breaker.open_until or 0.0) - now)
    assert pauses[:3] == [2 * PAUSE, 4 * PAUSE, 8 * PAUSE]
    assert pauses[-1] == LONGEST


def test_a_try_that_was_not_made_is_left_to_the_next() -> None:
    breaker = opened()
    assert breaker.admit(PAUSE)
    breaker.withdrawn()
    assert breaker.admit(PAUSE)


def test_a_call_that_comes_back_late_is_stuck_no_more_and_its_thread_serves_again() -> None:
    guard, gate, back = Guard(limit=0.2), threading.Event(), threading.Event()

    def slow() -> str:
        gate.wait(30)
        back.set()
        return "late"

    with pytest.raises(PluginFailed, match="did not answer"):
        guard.call("slow", slow)
    assert (guard.stuck, guard.tallies["slow"].timeouts) == (1, 1)
    gate.set()
    assert back.wait(30)
    assert guard.call("slow", lambda: "at once", limit=30) == "at once"
    # Whoever gives its thread back counts first; the second call may have had a thread of its own.
    for _ in range(1000):
        if guard.stuck == 0:
            break
        guard.call("other", threading.get_ident, limit=30)
    assert guard.stuck == 0


def test_a_plugin_with_too_many_stuck_calls_gets_no_further_thread() -> None:
    guard, gate = Guard(limit=0.02), threading.Event()
    for _ in range(BUDGET):
        with pytest.raises(PluginFailed):
            guard.call("hangs", gate.wait, 30)
    with pytest.raises(PluginFailed, match="is paused") as caught:
        guard.call("hangs", gate.wait, 30)
    assert caught.value.paused
    assert guard.exhausted
    assert guard.call("other", lambda: 1, limit=30) == 1
    gate.set()
