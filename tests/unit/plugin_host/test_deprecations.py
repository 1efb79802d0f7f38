"""What is going to go away: who still uses it is told so, and is loaded as before; arguments are added compatibly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pluggy
import pytest
from click.testing import CliRunner

from tests.unit.plugin_host.conftest import CODE
from voc.cli import cli
from voc.core.settings import Settings
from voc.plugin_host import PluginHost, PluginState, deprecations, loading
from voc.plugin_host.deprecations import Deprecation, warnings_for
from voc.plugin_host.guard import Guard
from voc.plugin_host.manifest import contract_problem

Load = Callable[..., tuple[PluginHost, dict[str, PluginState]]]
OLD = Deprecation(1, 2, "say it in the store of the plugin")


@pytest.mark.parametrize(
    "name", ["hook voc_channels", "key capabilities", "name Inbound", "method Channel.read", "attribute Channel.kind"]
)
def test_whoever_uses_it_is_told(drop: Any, load: Load, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(deprecations.TABLE, name, OLD)
    monkeypatch.setitem(deprecations.TABLE, "hook voc_slots", OLD)
    drop("board")
    _, states = load()
    assert states["board"].state == "loaded"
    assert states["board"].warnings == (
        f"{name} goes away with contract 2 (announced with contract 1); say it in the store of the plugin",
    )


def test_nothing_is_going_away_today(drop: Any, load: Load) -> None:
    drop("board")
    _, states = load()
    assert {state.warnings for state in states.values()} == {()}
    assert warnings_for({"hook voc_channels"}) == ()


def test_the_list_says_so(sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(deprecations.TABLE, "method Channel.send", OLD)
    folder = sqlite_settings.instance / "plugins" / "board"
    folder.mkdir(parents=True)
    code = CODE + "\nBoard.send = lambda self, ctx, message: None\n"
    (folder / "__init__.py").write_text(code.replace("{name}", "board"))
    (folder / "plugin.toml").write_text('name = "board"\ncontract = 1\nkinds = ["board"]\n')
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    listed = CliRunner().invoke(cli, ["plugin", "list"]).stdout
    after = listed.splitlines()[next(n for n, line in enumerate(listed.splitlines()) if line.startswith("board")) + 1]
    assert (
        after.strip() == "! method Channel.send goes away with contract 2 (announced with contract 1); " + OLD.instead
    )
    states = {item["name"]: item for item in json.loads(CliRunner().invoke(cli, ["plugin", "list", "--json"]).stdout)}
    assert len(states["board"]["warnings"]) == 1


def test_contracts_that_are_newer_or_too_old_say_what_to_do() -> None:
    assert contract_problem(2, newest=3, oldest=2) is None
    assert contract_problem(4, newest=3, oldest=2) == (
        "was written for contract 4, which is newer than the 3 of this voc; update voc"
    )
    assert contract_problem(1, newest=3, oldest=2) == (
        "was written for contract 1, which is older than the 2 that this voc still speaks; "
        "ask for a newer version of the plugin"
    )
    for odd in (None, "1", True, 1.0):
        assert contract_problem(odd) == "must say which contract it was written for; this voc speaks 1"


class Grown:
    """The hooks of a voc in which one has grown an argument."""

    @staticmethod
    @pluggy.HookspecMarker("voc")
    def voc_actions(house: str) -> None:
        """As before, and told which house it is."""


@pytest.mark.parametrize(("named", "answer"), [("", "[]"), ("house", "[house]")])
def test_an_argument_is_added_without_asking_anybody(monkeypatch: pytest.MonkeyPatch, named: str, answer: str) -> None:
    monkeypatch.setitem(loading.GIVEN, "house", "Aurora")
    space: dict[str, Any] = {"hookimpl": pluggy.HookimplMarker("voc")}
    exec(f"@hookimpl\ndef voc_actions({named}): return {answer}", space)
    manager = pluggy.PluginManager("voc")
    manager.add_hookspecs(Grown)
    manager.register(type("Plugin", (), {"voc_actions": staticmethod(space["voc_actions"])}), name="p")
    manager.check_pending()
    assert loading._ask(Guard(limit=5), manager, "p", "voc_actions") == (["Aurora"] if named else [])


def test_an_argument_that_nobody_gives_is_refused(drop: Any, load: Load) -> None:
    drop("board", code=CODE.replace("def voc_channels()", "def voc_channels(house)"))
    _, states = load()
    assert states["board"].state == "quarantined"
    assert "house" in states["board"].reason
