"""`voc plugin list` before the first start: what is there, that nothing was started, and nothing of it run or made."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voc.cli import cli
from voc.core.settings import Settings
from voc.plugin_host.reports import reports_of, store
from voc.runtime import Runtime

ENDS = "import os\nos._exit(3)\n"


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance that was never started, with folders that somebody dropped in already."""
    instance = tmp_path / "instance"
    for name, manifest in (
        ("acme", 'name = "acme"\ncontract = 1\nkinds = ["acme_chat"]\nactions = ["nail"]\nlevel = "silver"\n'),
        ("newer", 'name = "newer"\ncontract = 99\n'),
        ("webform", 'name = "webform"\ncontract = 1\n'),
        ("empty", ""),
    ):
        folder = instance / "plugins" / name
        folder.mkdir(parents=True)
        # Whoever imports it ends: only its plugin.toml may be looked at.
        (folder / "__init__.py").write_text(ENDS)
        if manifest:
            (folder / "plugin.toml").write_text(manifest)
    monkeypatch.setenv("VOC_INSTANCE", str(instance))
    return instance


def listed(*more: str) -> Result:
    done = CliRunner().invoke(cli, ["plugin", "list", *more])
    assert done.exit_code == 0, done.exception
    assert done.stderr == "nothing was started yet: these are found, and voc serve loads them\n"
    return done


def test_what_is_there_is_listed_and_nothing_is_made(fresh: Path) -> None:
    before = sorted(path.relative_to(fresh) for path in fresh.rglob("*"))
    lines = {line.split()[0]: line.split() for line in listed().stdout.splitlines()[:-1]}
    assert lines["webhook"] == ["webhook", "bundled", "worker", "gold", "found", "webhook"]
    assert lines["acme"] == ["acme", "dropped", "process", "silver", "found", "acme_chat,", "nail"]
    assert " ".join(lines["empty"][3:]) == "- found plugin.toml is missing beside the code"
    assert "was written for contract 99" in " ".join(lines["newer"])
    assert "there is a plugin of this name already (bundled)" in listed("-v").stdout.splitlines()[-1]
    assert sorted(path.relative_to(fresh) for path in fresh.rglob("*")) == before


def test_a_folder_without_code_is_told(fresh: Path) -> None:
    (fresh / "plugins/acme/__init__.py").unlink()
    line = next(line for line in listed().stdout.splitlines() if line.startswith("acme "))
    assert line.endswith(" found        there is no __init__.py beside plugin.toml")


@pytest.mark.parametrize("where", ["process", "worker"])
def test_why_one_is_not_loaded_says_what_to_do(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    bad = {
        "bare": (None, "there is no __init__.py beside plugin.toml"),
        "leaving": ("raise SystemExit(3)", "ended the program while it was imported (SystemExit: 3)"),
        "wanting": (
            "import acme_sdk",
            "needs the Python package acme_sdk, which is not installed: pip install acme_sdk",
        ),
    }
    for name, (code, _) in bad.items():
        folder = sqlite_settings.instance / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.toml").write_text(f'name = "{name}"\ncontract = 1\nkinds = ["{name}"]\n')
        if code:
            (folder / "__init__.py").write_text(code)
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    monkeypatch.setenv("VOC_PLUGINS_IN_WORKER", "*" if where == "worker" else "")
    said = {line.split()[0]: line for line in CliRunner().invoke(cli, ["plugin", "list"]).stdout.splitlines()}
    for name, (code, reason) in bad.items():
        place = f" [{name}/__init__.py:1]" if code else ""
        assert said[name].endswith(f" quarantined  {reason}{place}"), said[name]


def test_it_is_json_too(fresh: Path) -> None:
    states = {item["name"]: item for item in reversed(json.loads(listed("--json").stdout))}
    assert (states["acme"]["state"], states["acme"]["kinds"], states["acme"]["load_seconds"]) == (
        "found", ["acme_chat"], None
    )  # fmt: skip


def test_what_the_settings_keep_out_is_said(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_PLUGINS_BLOCKED", "acme")
    assert "blocked" in next(line for line in listed().stdout.splitlines() if line.startswith("acme"))
    monkeypatch.setenv("VOC_PLUGINS", "none")
    assert {line.split()[3] for line in listed().stdout.splitlines()[:-1] if "dropped" in line} == {"off"}


def test_there_need_be_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_INSTANCE", str(tmp_path / "gone"))
    assert "webform" in listed().stdout
    assert not (tmp_path / "gone").exists()


def test_what_a_running_process_says_otherwise_stands_below(
    sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = reports_of(sqlite_runtime.host, "worker", now=sqlite_runtime.clock())
    told = [replace(it, state="quarantined", reason="no wind") if it.name == "mastodon" else it for it in found]
    with sqlite_runtime.db.writing() as session:
        store(session, "worker", told, replaced={}, now=datetime.now(UTC))
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    lines = CliRunner().invoke(cli, ["plugin", "list"]).stdout.splitlines()
    below = [line.strip() for line in lines if "in the running" in line]
    assert below == ["! in the running worker: quarantined: no wind"]
    assert lines[lines.index(f"{'':16} {below[0]}") - 1].split()[0] == "mastodon"
