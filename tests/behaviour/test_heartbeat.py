"""Whether a worker is alive: it says so itself, and whoever looks after the house is told when it does not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from voc.core.settings import Settings
from voc.jobs import queries
from voc.jobs.engine import Engine
from voc.jobs.periodic import run_due
from voc.model import Schedule
from voc.process.lock import InstanceLock
from voc.runtime import Runtime
from voc.runtime.address import LOCK
from voc.runtime.doctor import Finding, examine
from voc.runtime.heartbeat import EVERY, NAME, SILENT, beat, is_silent, keep_beating, seen

AT = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(days=-3), timedelta(days=3))


@given(SPANS | st.none(), SPANS)
def test_the_rule(ago: timedelta | None, watched: timedelta) -> None:
    mark, since = None if ago is None else AT - ago, AT - watched
    silent = is_silent(mark, since=since, now=AT)
    assert silent == (watched > SILENT and (ago is None or ago > SILENT))


def last(runtime: Runtime) -> datetime | None:
    with runtime.db.reading() as session:
        return seen(session)


def test_a_beat_is_one_row_that_only_moves_forward(runtime: Runtime, clock: Any) -> None:
    assert last(runtime) is None
    first = clock()
    beat(runtime.db, first)
    assert last(runtime) == first
    later = clock.forward(seconds=40)
    beat(runtime.db, later)
    beat(runtime.db, first)  # a worker whose clock is behind
    assert last(runtime) == later


def test_no_lane_wakes_up_for_it(runtime: Runtime, clock: Any) -> None:
    run_due(runtime)
    with runtime.db.reading() as session:
        before = queries.next_due(session, "slow")
    beat(runtime.db, clock())
    with runtime.db.reading() as session:
        assert queries.next_due(session, "slow") == before
    clock.forward(days=400)
    run_due(runtime)
    with runtime.db.reading() as session:
        mark = session.get_one(Schedule, NAME)
        assert mark.ran_at is not None
        assert mark.ran_at < clock() - timedelta(days=399), "nobody runs it"


def test_a_worker_beats_while_a_lane_lives_and_seldom(runtime: Runtime, until: Callable[..., None]) -> None:
    stop, end_of_lane = threading.Event(), threading.Event()
    writes: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "SET")):
            writes.append(statement)

    event.listen(runtime.db.engine, "before_cursor_execute", note)
    heart = threading.Thread(target=keep_beating, args=(runtime, stop), kwargs={"pause": 0.01})
    heart.start()
    heart.join(0.1)
    assert last(runtime) is None, "there is no lane yet"
    lane = threading.Thread(target=end_of_lane.wait, name="lane-slow")
    lane.start()
    until(lambda: last(runtime) is not None, "the first beat")
    heart.join(0.3)
    assert len(writes) == 1, "one statement in half a minute"
    assert timedelta(seconds=30) <= EVERY < SILENT / 2
    end_of_lane.set()
    stop.set()
    for thread in (lane, heart):
        thread.join(5)
        assert not thread.is_alive()


def test_the_engine_calls_its_threads_as_the_heart_expects(runtime: Runtime, until: Callable[..., None]) -> None:
    engine, stop = Engine(runtime, worker="test"), threading.Event()
    work = threading.Thread(target=engine.run)
    heart = threading.Thread(target=keep_beating, args=(runtime, stop), kwargs={"pause": 0.01})
    work.start()
    heart.start()
    try:
        until(lambda: last(runtime) is not None, "the first beat")
    finally:
        engine.stop()
        stop.set()
        work.join(15)
        heart.join(5)
    assert not work.is_alive()


def worker(settings: Settings, runtime: Runtime) -> Finding:
    return next(item for item in examine(settings, now=runtime.clock()) if item.what == "worker")


def test_the_doctor_tells(sqlite_settings: Settings, sqlite_runtime: Runtime, clock: Any) -> None:
    settings, runtime, path = sqlite_settings, sqlite_runtime, sqlite_settings.instance / LOCK
    never = worker(settings, runtime)
    assert (never.state, never.text) == ("look", "there has never been a sign of life")
    beat(runtime.db, clock())
    clock.forward(seconds=30)
    alive = worker(settings, runtime)
    assert (alive.state, alive.text) == ("ok", "alive, last sign of life 30 seconds ago")
    clock.forward(hours=3)
    assert worker(settings, runtime).state == "look", "nothing runs here, so nothing is broken"
    with InstanceLock(path):
        os.utime(path, (clock.at.timestamp(),) * 2)
        assert worker(settings, runtime).state == "look"
        clock.forward(minutes=3)
        dead = worker(settings, runtime)
        assert dead.state == "wrong"
        assert "no sign of life since 2026-03-04 15:00 UTC" in dead.text
        assert dead.todo


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for a condition, bounded."""

    def wait(condition: Callable[[], bool], what: str) -> None:
        for _ in range(1000):
            if condition():
                return
            threading.Event().wait(0.01)
        raise AssertionError(f"waited in vain: {what}")

    return wait
