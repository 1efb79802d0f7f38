"""On, off, quarantine, release and where a plugin runs, without a restart; safe mode; and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.behaviour.isolation.conftest import CODE, Yard, drop
from voc.core.errors import Forbidden, Invalid
from voc.core.settings import Settings
from voc.core.vocabulary import RoleName
from voc.plugin_host.choices import choose, choose_isolation
from voc.plugin_host.reports import told
from voc.runtime import Runtime
from voc.runtime.following import Following
from voc.security.access import SYSTEM, Actor


def states(runtime: Runtime) -> dict[str, str]:
    return {state.name: state.state for state in runtime.host.states}


def do(runtime: Runtime, deed: Any, name: str = "board", **more: Any) -> None:
    with runtime.db.writing() as session:
        choose(session, name, deed, now=runtime.clock(), actor=SYSTEM, **more)


def test_a_choice_is_followed_without_a_restart(yard: Any) -> None:
    runtime = yard.runtime
    following = Following(runtime, "worker")
    assert following.look() is False
    for deed, state in (
        ("disable", "disabled"),
        ("enable", "loaded"),
        ("quarantine", "quarantined"),
        ("release", "loaded"),
    ):
        do(runtime, deed, reason="it counts twice")
        assert following.look() is True
        assert states(runtime)["board"] == state
        assert (runtime.host.channel("board") is not None) == (state == "loaded")
        assert following.look() is False
    good = yard.say()
    yard.work()
    assert yard.state(good)[0].value == "read"


def test_a_mended_plugin_is_released(open_house: Callable[..., Runtime], sqlite_settings: Settings) -> None:
    folder = drop(sqlite_settings.instance, code="raise RuntimeError('not yet')")
    runtime = open_house()
    assert states(runtime)["board"] == "quarantined"
    (folder / "__init__.py").write_text(CODE)
    following = Following(runtime, "worker")
    assert following.look() is False
    do(runtime, "release")
    assert following.look() is True
    assert states(runtime)["board"] == "loaded"


def test_a_folder_dropped_in_is_found_when_somebody_chooses(yard: Any, sqlite_settings: Settings) -> None:
    drop(sqlite_settings.instance, "second")
    do(yard.runtime, "enable", "second")
    Following(yard.runtime, "web").look()
    assert states(yard.runtime)["second"] == "loaded"


def test_where_it_runs_is_chosen(yard: Any) -> None:
    runtime = yard.runtime
    following = Following(runtime, "worker")
    for where, runs in (("worker", "worker"), ("process", "process"), ("default", "process")):
        with runtime.db.writing() as session:
            choose_isolation(session, "board", where, now=runtime.clock(), actor=SYSTEM)
        following.look()
        (state,) = [state for state in runtime.host.states if state.name == "board"]
        assert (state.state, state.isolation) == ("loaded", runs)
        good = yard.say()
        yard.work()
        assert yard.state(good)[0].value == "read"
    assert yard.children() != set()
    do(runtime, "disable")
    following.look()
    assert yard.children() == set()


def test_only_administrators_choose_and_only_what_there_is(yard: Any) -> None:
    agent = Actor(None, RoleName.MANAGER, frozenset(), "Eva")
    with yard.runtime.db.writing() as session:
        given = {"now": yard.runtime.clock()}
        with pytest.raises(Forbidden):
            choose(session, "board", "disable", actor=agent, **given)
        with pytest.raises(Invalid):
            choose(session, "board", "bless", actor=SYSTEM, **given)  # type: ignore[arg-type]
        with pytest.raises(Invalid):
            choose_isolation(session, "board", "moon", actor=SYSTEM, **given)
        with pytest.raises(Invalid):
            choose(session, "\x00 ", "disable", actor=SYSTEM, **given)


@pytest.mark.parametrize(("which", "loaded"), [("none", set()), ("bundled", {"webform", "email", "webhook", "survey"})])
def test_safe_mode(open_house: Callable[..., Runtime], sqlite_settings: Settings, which: str, loaded: set[str]) -> None:
    drop(sqlite_settings.instance)
    runtime = open_house(plugins=which)
    found = states(runtime)
    assert found["board"] == "off"
    assert {name for name, state in found.items() if state == "loaded"} >= loaded
    assert (set(runtime.host.kinds()) == set()) == (which == "none")


def test_settings_say_where_plugins_run(open_house: Callable[..., Runtime], sqlite_settings: Settings) -> None:
    drop(sqlite_settings.instance)
    runs = {state.name: state.isolation for state in open_house().host.states}
    assert (runs["board"], runs["webform"]) == ("process", "worker")
    runs = {state.name: state.isolation for state in open_house(plugins_in_worker=("*",)).host.states}
    assert (runs["board"], runs["webform"]) == ("worker", "worker")
    house = open_house(plugins_isolated=("*",), plugins_in_worker=("webform",))
    runs = {state.name: (state.isolation, state.state) for state in house.host.states}
    assert (runs.pop("webform"), set(runs.values())) == (("worker", "loaded"), {("process", "loaded")})


def test_every_process_tells_how_its_plugins_stand(yard: Any) -> None:
    runtime = yard.runtime
    bad = yard.say(do="os._exit(9)")
    yard.work()
    Following(runtime, "worker").tell()
    Following(runtime, "web").tell()
    with runtime.db.reading() as session:
        found = {(report.process, report.name): report for report in told(session, now=runtime.clock())}
    board = found["worker", "board"]
    assert (board.state, board.isolation, board.crashes, board.breaker) == ("loaded", "process", 1, "closed")
    # The test of its connection is a call too.
    assert (board.calls, board.failed, board.stuck) == (2, 1, 0)
    assert [what for _, what in board.errors] == ["its process ended by itself with exit status 9"]
    assert found["web", "webform"].load_seconds >= 0
    assert yard.state(bad)[0].value == "stored"


def test_a_replaced_worker_is_counted_by_its_successor(
    open_house: Callable[..., Runtime], sqlite_settings: Settings
) -> None:
    drop(sqlite_settings.instance)
    yard = Yard(open_house(plugins_in_worker=("board",)))
    yard.say(do="threading.Event().wait(8)")
    yard.work()
    Following(yard.runtime, "worker").tell()
    successor = Following(open_house(plugins_in_worker=("board",)), "worker")
    successor.tell()
    with yard.runtime.db.reading() as session:
        found = {report.name: report for report in told(session, now=yard.runtime.clock())}
    assert (found["board"].replaced, found["board"].stuck, found["webform"].replaced) == (1, 0, 0)
