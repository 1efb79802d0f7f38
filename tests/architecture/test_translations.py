"""Spanish and Portuguese are complete: every text in templates and code, no doubt left, the same placeholders."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from voc.delivery import fate, in_channel, outcome
from voc.net.smtp import Reason
from voc.web.triage import reasons

LANGUAGES = ("es", "pt")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%[sd]")
SENTENCE = re.compile(r"[A-Z][^{}\n]*[.?]")
# (module or template, expression) of texts that are looked up, and where the sentences stand that can come there.
LOOKED_UP = {
    ("voc/web/account/texts.py", "text"): (
        "voc/security/users.py",
        "voc/cases",
        "voc/customers",
        "voc/delivery/hooks",
        "voc/pipeline",
        "voc/routing",
    ),
    ("voc/web/account/webhooks.py", "delivery.error"): ("voc/delivery/hooks",),
    ("voc/web/triage/ruled.py", "text"): ("voc/routing",),
    ("voc/web/triage/ruled.py", "field.text"): ("voc/routing",),
    ("voc/web/triage/rules.py", "error.mistake.text"): ("voc/routing",),
    ("voc/web/triage/reasons.py", "head"): (),  # see `REASONS`
    ("voc/web/triage/reasons.py", "text"): (),
    ("voc/web/templates/triage/status.html", "invariant"): ("voc/pipeline/verify/report.py",),
}

# Why an answer was not delivered, as stored: begins with one of these.
REASONS = [
    *(reason.value for reason in Reason),
    *(outcome.NOT_CONFIGURED, outcome.NO_SENDER, outcome.ABANDONED),
    fate.CAME_BACK,
    in_channel.GONE,
    in_channel.NO_PLUGIN,
    *reasons.SENTENCES,
]


@cache
def extracted(root: Path) -> dict[Any, list[str]]:
    """Every text in the sources with the places where it stands; a text with a plural is a pair."""
    keywords = {"lazy_gettext": None, "lazy_ngettext": (1, 2), "gettext": None, "ngettext": (1, 2), "_": None}
    found: dict[Any, list[str]] = {}
    for path, line, message, _, _ in extract_from_dir(root / "voc", METHODS, keywords=keywords):
        found.setdefault(message, []).append(f"voc/{path}:{line}")
    return found


@cache
def catalogue(root: Path, language: str) -> Catalog:
    """The catalogue of a language."""
    path = root / "voc/core/translations" / language / "LC_MESSAGES/messages.po"
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def placeholders(text: str) -> set[str]:
    """What a text leaves to be filled in."""
    return {found.group(0) for found in PLACEHOLDER.finditer(text)}


def faults(message: Message) -> list[str]:
    """What is wrong with one translated message."""
    originals = [message.id] if isinstance(message.id, str) else list(message.id)
    translated = [message.string] if isinstance(message.string, str) else list(message.string)
    if message.fuzzy:
        return ["is marked fuzzy"]
    if not all(text.strip() for text in translated):
        return ["is empty"]
    wanted = set.union(*(placeholders(text) for text in originals))
    wrong = [text for text in translated if not placeholders(text) <= wanted or placeholders(translated[-1]) != wanted]
    return [f"placeholders differ: {text!r}" for text in wrong]


def key(message: Message) -> Any:
    """A text, or the pair of a text and its plural."""
    return message.id if isinstance(message.id, str) else tuple(message.id)


def looked_up(house: Any) -> dict[str, list[str]]:
    """Sentences of services that an edge translates: they are message ids although nothing marks them."""
    found: dict[str, list[str]] = {text: ["voc/net/smtp.py"] for text in REASONS}
    prefixes = tuple(path for paths in LOOKED_UP.values() for path in paths)
    for source in house.sources("voc"):
        if source.path.startswith(prefixes):
            documentation = {id(node.value) for node in source.walk() if isinstance(node, ast.Expr)}
            pieces = {id(part) for node in source.walk() if isinstance(node, ast.JoinedStr) for part in node.values}
            for node in source.walk():
                value = node.value if isinstance(node, ast.Constant) else None
                said = isinstance(value, str) and SENTENCE.fullmatch(value)
                if said and id(node) not in documentation | pieces:
                    found.setdefault(value, []).append(source.at(node))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing(house: Any, language: str) -> None:
    known = {key(message) for message in catalogue(house.root, language)}
    wanted = {**looked_up(house), **extracted(house.root)}
    missing = [f"{places[0]} {message!r}" for message, places in wanted.items() if message not in known]
    assert missing == [], f"{len(missing)} texts are not in the catalogue"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_over(house: Any, language: str) -> None:
    wanted = {**looked_up(house), **extracted(house.root)}
    messages = [message for message in catalogue(house.root, language) if message.id]
    assert [message.id for message in messages if key(message) not in wanted] == []
    assert list(catalogue(house.root, language).obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_can_be_used(house: Any, language: str) -> None:
    messages = [message for message in catalogue(house.root, language) if message.id]
    assert {str(message.id): faults(message) for message in messages if faults(message)} == {}


def test_texts_are_written_where_they_are_looked_up(house: Any) -> None:
    """`_(variable)` is invisible to extraction: such places are listed, and their words extracted elsewhere."""
    names = {"gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "_", "translated"}
    found = {
        (source.path, ast.unparse(node.args[0]))
        for source in house.sources("voc")
        for node in source.walk()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        if node.args and not isinstance(node.args[0], ast.Constant)
    }
    for path in sorted((house.root / "voc").rglob("templates/**/*.*")):
        text = path.read_text(encoding="utf-8")
        relative = path.relative_to(house.root).as_posix()
        found |= {(relative, call) for call in re.findall(r"\b_\(([a-z][\w.]*)\)", text)}
    assert found == set(LOOKED_UP)


def test_rule_finds_what_it_is_for() -> None:
    assert faults(Message("Hello %(name)s", "Hola %(nombre)s")) != []
    assert faults(Message("Hello", "")) == ["is empty"]
    assert faults(Message("Hello", "Hola", flags=["fuzzy"])) == ["is marked fuzzy"]
    assert faults(Message(("One", "%(num)s of them"), ("Uno", "%(num)s de ellos"))) == []
