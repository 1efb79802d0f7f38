"""Work of plugins that comes round: one worker at a time, followed without a restart, visible when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from tests.conftest import SetClock, worker_of
from voc.core.settings import Settings
from voc.core.vocabulary import WorkState
from voc.jobs.engine import Engine
from voc.jobs.periodic import run_due
from voc.model import PluginSchedule, Work
from voc.pipeline.prove import prove
from voc.plugin_host.choices import choose
from voc.plugin_host.context import plugin_context
from voc.plugin_host.settings import change_settings
from voc.runtime import Runtime, schedules
from voc.runtime.following import Following
from voc.runtime.instance import open_instance
from voc.security.access import SYSTEM

CODE = """\
import os, time
from voc.plugin import *

class Sure(Scheduled):
    name = "sure"
    minutes = 5
    wants = ("figures",)
    def run(self, ctx, told):
        n = (ctx.store.get("n") or 0) + 1
        ctx.store.set("n", n)
        return f"run {n}, {told['figures']['left_behind']} left behind, {ctx.options['token']}"

class Bad(Scheduled):
    name = "bad"
    minutes = 10
    def run(self, ctx, told):
        do = ctx.options["do"]
        if do == "hang":
            time.sleep(30)
        if do == "exit":
            os._exit(3)
        if do == "later":
            raise TryLater("come back", after=120)
        if do == "nonsense":
            return 7
        raise ValueError(f"no way in, says {ctx.options['token']}")

@hookimpl
def voc_schedules():
    return [Bad(), Sure()]

@hookimpl
def voc_settings():
    return Options(Option("do", "What.", default="raise"), Option("token", "A word.", default="", secret=True))
"""


@pytest.fixture(params=["worker", "process"])
def mode(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def house(settings: Settings, clock: SetClock, mode: str) -> Iterator[Runtime]:
    """A house with the plugin dropped in, in both modes, on both databases."""
    folder = settings.instance / "plugins" / "clockwork"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE)
    (folder / "plugin.toml").write_text('name = "clockwork"\ncontract = 1\nschedules = ["sure", "bad"]\n')
    trusted = ("clockwork",) if mode == "worker" else ()
    found = open_instance(replace(settings, plugins_in_worker=trusted), create=False, clock=clock)
    yield found
    found.close()


def go_round(house: Runtime) -> dict[str, PluginSchedule]:
    """What a worker does when it looks; how the schedules stand then."""
    schedules.order(house, house.clock())
    worker_of(house)()
    with house.db.reading() as session:
        return {row.name: row for row in session.query(PluginSchedule)}


def put(house: Runtime, plugin: str = "clockwork", **options: Any) -> None:
    with house.db.writing() as session:
        change_settings(
            session, house.host, plugin, options, now=house.clock(), actor=SYSTEM, keys=house.keys
        )  # fmt: skip


def waiting(house: Runtime) -> list[str]:
    with house.db.reading() as session:
        return sorted(row.data["name"] for row in session.query(Work) if row.kind == schedules.KIND)


def test_each_comes_round_at_its_own_pace(house: Runtime, clock: SetClock) -> None:
    put(house, token="a-made-up-token")
    rows = go_round(house)
    assert (rows["sure"].outcome, rows["sure"].text) == ("done", "run 1, None left behind, …")
    assert rows["sure"].plugin == "clockwork"
    prove(house, house.clock())
    go_round(house)
    assert plugin_context(house, "clockwork").store.get("n") == 1  # type: ignore[union-attr]
    clock.forward(minutes=5, seconds=30)
    rows = go_round(house)
    assert rows["sure"].text == "run 2, 0 left behind, …"
    assert timedelta(minutes=4) < rows["sure"].due_at - clock.at <= timedelta(minutes=5)
    assert rows["bad"].failures == 1


def test_one_that_fails_is_visible_and_stops_nobody(house: Runtime, clock: SetClock) -> None:
    put(house, token="a-made-up-token")
    for number in (1, 2):
        rows = go_round(house)
        assert (rows["bad"].outcome, rows["bad"].failures, rows["sure"].outcome) == ("failed", number, "done")
        assert rows["bad"].text == "no way in, says …"
        clock.forward(minutes=11)
    put(house, do="nonsense")
    assert go_round(house)["bad"].text == "plugin clockwork gave no answer that means anything"
    clock.forward(minutes=11)
    put(house, do="later")
    rows = go_round(house)
    assert rows["bad"].text == "come back"
    assert rows["bad"].due_at - clock.at <= timedelta(minutes=2)
    assert waiting(house) == []


def test_one_that_hangs_is_given_up(house: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "LIMIT", 2.0)
    put(house, do="hang")
    rows = go_round(house)
    assert (rows["bad"].outcome, rows["sure"].outcome) == ("failed", "done")
    assert "did not answer within 2 seconds" in rows["bad"].text
    assert house.host.figures()["clockwork"][0].timeouts == 1


def test_one_that_ends_its_process_is_counted(house: Runtime, mode: str) -> None:
    if mode == "worker":
        return  # it would end the worker: what then happens is the next test
    put(house, do="exit")
    rows = go_round(house)
    assert (rows["bad"].outcome, rows["sure"].outcome) == ("failed", "done")
    assert "ended by itself" in rows["bad"].text


def test_one_that_no_worker_survives_comes_round_again(house: Runtime, clock: SetClock) -> None:
    """Its work was given up after several workers died of it: that is put on record, and it is not locked out."""
    schedules.order(house, house.clock())
    with house.db.writing() as session:
        for row in session.query(Work):
            if row.kind == schedules.KIND and row.data["name"] == "bad":
                row.state, row.error = WorkState.QUARANTINED, "the worker died whenever it tried this"
    worker_of(house)()
    clock.forward(minutes=11)
    schedules.order(house, house.clock())
    with house.db.reading() as session:
        row = session.get(PluginSchedule, "bad")
    assert row is not None
    assert (row.outcome, row.text) == ("failed", "the worker died whenever it tried this")
    assert waiting(house) == ["bad", "heartbeat", "sure"]


def test_one_that_comes_once_a_day_is_tried_again_within_an_hour(house: Runtime, clock: SetClock) -> None:
    """It is put on record at the next look, and not only when it would be due again."""
    go_round(house)
    _change_minutes(house, 24 * 60)
    clock.forward(minutes=11)
    schedules.order(house, house.clock())
    with house.db.writing() as session:
        for work in session.query(Work):
            if work.kind == schedules.KIND and work.data["name"] == "bad":
                work.state, work.error = WorkState.QUARANTINED, "the worker died whenever it tried this"
    worker_of(house)()
    for _ in range(3):
        clock.forward(seconds=20)
        schedules.order(house, house.clock())
    with house.db.reading() as session:
        row = session.get(PluginSchedule, "bad")
    assert row is not None
    assert (row.outcome, row.text, row.failures) == ("failed", "the worker died whenever it tried this", 2)
    assert timedelta(minutes=58) < row.due_at - clock.at <= timedelta(hours=1)
    assert waiting(house) == []
    put(house, token="a-made-up-token")
    clock.forward(hours=1)
    assert go_round(house)["bad"].text == "no way in, says …"


def _change_minutes(house: Runtime, minutes: int) -> None:
    offer: Any = house.host.offered("schedules")["bad"][1]
    offer.minutes = minutes


def test_what_was_switched_off_on_the_way_comes_round_when_it_is_back(house: Runtime, clock: SetClock) -> None:
    schedules.order(house, house.clock())
    following = Following(house, "worker")
    deeds: tuple[Literal["disable", "enable"], ...] = ("disable", "enable")
    for deed in deeds:
        with house.db.writing() as session:
            choose(session, "clockwork", deed, now=house.clock(), actor=SYSTEM)
        assert following.look()
        worker_of(house)()
        clock.forward(seconds=20)
    assert waiting(house) == []
    assert go_round(house)["sure"].outcome == "done"


KILLED = """\
import sys
from datetime import datetime
from voc.core.settings import load
from voc.jobs.engine import Engine
from voc.runtime import schedules
from voc.runtime.instance import open_instance

now = datetime.fromisoformat(sys.argv[1])
house = open_instance(load(), create=False, clock=lambda: now)
schedules.order(house, now)
worker = Engine(house, worker="mortal")
worker._recover()
worker.drain("door")
house.close()
"""
MORTAL = """\
import os, pathlib, signal
from voc.plugin import *

class Daily(Scheduled):
    name = "daily"
    minutes = 1440
    def run(self, ctx, told):
        if pathlib.Path(__file__).with_name("deadly").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return "survived"

@hookimpl
def voc_schedules():
    return [Daily()]
"""


@pytest.mark.slow
def test_a_daily_one_whose_worker_was_killed_runs_within_two_hours(sqlite_settings: Settings, clock: SetClock) -> None:
    """Killed for real in the middle of a run: the next worker takes it over at once, and after three the schedule
    waits an hour and not a day."""
    folder = sqlite_settings.instance / "plugins" / "mortal"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(MORTAL)
    (folder / "plugin.toml").write_text('name = "mortal"\ncontract = 1\nschedules = ["daily"]\n')
    (folder / "deadly").touch()
    environment = {**os.environ, "VOC_INSTANCE": str(sqlite_settings.instance), "VOC_PLUGINS_IN_WORKER": "mortal"}

    def work(forward: timedelta) -> int:
        clock.at += forward
        arguments = [sys.executable, "-c", KILLED, clock.at.isoformat()]
        return subprocess.run(arguments, env=environment, timeout=60, check=False, capture_output=True).returncode

    second = timedelta(seconds=1)
    assert [work(second) for _ in range(4)] == [-signal.SIGKILL, -signal.SIGKILL, -signal.SIGKILL, 0]
    (folder / "deadly").unlink()
    assert (work(schedules.LOOK), work(schedules.AGAIN)) == (0, 0)
    found = open_instance(sqlite_settings, create=False, clock=clock)
    with found.db.reading() as session:
        row = session.get_one(PluginSchedule, "daily")
        text, failures = row.text, row.failures
    found.close()
    assert (text, failures) == ("survived", 0)


def test_what_waits_or_runs_is_not_ordered_again(house: Runtime, clock: SetClock) -> None:
    for _ in range(3):
        schedules.order(house, house.clock())
        clock.forward(minutes=11)
    assert waiting(house) == ["bad", "heartbeat", "sure"]
    first, second = Engine(house, worker="one"), Engine(house, worker="two")
    taken = [len(engine._claim("door")) for engine in (first, second, first, second)]
    assert sum(taken) == len(waiting(house))


def test_on_and_off_are_followed_without_a_restart(house: Runtime, clock: SetClock) -> None:
    following = Following(house, "worker")
    go_round(house)
    clock.forward(minutes=11)
    schedules.order(house, house.clock())
    for deed, outcome in (("disable", "run 1"), ("enable", "run 2")):
        with house.db.writing() as session:
            choose(session, "clockwork", deed, now=house.clock(), actor=SYSTEM)  # type: ignore[arg-type]
        assert following.look()
        clock.forward(minutes=11)
        rows = go_round(house)
        assert rows["sure"].text.startswith(outcome)


def test_the_worker_does_it_by_itself(house: Runtime) -> None:
    run_due(house)
    assert "sure" in waiting(house)


@pytest.fixture
def watched(sqlite_settings: Settings, clock: SetClock) -> Iterator[tuple[Runtime, Any]]:
    """A house and a watchdog on loopback."""
    from voc_plugins.heartbeat.fixtures import Watchdog

    settings = replace(sqlite_settings, private_addresses="127.0.0.0/8")
    found = open_instance(settings, create=False, clock=clock)
    with Watchdog.running() as vendor:
        yield found, vendor
    found.close()


def test_the_bundled_one_waits_for_its_settings_and_makes_no_noise(sqlite_runtime: Runtime) -> None:
    row = go_round(sqlite_runtime)["heartbeat"]
    assert (row.outcome, row.failures) == ("unset", 0)
    assert row.text == "plugin heartbeat needs url: voc plugin set heartbeat url=…"


def test_the_bundled_one_pings_and_sounds_the_alarm(
    watched: tuple[Runtime, Any], clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, watchdog = watched
    put(house, "heartbeat", url=watchdog.options["url"])
    row = go_round(house)["heartbeat"]
    assert row.text == "The alarm was sounded: nobody has looked yet whether somebody is left behind"
    prove(house, house.clock())
    clock.forward(minutes=6)
    assert go_round(house)["heartbeat"].text == "All is well, and the watchdog knows."
    clock.forward(hours=2)
    assert "nobody has looked since" in go_round(house)["heartbeat"].text
    assert [got.key for got in watchdog.got] == ["/fail", "", "/fail"]
    watchdog.trouble = "busy"
    clock.forward(minutes=6)
    row = go_round(house)["heartbeat"]
    assert (row.outcome, row.text) == ("failed", "the watchdog cannot now (status 429)")


def test_the_alarm_says_why() -> None:
    from voc_plugins.heartbeat import trouble_of

    now = SetClock().at
    calm = {"left_behind": 0, "looked_at": now, "overdue": 2}
    assert trouble_of(calm, now, overdue=False) == ""
    assert trouble_of(calm, now, overdue=True) == "2 answers are overdue"
    assert trouble_of({**calm, "left_behind": 1}, now, overdue=False) == "1 person is left behind"
    assert trouble_of({**calm, "left_behind": 3}, now, overdue=False) == "3 people are left behind"


def test_it_is_shown_on_the_list(house: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from voc.cli import cli

    go_round(house)
    monkeypatch.setenv("VOC_INSTANCE", str(house.settings.instance))
    monkeypatch.setenv("VOC_DATABASE_URL", house.settings.database_url or "")
    listed = CliRunner().invoke(cli, ["plugin", "list", "-v"]).stdout
    (line,) = [line.strip() for line in listed.splitlines() if line.strip().startswith("schedule bad")]
    assert line.startswith("schedule bad: failed 2026-03-04 15:00 UTC, next 2026-03-04 15:10 UTC. no way in")
