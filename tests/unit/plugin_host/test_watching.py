"""What `voc serve --dev` watches, how it loads anew, and where in a plugin something went wrong."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from voc.plugin import Raw, View
from voc.plugin_host import PluginHost
from voc.plugin_host.guard import Guard, PluginFailed
from voc.plugin_host.masking import masker
from voc.plugin_host.places import frames_of, place_of
from voc.plugin_host.sources import candidate_at
from voc.plugin_host.watching import MOST_FILES, TOO_MANY, Watch, is_local, look_of

Drop = Callable[..., Path]
WORDS = "def word():\n    return 'first'\n"
CODE = """\
from voc.plugin import Channel, Inbound, hookimpl
from .words import word

class Board(Channel):
    kind = "{name}"

    def read(self, view, raw):
        yield Inbound(external_id="1", text=word())

@hookimpl
def voc_channels():
    return [Board]
"""
RAW = Raw(b"", "text/plain", None)  # type: ignore[arg-type]


def write(path: Path, text: str) -> None:
    """Save, at a time that is surely another one."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def said(host: PluginHost) -> object:
    found = host.channel("board")
    assert found is not None
    (item,) = found[1].read(View(), RAW)
    return getattr(item, "text", None)


def test_several_quick_saves_are_one_change(drop: Drop, tmp_path: Path) -> None:
    folder = drop("board")
    watch = Watch(tmp_path)
    assert (watch.names, watch.changed(settled=True), watch.settling) == (["board"], [], False)
    for number in range(3):
        write(folder / "__init__.py", f"x = {number}")
        assert watch.changed(settled=True) == []
        assert watch.settling
    assert watch.changed(settled=True) == ["board"]
    assert watch.changed(settled=True) == []
    write(folder / "__init__.py", "x = 9")
    assert watch.changed(settled=False) == ["board"]


def test_what_comes_and_goes_is_a_change(drop: Drop, tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    folder = drop("board")
    assert [watch.changed(settled=True), watch.changed(settled=True)] == [[], ["board"]]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert [watch.changed(settled=True), watch.changed(settled=True)] == [[], ["board"]]
    assert watch.names == []


def test_only_what_a_plugin_is_written_in_counts(drop: Drop) -> None:
    folder = drop("board")
    before = look_of(folder)
    (folder / "__pycache__").mkdir()
    for name in (".__init__.py.swp", "__init__.py~", "board.log", "cache.db", "__pycache__/x.py"):
        (folder / name).write_text("x")
    assert look_of(folder) == before
    (folder / "words.py").write_text("x")
    assert look_of(folder) != before
    for number in range(MOST_FILES + 1):
        (folder / f"f{number}.py").touch()
    assert look_of(folder) == TOO_MANY
    watch = Watch(folder.parents[1])
    assert (watch.names, watch.left_out) == ([], ["board"])


def test_a_package_is_watched_where_somebody_works_on_it(tmp_path: Path) -> None:
    for place, expected in (("work/acme", True), ("lib/site-packages/acme", False), ("gone", False)):
        folder = tmp_path / place
        if place != "gone":
            folder.mkdir(parents=True)
        assert is_local(candidate_at("acme", "installed", folder, "acme")) is expected


@pytest.mark.parametrize("mode", ["worker"])
def test_every_module_of_it_is_imported_again(drop: Drop, load: Callable[..., object], tmp_path: Path) -> None:
    folder = drop("board", code=CODE)
    write(folder / "words.py", WORDS)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        host: PluginHost = load()[0]  # type: ignore[index]
        assert said(host) == "first"
        write(folder / "words.py", WORDS.replace("first", "other"))
        assert said(host) == "first"
        host.anew(["board"])
        assert said(host) == "other"
    finally:
        sys.dont_write_bytecode = before


def test_a_broken_save_is_quarantined_with_its_line_and_the_next_good_one_loaded(
    drop: Drop, load: Callable[..., object]
) -> None:
    folder = drop("board")
    good = (folder / "__init__.py").read_text()
    host: PluginHost = load()[0]  # type: ignore[index]

    def state() -> tuple[str, str]:
        (found,) = (item for item in host.states if item.name == "board")
        return found.state, found.reason

    # What is wrong -> the reason, and its line.
    for code, reason in {
        good + "\n\nboom()\n": "NameError: name 'boom' is not defined [board/__init__.py:14]",
        good + "\nx = = 1\n": "[board/__init__.py:13]",
    }.items():
        write(folder / "__init__.py", code)
        host.anew(["board"])
        assert state()[0] == "quarantined"
        assert reason in state()[1]
        assert host.channel("board") is None
        write(folder / "__init__.py", good)
        host.anew(["board"])
        assert state() == ("loaded", "")
        assert host.channel("board") is not None
    # A second host process of it would be one too many.
    assert all(living <= 1 for _, _, living in host.figures().values())


@pytest.mark.parametrize("mode", ["worker"])
def test_the_old_one_serves_until_the_new_one_stands(drop: Drop, load: Callable[..., object]) -> None:
    folder = drop("board")
    host: PluginHost = load()[0]  # type: ignore[index]
    seen: list[object] = []
    spy = ModuleType("spy_of_test")
    spy.look = lambda: seen.append(host.channel("board"))  # type: ignore[attr-defined]
    sys.modules["spy_of_test"] = spy
    try:
        write(folder / "__init__.py", "import spy_of_test\nspy_of_test.look()\n" + (folder / "__init__.py").read_text())
        host.anew(["board"])
    finally:
        del sys.modules["spy_of_test"]
    assert len(seen) == 1
    assert seen[0] is not None


def test_what_is_taken_away_is_gone(drop: Drop, load: Callable[..., object]) -> None:
    folder = drop("board")
    host: PluginHost = load()[0]  # type: ignore[index]
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    for path in folder.glob("__pycache__/*"):
        path.unlink()
    for inner in folder.iterdir():
        inner.rmdir()
    folder.rmdir()
    host.anew(["board"])
    assert host.channel("board") is None
    assert "board" not in [state.name for state in host.states]


def test_frames_are_those_that_somebody_can_read(tmp_path: Path) -> None:
    (tmp_path / "acme_frames.py").write_text("import acme_broken\n")
    (tmp_path / "acme_broken.py").write_text("def read(:\n    pass\n")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(SyntaxError) as caught:
            importlib.import_module("acme_frames")
        assert frames_of(caught.value) == [f"{tmp_path}/acme_broken.py:1:10", "def read(:", "         ^"]
        (tmp_path / "acme_broken.py").write_text("nobody\n")
        importlib.invalidate_caches()
        with pytest.raises(NameError) as other:
            importlib.import_module("acme_frames")
        assert frames_of(other.value)[-2:] == [
            f"{tmp_path}/acme_frames.py:1 in <module>: import acme_broken",
            f"{tmp_path}/acme_broken.py:1 in <module>: nobody",
        ]
        assert "importlib" not in " ".join(frames_of(other.value)[-2:])
    finally:
        sys.path.remove(str(tmp_path))


@pytest.mark.parametrize("error", ["TryLater('shut')", "Misconfigured('no')", "Undeliverable('gone')"])
def test_what_is_said_on_purpose_has_no_frames(error: str, caplog: pytest.LogCaptureFixture) -> None:
    space: dict[str, Callable[[], None]] = {}
    code = f"from voc.plugin import TryLater, Misconfigured, Undeliverable\ndef say():\n    raise {error}\n"
    exec(compile(code, "acme.py", "exec"), space)
    guard = Guard(limit=5)
    guard.shows_frames = True
    with pytest.raises(PluginFailed):
        guard.call("acme", space["say"])
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"plugin acme raised {error.split('(')[0]}: ")
    assert "\n" not in line


def test_places_are_those_of_the_plugin_alone(tmp_path: Path) -> None:
    code = tmp_path / "acme" / "__init__.py"
    code.parent.mkdir()
    code.write_text("def read():\n    int('x')\n")
    space: dict[str, Callable[[], None]] = {}
    exec(compile(code.read_text(), str(code), "exec"), space)
    with pytest.raises(ValueError, match="invalid literal") as caught:
        space["read"]()
    assert place_of(caught.value, code.parent) == "acme/__init__.py:2"
    assert place_of(caught.value, tmp_path / "other") == ""
    assert frames_of(caught.value)[-1] == f"{code}:2 in read: int('x')"
    wrapped = RuntimeError("no")
    wrapped.__cause__ = caught.value
    assert place_of(wrapped, code.parent) == "acme/__init__.py:2"


def test_secrets_are_masked_however_they_are_written() -> None:
    masked = masker({"token": 'a"b/c d', "short": "abc", "longer": 'a"b/c d and more', "none": None})
    text = 'a"b/c d and more | a"b/c d | a\\"b/c d | a%22b%2Fc%20d | a%22b%2Fc+d | abc'
    assert masked(text) == "… | … | … | … | … | abc"
