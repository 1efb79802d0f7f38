"""`voc plugin new --offers …`: packages that are no channels keep the rules at once, alone and together, in use too."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance.test_new import voc
from voc.cli import cli
from voc.cli.plugin_new import OFFERS
from voc.core.errors import Conflict, Invalid
from voc.plugin_host.host import PluginHost
from voc.plugin_host.offers import FORMATS as HOST_FORMATS
from voc.plugin_host.offers import KINDS
from voc.testkit import reached, run
from voc.testkit.plugin import Located
from voc.testkit.running import guesses
from voc.testkit.scaffold import CHANNEL, FORMATS, contents, write
from voc.testkit.scaffolding.offers import PARTS

ALL = frozenset(PARTS)
MIXES = [frozenset(mix) for count in range(1, len(PARTS) + 1) for mix in combinations(PARTS, count)]
LINT = ("ruff", "check", "--isolated", "--select", "E,F,W,B,C4,UP", "--line-length", "120", "--exclude", "tests")


def made(into: Path, offers: frozenset[str]) -> Path:
    """The project, written."""
    write(into, "acme", kind="acme_shop", title="Acme Shop", offers=offers)
    return into / "acme"


@pytest.mark.parametrize(
    "offers", [*(frozenset({offer}) for offer in PARTS), ALL], ids=lambda offers: "-".join(sorted(offers))
)
def test_it_is_bronze_at_once_and_marks_what_to_fill(offers: frozenset[str], tmp_path: Path) -> None:
    project = made(tmp_path, offers)
    outcomes = list(run(Located.of(project)))
    assert [outcome.sentence for outcome in outcomes if outcome.state == "broken"] == []
    assert reached(outcomes) is not None
    assert {outcome.kind.partition(" ")[0] for outcome in outcomes} == {
        "acme_shop" if offer == "analyzer" else offer for offer in offers
    }
    assert guesses(project / "acme") >= 3
    assert all(
        "FILL IN" in (project / "acme" / name).read_text() for name in ("__init__.py", "fixtures.py", "plugin.toml")
    )


def test_every_mix_is_code_and_texts_without_gaps() -> None:
    """Of all 127: what is written can be read, and no place of a template is left."""
    for offers in MIXES:
        files = contents("acme", kind="acme", title="Acme", offers=offers)
        for path, text in files.items():
            rest = text.replace("@hookimpl", "").replace("actions/checkout@v4", "").replace("setup-python@v5", "")
            assert rest.count("@") == rest.count('"@")'), (path, offers)
            if path.endswith(".py"):
                compile(text, path, "exec")
            elif path.endswith(".toml"):
                tomllib.loads(text)
        manifest = tomllib.loads(files["acme/plugin.toml"])
        assert {key for key in manifest if manifest[key] == ["acme"]} == {PARTS[offer].key for offer in offers}
        for language in ("es", "pt"):
            assert len(manifest["texts"][language].get("offers", {})) == len(offers - {"analyzer"})


def test_the_code_is_clean(tmp_path: Path) -> None:
    for number, offers in enumerate(MIXES[:: len(MIXES) // 12]):
        made(tmp_path / str(number), offers)
    for words in (LINT, ("ruff", "format", "--isolated", "--check", "--line-length", "120")):
        done = subprocess.run(
            [sys.executable, "-m", *words, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_command_writes_it_and_its_own_tests_pass(tmp_path: Path) -> None:
    done = voc("plugin", "new", "acme_shop", "--offers", "action", "--offers", "notifier", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == [
        "acme_shop/.github/workflows/conformance.yml",
        "acme_shop/README.md",
        "acme_shop/acme_shop/__init__.py",
        "acme_shop/acme_shop/fixtures.py",
        "acme_shop/acme_shop/plugin.toml",
        "acme_shop/pyproject.toml",
        "acme_shop/tests/test_conformance.py",
    ]
    assert done.stdout.splitlines()[-1].endswith("run voc plugin check acme_shop")
    checked = voc("plugin", "check", "acme_shop", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "marked FILL IN: " in checked.stdout
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(tests, cwd=tmp_path / "acme_shop", capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, " passed" in done.stdout) == (0, True), done.stdout


def test_at_a_terminal_it_asks_what_is_offered_and_nothing_of_channels(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"nonsense\nslot\n")
    done = subprocess.run(
        [sys.executable, "-m", "voc", "plugin", "new", "acme"], cwd=tmp_path, stdin=theirs, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "FETCH" not in done.stdout
    assert 'slots = ["acme"]' in (tmp_path / "acme" / "acme" / "plugin.toml").read_text()


@pytest.mark.parametrize(
    ("offers", "more", "words"),
    [
        ({"channel", "slot"}, {}, "a channel is written by itself"),
        (set(), {}, "a channel is written by itself"),
        ({"gate"}, {}, "cannot offer 'gate': choose among channel, analyzer, action"),
        ({"slot"}, {"capabilities": frozenset({"SEND"})}, "SEND is what a channel can do: slot can do none of it"),
        ({"exporter"}, {"kind": "csv"}, "csv is a format of voc itself"),
        ({"slot"}, {"kind": "Card"}, "kind 'Card' must be of small letters"),
    ],
)
def test_what_cannot_be_is_said(offers: set[str], more: dict[str, object], words: str, tmp_path: Path) -> None:
    given: dict[str, object] = {"kind": "acme", "title": "Acme", **more}
    with pytest.raises(Invalid, match=words):
        write(tmp_path, "acme", offers=frozenset(offers), **given)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_what_cannot_be(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["plugin", "new", "acme", "--offers", "gate", "--into", str(tmp_path)])
    assert (done.exit_code, "'gate' is not one of 'channel', 'analyzer'" in done.stderr) == (2, True)
    done = CliRunner().invoke(
        cli, ["plugin", "new", "acme", "--offers", "slot", "--can", "SEND", "--into", str(tmp_path)]
    )
    assert (done.exit_code, isinstance(done.exception, Invalid)) == (1, True)
    with pytest.raises(Conflict, match="take requests_plugin"):
        write(tmp_path, "requests", kind="acme", title="Acme", offers=frozenset({"slot"}))
    assert list(tmp_path.iterdir()) == []


def test_it_knows_the_same_offers_as_the_host() -> None:
    assert {part.key for part in PARTS.values()} == {"analyzers", *KINDS}
    assert all(PARTS[kind.word].key == kind.key for kind in KINDS.values())
    assert (*CHANNEL, *PARTS) == OFFERS
    assert FORMATS == HOST_FORMATS


def test_it_works_dropped_in(tmp_path: Path) -> None:
    """All seven under one name, in a process of their own: loaded, told apart in every language."""
    shutil.copytree(made(tmp_path, ALL) / "acme", tmp_path / "instance" / "plugins" / "acme")
    host = PluginHost.load(tmp_path / "instance")
    try:
        state = next(state for state in host.states if state.name == "acme")
        assert (state.source, state.state, state.reason, state.isolation) == ("dropped", "loaded", "", "process")
        assert {key for key in KINDS if host.offered(key)["acme_shop"][0] == "acme"} == set(KINDS)
        assert {host.analyzers()[language][0] for language in ("es", "pt", "en")} == {"acme"}
        assert host.said_offer("actions", "acme_shop", "es").title == "Avisar a Acme Shop"
        assert host.said_offer("notifiers", "acme_shop", "es").title == "Acme Shop"
        exporter = host.offered("exporters")["acme_shop"][1]
        assert host.guard.call("acme", exporter.rows, ("a", "b"), [{"a": "=1\t2", "b": 0}], 0) == b"'=1 2\t0\n"  # type: ignore[attr-defined]
    finally:
        host.close()


@pytest.mark.slow
def test_it_works_installed(tmp_path: Path) -> None:
    project = made(tmp_path, ALL)
    target = tmp_path / "site"
    target.mkdir()
    # Nothing is fetched: what it needs is here already.
    words = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, str(project)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(project)
    checked = voc("plugin", "check", "acme", "--json", cwd=tmp_path, PYTHONPATH=str(target))
    assert (checked.returncode, json.loads(checked.stdout)["level"] is not None) == (0, True)
    listed = voc("plugin", "list", "--json", cwd=tmp_path, PYTHONPATH=str(target), VOC_INSTANCE=str(tmp_path / "none"))
    state = next(item for item in json.loads(listed.stdout) if item["name"] == "acme")
    assert (state["source"], state["state"], state["analyzers"]) == ("installed", "found", ["acme_shop"])
