"""What the plugin host says of a plugin is a sentence that people can read in their language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from tests.architecture.test_translations import LANGUAGES, catalogue
from voc.plugin_host.faults import BETWEEN, SENTENCES
from voc.plugin_host.sentences import Sentence

# Where it is said why a plugin is not loaded or gave no answer.
SAID_IN = (
    "voc/core/importing.py",
    "voc/plugin_host/claims.py",
    "voc/plugin_host/guard.py",
    "voc/plugin_host/host.py",
    "voc/plugin_host/isolated/plugin.py",
    "voc/plugin_host/isolated/remote.py",
    "voc/plugin_host/loading.py",
    "voc/plugin_host/manifest.py",
    "voc/plugin_host/offers.py",
    "voc/plugin_host/policy.py",
    "voc/plugin_host/sentences.py",
    "voc/plugin_host/sources.py",
    "voc/plugin_host/texts.py",
    "voc/process/companion.py",
    "voc/process/frames.py",
)
# Sentences that stand there and are never such a reason.
ELSEWHERE = (
    "no loaded plugin reads channels of kind 'x'",  # for who works at the command line
    "command 'x' ",  # for who runs it
    "import sys; ",  # a program
)
# Parts of sentences that stand there whole.
PARTS = {"; it begins in line 'x'", "channel kind 'x'"}
# What stands for what varies, where that is words.
WORDS = {"whose": "action 'x'", "doing": "while it was imported"}
# What is said of an offer stands behind its kind and name.
BEFORE = ("", "slot 'x': ", "exporter 'x': ", "command 'x': ", "schedule 'x': ")
# Spelt in every language as in English.
ALIKE = {"plugin"}
# The last one takes whatever is said of a call: it would take anything.
PATTERNS = [Sentence.of(pattern, pattern) for pattern in SENTENCES[:-1]]


def known(text: str) -> bool:
    """Whether a pattern fits it, or each part of what is said all at once."""
    return any(
        all(any(pattern.fit(part) is not None for pattern in PATTERNS) for part in parts)
        for parts in (*([before + text] for before in BEFORE), text.split(BETWEEN))
    )


def spoken(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Texts of several words that are raised, returned, or put on a list; what varies in them is `'x'`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found: list[ast.expr] = list(node.exc.args)
        elif isinstance(node, ast.Return) and node.value is not None:
            found = [node.value]
        elif isinstance(node, ast.Assign):
            # `reason = f"…"`, `errors["kinds"] = ["…"]`.
            found = node.value.elts if isinstance(node.value, ast.List) else [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            found = list(node.args)
        else:
            continue
        for item in found:
            text = words(item)
            if " " in text.replace("'x'", "").strip():
                yield item, text


def words(item: ast.expr) -> str:
    if isinstance(item, ast.Constant) and isinstance(item.value, str):
        return item.value
    if isinstance(item, ast.JoinedStr):
        return "".join(
            WORDS.get(ast.unparse(part.value), "'x'") if isinstance(part, ast.FormattedValue) else words(part)
            for part in item.values
        )
    return ""


def test_every_sentence_of_the_host_is_one_that_is_translated(house: Any) -> None:
    sources = {source.path: source for source in house.sources("voc")}
    said = [(sources[path].at(item), text) for path in SAID_IN for item, text in spoken(sources[path].tree)]
    assert len(said) > 60
    wanted = [(place, text) for place, text in said if text not in PARTS and not text.startswith(ELSEWHERE)]
    unknown = [f"{place} {text!r}" for place, text in wanted if not known(text)]
    assert {text for _, text in said} >= PARTS
    assert [start for start in ELSEWHERE if not any(text.startswith(start) for _, text in said)] == []
    assert unknown == [], "neither in voc/plugin_host/faults.py nor in the catalogues"


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_said_in_another_language(house: Any, language: str) -> None:
    said = {message.id: message.string for message in catalogue(house.root, language) if isinstance(message.id, str)}
    assert [text for text in SENTENCES if text not in ALIKE and said.get(text, text) == text] == []
    # And can be put together again: a translation that names something else would be refused on the page.
    for text in SENTENCES:
        assert Sentence.of(text, str(said[text])).said


def test_rule_finds_what_it_is_for() -> None:
    tree = ast.parse("def f():\n    raise Invalid(f'a plugin named {name} is a stranger')\n")
    ((_, text),) = spoken(tree)
    assert text == "a plugin named 'x' is a stranger"
    assert not known(text)
    assert known("channel kind 'x' belongs to plugin 'x' already")
    assert known("was written for contract 'x', which is newer than the 'x' of this voc; update voc")
