"""A plugin that is away for a moment: what it was to do waits for it, and is refused only when nobody is known to
offer it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from voc.core.errors import Temporary
from voc.core.settings import Settings
from voc.core.vocabulary import WorkState
from voc.delivery.calling import call_offer, offer_of
from voc.jobs.engine import Engine
from voc.model import PluginReport, PluginSetting, RuleDeed, RuleVersion, SlotPanel, Work
from voc.plugin_host.choices import choose
from voc.plugin_host.choices import chosen as chosen_plugins
from voc.plugin_host.policy import Policy
from voc.routing.deeds.doing import TRIES
from voc.routing.deeds.queries import deeds_of
from voc.runtime import Runtime
from voc.runtime.following import Following
from voc.runtime.instance import open_instance
from voc.security.access import SYSTEM

MANIFEST = 'name = "pager"\ncontract = 1\nactions = ["page"]\nnotifiers = ["pager"]\nslots = ["rota"]\n'
CODE = """\
from voc.plugin import Action, Done, Notifier, Panel, Slot, hookimpl

class Page(Action):
    name = "page"

    def run(self, ctx, deed):
        ctx.store.set("paged", [*(ctx.store.get("paged") or []), deed.id])
        return Done("paged")

class Pager(Notifier):
    name = "pager"

    def notify(self, ctx, notice):
        ctx.store.set("told", [*(ctx.store.get("told") or []), notice.subject])

class Rota(Slot):
    name = "rota"
    place = "case"

    def fill(self, ctx, customer, case):
        return Panel(text="Eva is on duty")

@hookimpl
def voc_actions():
    return [Page()]

@hookimpl
def voc_notifiers():
    return [Pager()]

@hookimpl
def voc_slots():
    return [Rota()]
"""
ACTIONS: dict[str, Any] = {"plugin": [{"name": "page"}], "notify": ["notifier:pager"]}
ANA = {"external_id": "c-7", "verified": True}
AWAY = {
    "routing.deed": "Temporary: plugin pager, which has the action page, is not loaded now",
    "delivery.notifier": "Temporary: plugin pager, which has the notifier pager, is not loaded now",
}


def drop(house: Runtime, code: str = CODE) -> Path:
    """Drop the pager into the instance; where it lies."""
    folder = house.settings.instance / "plugins" / "pager"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    return folder


def look(house: Runtime) -> None:
    """As a process does when somebody chose something."""
    with house.db.reading() as session:
        policy = Policy.of(house.settings, chosen_plugins(session))
    house.host.apply(policy)


def waiting(place: Any) -> dict[str, Work]:
    return {row.kind: row for row in place.all(Work) if row.kind in AWAY}


def kept(place: Any) -> dict[str, Any]:
    row = place.get(PluginSetting, "pager")
    return row.store if row else {}


def views(place: Any, feedback_id: Any) -> list[tuple[str, str]]:
    with place.runtime.db.reading() as session:
        return [(view.state, view.text) for found in deeds_of(session, [feedback_id]).values() for view in found]


@pytest.fixture
def runtime(settings: Settings, clock: Any) -> Iterator[Runtime]:
    """A running house whose dropped-in plugins run in the worker: what is tried here is the same in both places."""
    own = replace(settings, private_addresses="127.0.0.0/8", base_url="https://voc.example", plugins_in_worker=("*",))
    found = open_instance(own, create=False, clock=clock)
    yield found
    found.close()


@pytest.fixture
def pager(place: Any) -> Path:
    folder = drop(place.runtime)
    look(place.runtime)
    place.rule(**ACTIONS)
    return folder


def test_a_folder_that_is_taken_away_and_put_back_does_it_late_and_once(
    place: Any, pager: Path, tmp_path: Path
) -> None:
    shutil.move(pager, tmp_path / "pager")
    look(place.runtime)
    feedback_id = place.say("mal")
    assert {kind: (row.state, row.error) for kind, row in waiting(place).items()} == {
        kind: (WorkState.TODO, error) for kind, error in AWAY.items()
    }
    assert views(place, feedback_id) == [("retrying", AWAY["routing.deed"])]
    shutil.move(tmp_path / "pager", pager)
    look(place.runtime)
    place.runtime.clock.forward(minutes=1)
    place.work()
    place.work()
    (deed,) = place.all(RuleDeed)
    assert kept(place) == {"paged": [str(deed.id)], "told": ["Enojados: caso C-1"]}
    assert views(place, feedback_id) == [("done", "paged")]
    assert waiting(place) == {}


@pytest.mark.parametrize("deed", ["disable", "quarantine"])
def test_one_that_a_person_took_out_is_waited_for(place: Any, pager: Path, deed: Any) -> None:
    house = place.runtime
    with house.db.writing() as session:
        choose(session, "pager", deed, now=house.clock(), actor=SYSTEM)
    # A process that never had it loaded: it knows it by its plugin.toml alone.
    other = open_instance(house.settings, create=False, clock=house.clock)
    try:
        place.say("mal", work=False)
        Engine(other, worker="other").drain("flow")
        Engine(other, worker="other").drain("door")
        assert {kind: row.error for kind, row in waiting(place).items()} == AWAY
    finally:
        other.close()
    with house.db.writing() as session:
        choose(session, "pager", "release", now=house.clock(), actor=SYSTEM)
    look(house)
    house.clock.forward(minutes=1)
    place.work()
    assert waiting(place) == {}
    assert set(kept(place)) == {"paged", "told"}


def test_one_that_only_another_process_has_is_waited_for(place: Any, pager: Path, tmp_path: Path) -> None:
    """Two machines: the folder came to the other one first."""
    house = place.runtime
    Following(house, "web").tell()
    assert "actions.page" in place.get(PluginReport, ("web", "pager")).facts["offers"]
    shutil.move(pager, tmp_path / "pager")
    other = open_instance(house.settings, create=False, clock=house.clock)
    try:
        place.say("mal", work=False)
        Engine(other, worker="other").drain("flow")
        Engine(other, worker="other").drain("door")
        assert {kind: row.error for kind, row in waiting(place).items()} == AWAY
    finally:
        other.close()


def test_while_it_is_being_loaded_anew_it_is_waited_for(place: Any, pager: Path, tmp_path: Path) -> None:
    """Work that falls into the seconds between the old plugin and the new one."""
    house, go, begun = place.runtime, tmp_path / "go", tmp_path / "begun"
    with house.db.writing() as session:
        choose(session, "pager", "disable", now=house.clock(), actor=SYSTEM)
    look(house)
    slow = (
        f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\n"
        f"for _ in range(800):\n    if pathlib.Path({str(go)!r}).exists():\n        break\n    time.sleep(0.01)\n"
    )
    (pager / "__init__.py").write_text(slow + CODE, encoding="utf-8")
    with house.db.writing() as session:
        choose(session, "pager", "enable", now=house.clock(), actor=SYSTEM)
    thread = threading.Thread(target=look, args=(house,))
    thread.start()
    try:
        for _ in range(800):
            if begun.exists():
                break
            time.sleep(0.01)
        place.say("mal")
        assert {kind: (row.state, row.error) for kind, row in waiting(place).items()} == {
            kind: (WorkState.TODO, error) for kind, error in AWAY.items()
        }
    finally:
        go.touch()
        thread.join()
    house.clock.forward(minutes=1)
    place.work()
    assert waiting(place) == {}
    assert set(kept(place)) == {"paged", "told"}


def test_after_the_ordinary_tries_it_waits_for_a_person(place: Any, pager: Path, tmp_path: Path) -> None:
    shutil.move(pager, tmp_path / "pager")
    look(place.runtime)
    place.say("mal")
    for _ in range(TRIES.attempts):
        place.runtime.clock.forward(hours=1)
        place.work()
    found = waiting(place)
    assert {kind: (row.state, row.error) for kind, row in found.items()} == {
        kind: (WorkState.QUARANTINED, error) for kind, error in AWAY.items()
    }
    assert found["routing.deed"].attempts == TRIES.attempts


def test_what_nobody_is_known_to_offer_is_refused_at_once(place: Any, pager: Path) -> None:
    house = place.runtime
    with house.db.writing() as session:
        actions = {"plugin": [{"name": "sing"}], "notify": ["notifier:singer"]}
        session.execute(update(RuleVersion).where(RuleVersion.name == "Enojados").values(actions=actions))
        session.execute(update(RuleDeed).values(action="sing"))
    place.say("mal")
    assert {kind: (row.state, row.error) for kind, row in waiting(place).items()} == {
        "routing.deed": (WorkState.QUARANTINED, "Permanent: no loaded plugin offers the action sing"),
        "delivery.notifier": (WorkState.QUARANTINED, "Permanent: no loaded plugin offers the notifier singer"),
    }


def test_a_call_that_finds_it_gone_is_made_later(place: Any, pager: Path, tmp_path: Path) -> None:
    """It went after somebody looked for it: called all the same, it would find none of its settings."""
    house = place.runtime
    _, offer = offer_of(house, "actions", "page")
    shutil.move(pager, tmp_path / "pager")
    look(house)
    called: list[Any] = []
    with pytest.raises(Temporary, match="plugin pager is not loaded now"):
        call_offer(house, "pager", lambda ctx: called.append(offer))
    assert called == []


def test_a_panel_waits_for_its_plugin_too(place: Any, pager: Path, tmp_path: Path, work: Callable[[], None]) -> None:
    place.say("mal", work=False, **ANA)
    Engine(place.runtime, worker="test").drain("flow")
    shutil.move(pager, tmp_path / "pager")
    look(place.runtime)
    work()
    (panel,) = [item for item in place.all(SlotPanel) if item.slot == "rota"]
    assert panel.error == "plugin pager, which has the slot rota, is not loaded now"
    shutil.move(tmp_path / "pager", pager)
    look(place.runtime)
    place.runtime.clock.forward(minutes=2)
    work()
    (panel,) = [item for item in place.all(SlotPanel) if item.slot == "rota"]
    assert (panel.error, panel.data["text"]) == (None, "Eva is on duty")
