"""What plugin.toml says in other languages: read with care, complete for what is bundled, never in the way."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from voc.core.errors import Invalid
from voc.plugin import Option
from voc.plugin_host import PluginHost
from voc.plugin_host.manifest import check_manifest
from voc.plugin_host.sentences import reworded
from voc.plugin_host.texts import Texts, read_texts

ROOT = Path(__file__).parents[3]
OPTION = Option("imap_host", "Server of the mailbox.", type="choice", choices=("a", "b"))


def test_what_is_said_and_what_is_not() -> None:
    data = {"es": {"title": "Correo", "options": {"imap_host": {"label": "Servidor", "choices": {"a": "uno"}}}}}
    found, wrong = read_texts(data)
    assert wrong == []
    said = found["es"]
    assert (said.title, said.description, said.label(OPTION)) == ("Correo", "", "Servidor")
    assert said.help(OPTION) == "Server of the mailbox."
    assert [said.choice(OPTION, value) for value in ("a", "b")] == ["uno", "b"]
    assert Texts().label(OPTION) == "Imap host"


@pytest.mark.parametrize(
    "data",
    [
        "es", ["es"], {"fr": {}}, {"es": "Correo"}, {"es": {"titel": "x"}}, {"es": {"title": 5}},
        {"es": {"title": "x" * 1001}}, {"es": {"options": []}}, {"es": {"options": {"a": "Servidor"}}},
        {"es": {"options": {"a": {"lable": "x"}}}}, {"es": {"options": {"a": {"choices": ["x"]}}}},
        {"es": {"options": {"a": {"choices": {"x": 1}}}}}, {"es": {"description": {"es": "x"}}},
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(data: Any) -> None:
    assert read_texts(data)[1] != []
    with pytest.raises(Invalid, match="texts"):
        check_manifest({"name": "x", "contract": 1, "texts": data})


def test_nothing_that_acts_comes_through() -> None:
    found, _ = read_texts({"es": {"title": "a\x00b\x1b[31m\nc"}})
    assert found["es"].title == "ab[31m c"


def test_a_kind_that_nobody_offers_is_called_by_its_name() -> None:
    assert PluginHost(limit=1.0).said("pigeon", "es").title == "pigeon"


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_bundled_plugins_say_everything(language: str) -> None:
    """English helps stand in the code; everything else here."""
    host = PluginHost.load(None)
    missing = []
    for kind in host.kinds():
        found, said = host.channel(kind), host.said(kind, language)
        assert found is not None
        assert said.title
        assert said.description
        options = list(found[1].options)
        assert set(said.options) == {item.name for item in options}, kind
        for item in options:
            texts = said.options[item.name]
            missing += [f"{kind}.{item.name}.label"] if not texts.label else []
            missing += [f"{kind}.{item.name}.help"] if not texts.help and language != "en" else []
    assert missing == []


SPOKEN = {"Health": 1} | dict.fromkeys(
    ("Ignored", "Misconfigured", "OutcomeUnknown", "Robot", "Trouble", "TryLater", "Undeliverable", "ValueError"), 0
)


def spoken(plugin: str) -> set[str]:
    """Every sentence that the code of a bundled plugin says to people, `7` for what varies in it."""
    found = set()
    for path in sorted((ROOT / "plugins" / plugin).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            place = SPOKEN.get(name)
            if place is None or not isinstance(node, ast.Call) or len(node.args) <= place:
                continue
            said = node.args[place]
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                found.add(said.value)
            elif isinstance(said, ast.JoinedStr):
                found.add("".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in said.values))
    return {said for said in found if " " in said and said.strip("7.: ")}


@pytest.mark.parametrize("language", ["es", "pt"])
def test_bundled_plugins_say_their_sentences(language: str) -> None:
    host = PluginHost.load(None)
    silent = {
        kind: missing
        for kind in host.kinds()
        if (missing := {text for text in spoken(kind) if reworded(text, [host.said(kind, language).sentences]) == text})
    }
    assert silent == {}, silent
    assert len(spoken("email")) > 25, "the rule finds what it is for"


def test_sentences_are_the_same_in_both_languages() -> None:
    host = PluginHost.load(None)
    for kind in host.kinds():
        spanish, portuguese = (
            [(item.literals, item.names) for item in host.said(kind, language).sentences] for language in ("es", "pt")
        )
        assert spanish == portuguese, kind
