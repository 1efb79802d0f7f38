"""`voc plugin check` survives any plugin, and says what became of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.gallery.assemble import assembled

HEAD = "from voc.plugin import hookimpl\nfrom .channel import Good\n"
HOOK = "@hookimpl\ndef voc_channels():\n    return [Bad]\n"
# What the plugin does at import, or in `read`, and what is said about it.
AT_IMPORT = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    "leaves": ("import os\nos._exit(7)", "importing it ended the process with exit status 7"),
    "exits": ("raise SystemExit(3)", "importing it ended the process with exit status 3"),
    "dies": ("import os\nos.abort()", "importing it ended the process with SIGABRT"),
    "wants": (
        "import a_package_that_nobody_has",
        "cannot be loaded: needs the Python package a_package_that_nobody_has, which is not installed: pip install",
    ),
    "errs": ("from .nowhere import x", "ModuleNotFoundError: No module named 'voc_checked_good.nowhere'"),
}
IN_READ = {
    "leaves": ("import os; os._exit(7)", "it ended the process with exit status 7"),
    "eats": ("kept = [b'x' * 10**9 for _ in range(9)]", "MemoryError"),
    "raises": ("raise KeyError('text')", "KeyError"),
    "exits": ("raise SystemExit(3)", "SystemExit"),
}


def check(folder: Path, *options: str, limit: float = 120.0) -> tuple[int, str]:
    """(exit status, what was said) of the command, which has to end within `limit` seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "voc", "plugin", "check", str(folder), *options],
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The good one, to be made worse."""
    return assembled("good", tmp_path)


@pytest.mark.parametrize("how", sorted(AT_IMPORT))
def test_a_plugin_that_cannot_be_imported_is_one_sentence(folder: Path, how: str) -> None:
    code, said = AT_IMPORT[how]
    (folder / "__init__.py").write_text(code + "\n")
    status, text = check(folder)
    assert (status, said in text) == (1, True), text
    assert text.count("✗") == 1
    assert "Traceback" not in text


# What takes its time to end.
PATIENT = ("eats", "holds")


def quick_first(ways: Iterable[str]) -> list[Any]:
    """These parameters, the patient ones as slow tests."""
    return [pytest.param(how, marks=pytest.mark.slow) if how in PATIENT else how for how in sorted(ways)]


@pytest.mark.parametrize("how", quick_first(IN_READ))
def test_a_plugin_that_breaks_its_process_is_named_rule_by_rule(folder: Path, how: str) -> None:
    code, said = IN_READ[how]
    body = f"class Bad(Good):\n    def read(self, view, raw):\n        {code}\n"
    (folder / "__init__.py").write_text(HEAD + body + HOOK)
    # What other rules find is not looked at here: a process for each of them would take its time.
    status, text = check(folder, "--only", "identity-replay", "--only", "loads", "--json")
    report = json.loads(text)
    assert (status, report["level"]) == (1, None)
    (broken,) = [item for item in report["rules"] if item["state"] == "broken"]
    assert (broken["rule"], said in broken["text"]) == ("identity-replay", True), broken


HANGS = {"sleeps": "import time; time.sleep(900)", "holds": "import re; re.match(r'(a|aa)+$', 'a' * 60 + '!')"}


@pytest.mark.parametrize("how", quick_first(HANGS))
def test_a_plugin_that_never_comes_back_is_ended(folder: Path, how: str) -> None:
    body = f"class Bad(Good):\n    def read(self, view, raw):\n        {HANGS[how]}\n"
    (folder / "__init__.py").write_text(HEAD + body + HOOK)
    status, text = check(folder, "--only", "identity-replay", "--limit", "2")
    assert status == 1
    said = {"sleeps": "it did not come back within 2 seconds [good/__init__.py:5 (read)]", "holds": "had to be ended"}
    assert said[how] in text


def test_a_folder_without_code_is_one_sentence(folder: Path) -> None:
    (folder / "__init__.py").unlink()
    status, text = check(folder)
    assert (status, text.count("✗")) == (1, 1)
    assert "the plugin cannot be loaded: there is no __init__.py beside plugin.toml [good/" in text


def test_a_manifest_that_is_no_text_is_one_sentence(folder: Path) -> None:
    (folder / "plugin.toml").write_bytes(b"name = '\xff'")
    status, text = check(folder)
    assert (status, text.count("✗")) == (1, 1)
    assert "plugin.toml cannot be read: byte 9 is no UTF-8" in text


def test_output_of_the_plugin_does_not_mix_with_the_report(folder: Path) -> None:
    body = "import sys\nprint('{\"end\": true}')\nsys.stderr.write('noise')\n"
    (folder / "__init__.py").write_text(HEAD.replace("from .", f"{body}from .") + "class Bad(Good): pass\n" + HOOK)
    status, text = check(folder, "--only", "loads", "--json")
    assert (status, json.loads(text)["kept"]) == (0, 1)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nothing", "is neither a folder nor a plugin that is here; there are"),
        ("./nothing", "is no folder"),
        ("empty", "is no plugin: it has neither plugin.toml nor __init__.py"),
        ("several", "holds several plugins (a, b): say which one"),
    ],
)
def test_what_is_no_plugin_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("a", "b"):
        (tmp_path / "several" / name).mkdir(parents=True)
        (tmp_path / "several" / name / "plugin.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    status, text = check(Path(what))
    if what.startswith("./"):
        status, text = check(tmp_path / "nothing")
    assert (status, said in text, len(text.strip().splitlines())) == (1, True, 1), text


def test_without_fixtures_only_what_needs_none_is_said(folder: Path) -> None:
    (folder / "fixtures.py").unlink()
    status, text = check(folder, "--json")
    report = json.loads(text)
    assert {item["rule"]: item["state"] for item in report["rules"]} == {
        "loads": "kept", "fixtures": "broken", "options-explained": "kept", "texts": "kept",
    }  # fmt: skip
    assert (status, report["level"]) == (1, None)
    assert "fixtures.py cannot be used (there is none beside the code)" in text


def test_a_vendor_that_does_not_start_is_said(folder: Path) -> None:
    with (folder / "fixtures.py").open("a") as file:
        file.write("\n\ndef closed(self):\n    raise ConnectionRefusedError('nothing listens there')\n")
        file.write("\n\nGoodFixtures.vendor = closed\n")
    status, text = check(folder, "--only", "fetch-works")
    assert (status, text.count("✗"), text.count("fetch-works")) == (1, 1, 1), text
    said = "the vendor of fixtures.py cannot be started: ConnectionRefusedError: nothing listens there (line "
    assert f"✗ bronze vendor: {said}" in text
    assert "1 rule that needs it was not tried [good/fixtures.py]" in text


@pytest.mark.slow
def test_the_level_decides_the_exit_status(tmp_path: Path) -> None:
    folder = assembled("flood", tmp_path)
    for level, status in (("bronze", 0), ("silver", 0), ("gold", 1)):
        found, text = check(folder, "--level", level, "--only", "flood", "--only", "lines", "--all")
        assert (found, "flood: silver" in text.splitlines()[-1]) == (status, True), text
        assert "✓ lines: Lines stay lines." in text
        assert "✗ gold   flood: after 400 messages" in text
