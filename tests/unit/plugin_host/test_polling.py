"""The option `poll_seconds`: every channel that fetches has it, in the reader's language; its own wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from voc.core.errors import Invalid
from voc.core.vocabulary import LANGUAGES
from voc.plugin_host import PluginHost
from voc.plugin_host.manifest import read_manifest

CODE = """\
from voc.plugin import Channel, Inbound, Option, Options, Page, hookimpl

class Board(Channel):
    kind = "board"
    options = Options(OPTIONS)

    def fetch(self, ctx, cursor):
        return Page()

    def read(self, view, raw):
        yield Inbound(external_id="1", text=raw.body.decode())

@hookimpl
def voc_channels():
    return [Board]
"""
MANIFEST = """\
name = "board"
contract = 1
kinds = ["board"]
capabilities = ["FETCH"]
"""
Drop = Callable[..., Path]
Load = Callable[..., tuple[PluginHost, object]]


def test_voc_adds_it(drop: Drop, load: Load) -> None:
    drop("board", code=CODE.replace("OPTIONS", 'Option("place", "Where.")'), manifest=MANIFEST)
    host, _ = load()
    found = host.channel("board")
    assert found is not None, host.states
    options = found[1].options
    assert [option.name for option in options] == ["place", "poll_seconds"]
    assert options.check({}) == ({"place": None, "poll_seconds": 60}, {})
    assert options.check({"poll_seconds": "0"})[1] == options.check({"poll_seconds": "5"})[1] == {}
    for wrong in ("4", "-1"):
        assert options.check({"poll_seconds": wrong})[1] == {"poll_seconds": ["must be at least 5, or 0"]}
    assert "whole number" in options.check({"poll_seconds": "soon"})[1]["poll_seconds"][0]
    option = list(options)[-1]
    said = {host.said("board", language).help(option) for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    assert host.said("board", "es").label(option) == "Segundos entre dos miradas"


def test_its_own_stays(drop: Drop, load: Load) -> None:
    own = 'Option("poll_seconds", "Mine.", type="number", default=1)'
    drop("board", code=CODE.replace("OPTIONS", own), manifest=MANIFEST)
    host, _ = load()
    found = host.channel("board")
    assert found is not None
    assert found[1].options.check({"poll_seconds": 2}) == ({"poll_seconds": 2}, {})
    assert host.said("board", "es").help(next(iter(found[1].options))) == "Mine."


def test_who_fetches_nothing_has_none(drop: Drop, load: Load) -> None:
    drop("board", code=CODE.replace("OPTIONS", ""), manifest=MANIFEST.replace('"FETCH"', ""))
    found = load()[0].channel("board")
    assert found is not None
    assert list(found[1].options) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "a"\nkinds = ["a",\n', "it begins in line 2"),
        ('name = "a"\ntitle = """x\nb\n', "it begins in line 2"),
        ('name = "a"\n[texts.es\n', "at line 2"),
    ],
)
def test_a_broken_manifest_names_the_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "plugin.toml"
    path.write_text(text)
    with pytest.raises(Invalid, match=words):
        read_manifest(path)
