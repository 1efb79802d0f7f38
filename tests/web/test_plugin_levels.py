"""The level that a plugin claims is shown where people choose and watch channels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from voc.cli.plugin import plugin
from voc.core.settings import Settings

WORDS = {"es": "Conformidad: oro", "pt": "Conformidade: ouro", "en": "Conformance: gold"}


@pytest.mark.parametrize("language", sorted(WORDS))
def test_channels_and_plugins_show_it(desk: Any, language: str) -> None:
    desk.hire("Rosa", language=language)
    browser = desk.browser("Rosa")
    assert WORDS[language] in browser.visit("/channels").text
    assert WORDS[language].split(": ")[1] in browser.visit("/plugins").text


def test_a_plugin_that_claims_nothing_shows_nothing(sqlite_settings: Settings, make_desk: Any) -> None:
    folder = sqlite_settings.instance / "plugins" / "plain"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('name = "plain"\ncontract = 1\nkinds = ["plain"]\ncapabilities = []\n')
    (folder / "__init__.py").write_text(
        "from voc.plugin import Channel, hookimpl\n\n\nclass Plain(Channel):\n    kind = 'plain'\n\n\n"
        "@hookimpl\ndef voc_channels():\n    return [Plain]\n"
    )
    states = {state.name: state for state in make_desk().runtime.host.states}
    assert (states["plain"].state, states["plain"].level) == ("loaded", "")
    assert states["webform"].level == "gold"


def test_a_level_that_there_is_not_is_refused(sqlite_settings: Settings, make_desk: Any) -> None:
    folder = sqlite_settings.instance / "plugins" / "proud"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('name = "proud"\ncontract = 1\nkinds = ["proud"]\nlevel = "platinum"\n')
    (folder / "__init__.py").write_text("")
    states = {state.name: state for state in make_desk().runtime.host.states}
    assert states["proud"].state == "quarantined"
    assert "level: must be one of bronze, silver, gold, not 'platinum'" in states["proud"].reason


def test_the_list_shows_it(sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    done = CliRunner().invoke(plugin, ["list"])
    assert done.exit_code == 0, done.output
    line = next(line for line in done.output.splitlines() if line.startswith("webhook"))
    assert line.split()[:5] == ["webhook", "bundled", "worker", "gold", "loaded"]
    found = {item["name"]: item for item in json.loads(CliRunner().invoke(plugin, ["list", "--json"]).output)}
    assert (found["email"]["level"], found["email"]["state"], found["email"]["kinds"]) == ("gold", "loaded", ["email"])
