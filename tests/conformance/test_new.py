"""`voc plugin new`: a package that keeps the rules at once, dropped in or installed, for every mix of capabilities."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from voc.core.errors import Conflict, Invalid
from voc.plugin import Misconfigured, TryLater
from voc.plugin_host.host import PluginHost
from voc.testkit import Desk, reached, run
from voc.testkit.plugin import Located, load
from voc.testkit.scaffold import contents, write

ROOT = Path(__file__).resolve().parents[2]
HEARS, MORE = ("ACCEPT", "FETCH", "FORM"), ("SEND", "THREADS", "EDITS")
# One of each, and all together; every other mix runs in the slow tests.
SOME = ["ACCEPT", "FETCH", "FORM", "FETCH SEND THREADS EDITS", "ACCEPT FETCH FORM SEND THREADS EDITS"]


def mixes() -> list[str]:
    """Every set of capabilities that hears somebody."""
    found = []
    for count in range(1, 4):
        for heard in combinations(HEARS, count):
            allowed = MORE if set(heard) != {"FORM"} else ()
            for more in range(len(allowed) + 1):
                found += [" ".join((*heard, *rest)) for rest in combinations(allowed, more)]
    return found


def voc(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The command, as somebody would type it."""
    return subprocess.run(
        [sys.executable, "-m", "voc", *words],
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def keeps_bronze(capabilities: str, into: Path) -> None:
    write(into, "acme", kind="acme_chat", title="Acme Chat", capabilities=frozenset(capabilities.split()))
    outcomes = list(run(Located.of(into / "acme"), level="bronze"))
    assert [outcome.sentence for outcome in outcomes if outcome.state == "broken"] == []
    assert len(outcomes) > 10


@pytest.mark.parametrize("capabilities", SOME)
def test_a_new_plugin_is_bronze_at_once(capabilities: str, tmp_path: Path) -> None:
    keeps_bronze(capabilities, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("capabilities", [mix for mix in mixes() if mix not in SOME])
def test_so_is_every_other_mix(capabilities: str, tmp_path: Path) -> None:
    keeps_bronze(capabilities, tmp_path)


@pytest.mark.parametrize("capabilities", mixes())
def test_every_mix_is_clean_code_with_marks_and_texts(capabilities: str) -> None:
    files = contents("acme", kind="acme", title="Acme", capabilities=frozenset(capabilities.split()))
    for path, text in files.items():
        assert "@" not in text.replace("@hookimpl", "").replace("actions/checkout@v4", "").replace(
            "setup-python@v5", ""
        )
        if path.endswith(".py"):
            compile(text, path, "exec")
            assert max(map(len, text.splitlines())) <= 120
    assert "FILL IN" in files["acme/__init__.py"]
    assert "FILL IN" in files["acme/fixtures.py"]
    for language in ("es", "pt"):
        assert f"[texts.{language}]" in files["acme/plugin.toml"]
    lint = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W,B,C4,UP", "--line-length", "120"]
    code = files["acme/__init__.py"]
    done = subprocess.run([*lint, "-"], input=code, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_command_writes_it_and_says_how_to_go_on(tmp_path: Path) -> None:
    done = voc("plugin", "new", "acme_chat", "--can", "fetch", "--can", "SEND", "--title", "Acme Chat", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == [
        "acme_chat/.github/workflows/conformance.yml",
        "acme_chat/README.md",
        "acme_chat/acme_chat/__init__.py",
        "acme_chat/acme_chat/fixtures.py",
        "acme_chat/acme_chat/plugin.toml",
        "acme_chat/pyproject.toml",
        "acme_chat/tests/test_conformance.py",
    ]
    assert done.stdout.splitlines()[-1].endswith("run voc plugin check acme_chat")
    again = voc("plugin", "new", "acme_chat", cwd=tmp_path)
    assert (again.returncode, "is there already; nothing was written" in again.stderr) == (1, True)
    checked = voc("plugin", "check", "acme_chat", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(tests, cwd=tmp_path / "acme_chat", capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, " passed" in done.stdout) == (0, True), done.stdout


def test_at_a_terminal_it_asks(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"\nn\ny\nn\n\ny\nn\n")
    done = subprocess.run(
        [sys.executable, "-m", "voc", "plugin", "new", "acme"], cwd=tmp_path, stdin=theirs, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "It offers (channel, analyzer, " in done.stdout
    assert "FETCH: we ask the source for what is new?" in done.stdout
    manifest = (tmp_path / "acme" / "acme" / "plugin.toml").read_text()
    assert 'capabilities = ["FETCH", "THREADS"]' in manifest


def test_at_a_terminal_what_cannot_be_is_asked_again_at_once(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"class\nwebhook\nacme\nshop_b\n")
    done = subprocess.run(
        [sys.executable, "-m", "voc", "plugin", "new", "webform", "--offers", "slot", "--kind", "shop"], cwd=tmp_path,
        stdin=theirs, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert [line.split(";")[0].split(",")[0] for line in done.stderr.splitlines() if line] == [
        "webform is a plugin that comes with voc",
        "class is a word of Python",
        "webhook is a plugin that comes with voc",
        "shop is the slot of the plugin shop_card",
    ]
    assert (done.stdout.count("Another name:"), done.stdout.count("Another kind:")) == (3, 1)
    assert 'slots = ["shop_b"]' in (tmp_path / "acme" / "acme" / "plugin.toml").read_text()


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("Acme", {}, "must be of small letters"),
        ("../acme", {}, "must be of small letters"),
        ("", {}, "must be of small letters"),
        ("a" * 41, {}, "must be of small letters"),
        ("acme", {"kind": "a b"}, "kind 'a b' must be"),
        ("acme", {"title": 'a"b'}, "a title is a text"),
        ("acme", {"capabilities": frozenset({"SEND"})}, "must hear customers"),
        ("acme", {"capabilities": frozenset({"FORM", "SEND"})}, "^SEND needs a source"),
        ("acme", {"capabilities": frozenset({"FORM", "SEND", "EDITS"})}, "^EDITS, SEND need a source"),
        ("acme", {"offers": frozenset({"action"}), "capabilities": frozenset({"SEND"})}, "^SEND is what a channel"),
        (
            "acme",
            {"offers": frozenset({"slot"}), "capabilities": frozenset({"SEND", "FETCH"})},
            "^FETCH, SEND are what",
        ),
        ("class", {}, "class is a word of Python, which cannot be imported; take class_channel"),
        ("none", {}, "none means something else to voc; take none_channel"),
        ("tests", {}, "tests means something else to voc"),
    ],
)
def test_what_cannot_be_is_said(name: str, more: dict[str, Any], words: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {"kind": "acme", "title": "Acme", "capabilities": frozenset({"ACCEPT"}), **more}
    with pytest.raises(Invalid, match=words):
        write(tmp_path, name, **given)
    assert list(tmp_path.iterdir()) == []


REFUSED = {
    "class": "class is a word of Python",
    "webform": "webform is a plugin that comes with voc; take webform_channel",
    "plugins": "plugins means something else to voc",
    "acme --kind email": "email is the channel of the plugin email, which comes with voc",
    "acme --kind shop --offers slot": "shop is the slot of the plugin shop_card, which comes with voc",
    "acme --kind A": "kind 'A' must be of small letters",
    "acme --into file/below": "file/below/acme cannot be written: Not a directory; nothing was written",
}


@pytest.mark.parametrize("line", sorted(REFUSED))
def test_the_command_refuses_it_in_one_sentence(line: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = voc("plugin", "new", *line.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert (REFUSED[line] in done.stderr, len(done.stderr.splitlines())) == (True, 1), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_kind_of_something_else_is_no_kind_of_channel(tmp_path: Path) -> None:
    done = voc("plugin", "new", "acme", "--kind", "email", "--offers", "action", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_written_whole_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, whole = [], Path.write_text

    def full(path: Path, *given: Any, **named: Any) -> int:
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        return whole(path, *given, **named)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Invalid, match="acme cannot be written: No space left on device; nothing was written"):
        write(tmp_path, "acme", kind="acme", title="Acme", capabilities=frozenset({"ACCEPT"}))
    assert (len(written), list(tmp_path.iterdir())) == (3, [])


WRONG_ADDRESSES = ("ftp:x", "ftp://acme.example", "acme", "http://", "http://[::1", "", None)


@pytest.mark.parametrize("offers", ["channel", "notifier"])
def test_a_wrong_address_calls_for_a_person_and_a_silent_one_for_patience(offers: str, tmp_path: Path) -> None:
    can = frozenset({"FETCH"} if offers == "channel" else ())
    write(tmp_path, "acme", kind="acme", title="Acme", capabilities=can, offers=frozenset({offers}))
    module = load(Located.of(tmp_path / "acme")).module
    for address in WRONG_ADDRESSES:
        with (
            Desk({"base_url": address, "token": "a-made-up-token"}) as desk,
            pytest.raises(Misconfigured, match="the server cannot be asked: check base_url and token") as raised,
        ):
            module._ask(desk.ctx(), "GET", "/status")
        assert "made-up" not in str(raised.value)
    with Desk({"base_url": "http://127.0.0.1:1", "token": "two\nlines"}) as desk, pytest.raises(Misconfigured):
        module._ask(desk.ctx(), "GET", "/status")
    with Desk({"base_url": "http://127.0.0.1:1", "token": "a-made-up-token"}) as desk, pytest.raises(TryLater):
        module._ask(desk.ctx(), "GET", "/status")


@pytest.mark.parametrize("name", ["requests", "json", "sys"])
def test_a_name_that_something_else_has_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match=f"take {name}_channel"):
        write(tmp_path, name, kind="acme", title="Acme", capabilities=frozenset({"ACCEPT"}))
    assert list(tmp_path.iterdir()) == []


def test_it_holds_a_sample_an_address_that_can_be_and_only_reasons_that_apply() -> None:
    pulled = contents("acme_chat", kind="acme", title="Acme", capabilities=frozenset({"FETCH"}))
    assert "https://api.acme-chat.example" in pulled["acme_chat/__init__.py"]
    assert "signature-stale" not in pulled["acme_chat/fixtures.py"]
    pushed = contents("acme", kind="acme", title="Acme", capabilities=frozenset({"ACCEPT"}))
    assert "signature-stale" in pushed["acme/fixtures.py"]
    drawn = contents("acme", kind="acme", title="Acme", capabilities=frozenset({"FORM"}))
    for files in (pulled, pushed, drawn):
        assert "samples = ()" not in next(text for path, text in files.items() if path.endswith("fixtures.py"))


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    with pytest.raises(Conflict):
        write(tmp_path, "acme", kind="acme", title="Acme", capabilities=frozenset({"ACCEPT"}))
    assert list((tmp_path / "acme").iterdir()) == []


def test_it_works_dropped_in(tmp_path: Path) -> None:
    write(tmp_path, "acme", kind="acme_chat", title="Acme", capabilities=frozenset({"ACCEPT", "FETCH", "SEND"}))
    shutil.copytree(tmp_path / "acme" / "acme", tmp_path / "instance" / "plugins" / "acme")
    host = PluginHost.load(tmp_path / "instance")
    try:
        state = next(state for state in host.states if state.name == "acme")
        assert (state.source, state.state, state.reason, state.level) == ("dropped", "loaded", "", "bronze")
        assert host.channel("acme_chat") is not None
        assert host.capable("acme_chat", "SEND")
    finally:
        host.close()


def test_it_works_installed(tmp_path: Path) -> None:
    write(tmp_path, "acme", kind="acme_chat", title="Acme", capabilities=frozenset({"ACCEPT"}))
    target = tmp_path / "site"
    target.mkdir()
    # The two steps of an installation that read pyproject.toml: the package's files and its entry points.
    steps = ["egg_info", "--egg-base", str(target), "build_py", "--build-lib", str(target)]
    done = subprocess.run(
        [sys.executable, "-c", "import setuptools; setuptools.setup()", *steps], cwd=tmp_path / "acme",
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (target / "acme").iterdir()) == ["__init__.py", "fixtures.py", "plugin.toml"]
    shutil.rmtree(tmp_path / "acme")
    checked = voc("plugin", "check", "acme", "--json", cwd=tmp_path, PYTHONPATH=str(target))
    report = json.loads(checked.stdout)
    assert (checked.returncode, report["level"] is not None) == (0, True)
    found = subprocess.run(
        [sys.executable, "-c", _STATE], env={**os.environ, "PYTHONPATH": str(target)}, capture_output=True, text=True,
        timeout=60, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert found.stdout.split() == ["installed", "loaded", "acme_chat"]


_STATE = """
from voc.plugin_host.host import PluginHost
host = PluginHost.load(None)
state = next(state for state in host.states if state.name == "acme")
print(state.source, state.state, *state.kinds)
"""


@pytest.mark.slow
def test_the_project_may_be_checked_where_voc_does_not_know_it(tmp_path: Path) -> None:
    write(tmp_path, "acme", kind="acme", title="Acme", capabilities=frozenset({"FORM"}))
    assert reached(run(Located.of(tmp_path / "acme"))) is not None
    assert Located.of(tmp_path / "acme") == Located.of(tmp_path / "acme" / "acme")
