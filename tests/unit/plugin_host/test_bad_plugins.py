"""Real bad plugins: each is quarantined with a reason that a person can read, and everybody else is loaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voc.plugin import Raw, View
from voc.plugin_host import PluginHost, PluginState
from voc.plugin_host.policy import Policy

Drop = Callable[..., Path]
Load = Callable[..., tuple[PluginHost, dict[str, PluginState]]]

BEGIN = "from voc.plugin import Analyzer, Channel, Inbound, Sentiment, hookimpl\n"
CHANNEL = BEGIN + "class Board(Channel):\n    kind = '{name}'\n"
HOOK = "@hookimpl\ndef voc_channels():\n    return "
MANIFEST = "name = '{name}'\ncontract = 1\nkinds = ['{name}']\n"

# What is wrong with the code -> (the code, what the operator reads).
BAD_CODE = {
    "raises": ("raise RuntimeError('the vendor library is missing')", "RuntimeError: the vendor library is missing"),
    "exits": ("raise SystemExit(3)", "ended the program while it was imported (SystemExit: 3) [exits/__init__.py:1]"),
    "interrupts": ("raise KeyboardInterrupt", "ended the program while it was imported (KeyboardInterrupt)"),
    "typo": ("def voc_channels(:", "SyntaxError"),
    "imports_nothing": (
        "import acme_vendor_sdk.inner",
        "needs the Python package acme_vendor_sdk, which is not installed: pip install acme_vendor_sdk "
        "[imports_nothing/__init__.py:1]",
    ),
    "imports_within": (
        "from .nowhere import something",
        "ModuleNotFoundError: No module named 'voc_dropped_imports_within.nowhere'",
    ),
    "imports_itself": (
        "import imports_itself.channel",
        "ModuleNotFoundError: No module named 'imports_itself'",
    ),
    "imports_late": (
        CHANNEL + "@hookimpl\ndef voc_channels():\n    import acme_vendor_sdk\n",
        "needs the Python package acme_vendor_sdk, which is not installed: pip install acme_vendor_sdk",
    ),
    "misspelt": (CHANNEL + "@hookimpl\ndef voc_chanels():\n    return [Board]", "voc_chanels"),
    "too_many": (CHANNEL + "@hookimpl\ndef voc_channels(app):\n    return [Board]", "app"),
    "hook_raises": (CHANNEL + HOOK + "1 / 0", "ZeroDivisionError"),
    "hook_exits": (
        CHANNEL + "import sys\n" + HOOK + "sys.exit()",
        "ended the program while it was asked what it offers (SystemExit)",
    ),
    "nothing": (CHANNEL + HOOK + "None", "voc_channels must return a list, not NoneType"),
    "no_list": (CHANNEL + HOOK + "Board", "voc_channels must return a list, not type"),
    "no_channel": (CHANNEL + HOOK + "['Board']", "no subclass of voc.plugin.Channel"),
    "no_class": (CHANNEL + HOOK + "[Board()]", "no subclass of voc.plugin.Channel"),
    "undeclared": (CHANNEL.replace("{name}", "other") + HOOK + "[Board]", "'other' is not declared in plugin.toml"),
    "no_start": (
        CHANNEL + "    def __init__(self):\n        raise OSError('no route')\n" + HOOK + "[Board]",
        "no route",
    ),
    "no_offer": (CHANNEL, "no_offer"),
}

# What is wrong with plugin.toml -> (the file, what the operator reads).
BAD_MANIFEST = {
    "none": (None, "plugin.toml is missing beside the code"),
    "broken": ("name = 'broken", "plugin.toml cannot be read"),
    "not_utf8": (b"name = '\xff'", "plugin.toml cannot be read: byte 9 is no UTF-8"),
    "nameless": ("contract = 1\nkinds = ['nameless']", "name: must be given as text"),
    "no_contract": ("name = 'no_contract'", "must say which contract it was written for; this voc speaks 1"),
    "newer": (MANIFEST.replace("= 1", "= 2"), "newer than the 1 of this voc; update voc"),
    "older": (MANIFEST.replace("= 1", "= 0"), "older than the 1 that this voc still speaks; ask for a newer version"),
    "kinds": (MANIFEST.replace("['{name}']", "'{name}'"), "kinds: must be a list of words"),
    "capable": (MANIFEST + "capabilities = ['TELEPATHY']", "does not know TELEPATHY"),
    "apart": (MANIFEST + "isolation = 'moon'", "isolation: must be one of worker"),
    "formless": (MANIFEST + "capabilities = ['FORM']", "plugin.toml declares FORM, and form() is not there"),
}


def check(found: tuple[PluginHost, dict[str, PluginState]], name: str, reason: str) -> None:
    """One is in quarantine with its reason; the good one beside it and the bundled ones are loaded."""
    host, states = found
    assert states[name].state == "quarantined"
    assert reason in states[name].reason
    assert "\n" not in states[name].reason
    assert host.channel(name) is None
    assert {states[other].state for other in ("good", "webform", "textblob_en")} == {"loaded"}
    assert host.channel("good") is not None
    assert host.channel("webform") is not None


@pytest.mark.parametrize("name", BAD_CODE)
def test_bad_code_is_quarantined(drop: Drop, load: Load, name: str) -> None:
    code, reason = BAD_CODE[name]
    drop(name, code=code)
    drop("good")
    check(load(), name, reason)


@pytest.mark.parametrize("name", BAD_MANIFEST)
def test_bad_manifest_is_quarantined(drop: Drop, load: Load, name: str) -> None:
    manifest, reason = BAD_MANIFEST[name]
    folder = drop(name, manifest=manifest if isinstance(manifest, str) else None)
    if isinstance(manifest, bytes):
        (folder / "plugin.toml").write_bytes(manifest)
    drop("good")
    check(load(), name, reason)


def test_everything_wrong_in_a_manifest_is_said_at_once(drop: Drop, load: Load) -> None:
    drop("all", manifest="contract = 'x'\nkinds = 1\nisolation = 'moon'\n")
    reason = load()[1]["all"].reason
    assert all(field in reason for field in ("name:", "contract:", "kinds:", "isolation:"))


def test_folder_without_code_is_quarantined(drop: Drop, load: Load) -> None:
    drop("empty", code=None)
    drop("good")
    host, states = load()
    assert states["empty"].state == "quarantined"
    assert states["empty"].reason == "there is no __init__.py beside plugin.toml"
    assert host.channel("good") is not None


def test_a_module_beside_the_code_is_no_package_to_install(drop: Drop, load: Load) -> None:
    folder = drop("flat", code="import wire_of_acme")
    (folder / "wire_of_acme.py").write_text("", encoding="utf-8")
    drop("good")
    check(load(), "flat", "ModuleNotFoundError: No module named 'wire_of_acme' [flat/__init__.py:1]")


def test_import_that_hangs_is_abandoned(drop: Drop, load: Load) -> None:
    drop("asleep", code="import threading\nthreading.Event().wait(20)\n" + CHANNEL + HOOK + "[Board]")
    drop("good")
    check(load(limit=1.0), "asleep", "did not answer within 1 seconds")


def test_channel_that_hangs_when_it_is_made_is_abandoned(drop: Drop, load: Load) -> None:
    start = "    def __init__(self):\n        import threading\n        threading.Event().wait(20)\n"
    drop("stalling", code=CHANNEL + start + HOOK + "[Board]")
    drop("good")
    check(load(limit=1.0), "stalling", "did not answer within 1 seconds")


def test_kind_of_somebody_else_stays_with_its_owner(drop: Drop, load: Load) -> None:
    thief = CHANNEL.replace("{name}", "webform") + HOOK + "[Board]"
    drop("thief", code=thief, manifest=MANIFEST.replace("['{name}']", "['webform']"))
    drop("good")
    host, states = load()
    assert states["thief"].state == "quarantined"
    assert "belongs to plugin webform already" in states["thief"].reason
    owner = host.channel("webform")
    assert owner is not None
    assert owner[0] == "webform"
    assert states["good"].state == "loaded"


def test_blocked_plugin_is_not_even_imported(drop: Drop, load: Load, tmp_path: Path) -> None:
    drop("loud", code=f"open({str(tmp_path / 'was_here')!r}, 'w').close()\n")
    _, states = load(blocked=("loud",))
    assert states["loud"].state == "blocked"
    assert not (tmp_path / "was_here").exists()


def analyzer(body: str) -> str:
    """A plugin with a channel and an analyzer made of `body`."""
    return (
        CHANNEL
        + "class Judge:\n    name = 'judge'\n    version = '1'\n    languages = frozenset({'qu'})\n"
        + "    def analyze(self, text, language):\n        return Sentiment('unknown', None, 0.0)\n"
        + body
        + "\n"
        + HOOK
        + "[Board]\n"
        + "@hookimpl\ndef voc_analyzers():\n    return [Judge()]\n"
    )


BAD_ANALYZERS = {
    "no_version": ("    del version", "without version"),
    "undeclared_name": ("    name = 'other'", "analyzer 'other' is not declared in plugin.toml"),
    "no_languages": ("    languages = None", "languages"),
    "one_word": ("    languages = 'qu'", "languages"),
    "no_function": ("    analyze = 3", "analyze"),
}


@pytest.mark.parametrize("name", BAD_ANALYZERS)
def test_bad_analyzer_takes_its_channel_with_it(drop: Drop, load: Load, name: str) -> None:
    body, reason = BAD_ANALYZERS[name]
    drop(name, code=analyzer(body), manifest=MANIFEST + "analyzers = ['judge']\n")
    drop("good")
    found = load()
    check(found, name, reason)
    assert found[0].analyzers() == {}


def test_good_analyzer_judges_its_languages(drop: Drop, load: Load) -> None:
    drop("fine", code=analyzer(""), manifest=MANIFEST + "analyzers = ['judge']\n")
    host, states = load()
    assert states["fine"].analyzers == ("judge",)
    assert {language: plugin for language, (plugin, _) in host.analyzers().items()} == {"qu": "fine"}


def test_a_fixed_plugin_loads(drop: Drop, load: Load) -> None:
    folder = drop("late", code="raise RuntimeError('not yet')")
    assert load()[1]["late"].state == "quarantined"
    code: Any = (
        CHANNEL.replace("{name}", "late") + "    def read(self, view, raw):\n        return []\n" + HOOK + "[Board]"
    )
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    host, states = load()
    assert (states["late"].state, states["late"].reason) == ("loaded", "")
    assert host.channel("late") is not None


def test_an_instance_beside_which_somebody_stands_is_found(
    drop: Drop, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`./instance` is where one is looked for: a plugin's own process, which stands elsewhere, finds its files too."""
    drop("board")
    monkeypatch.chdir(tmp_path.parent)
    policy = Policy(in_worker=frozenset({"*"} if mode == "worker" else ()))
    host = PluginHost.load(Path(tmp_path.name), policy=policy)
    try:
        state = next(state for state in host.states if state.name == "board")
        assert (state.state, state.reason, state.isolation) == ("loaded", "", mode)
        channel = host.channel("board")
        assert channel is not None
        raw = Raw(b"hola", "text/plain", datetime(2026, 3, 4, tzinfo=UTC), {}, "1")
        assert [item.text for item in host.guard.call("board", channel[1].read, View(), raw)] == ["hola"]
    finally:
        host.close()
