"""What plugin.toml says in other languages: read with care, complete for what is bundled, never in the way."""

from __future__ import annotations

from typing import Any

import pytest

from voc.core.errors import Invalid
from voc.plugin import Option
from voc.plugin_host import PluginHost
from voc.plugin_host.manifest import check_manifest
from voc.plugin_host.texts import Texts, read_texts

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
