"""How a plugin's title, description, options and sentences are said in a language: `texts` of plugin.toml. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voc.core.text import one_line, storable
from voc.core.vocabulary import LANGUAGES
from voc.plugin import Option
from voc.plugin_host.sentences import Sentence, sentences_of

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class OptionTexts:
    """How an option is called; `choices` are words by value. What is empty is not said in this language."""

    label: str = ""
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferTexts:
    """How an action, a slot or another offer is called, and its options."""

    label: str = ""
    help: str = ""
    options: Mapping[str, OptionTexts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that is said in one language. `offers` are by name, or by kind and name (`action shop`) where several
    kinds have one of that name."""

    title: str = ""
    description: str = ""
    options: Mapping[str, OptionTexts] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    offers: Mapping[str, OfferTexts] = field(default_factory=dict)

    def label(self, option: Option) -> str:
        """What stands above the field: at least the option's own name, in words."""
        said = self.options.get(option.name)
        return (said.label if said else "") or option.name.replace("_", " ").capitalize()

    def help(self, option: Option) -> str:
        """What stands below it."""
        said = self.options.get(option.name)
        return (said.help if said else "") or option.help

    def choice(self, option: Option, value: str) -> str:
        """The word for one of its choices."""
        said = self.options.get(option.name)
        return (said.choices.get(value) if said else None) or value


def read_texts(data: Any) -> tuple[dict[str, Texts], list[str]]:
    """(texts by language, what is wrong with them)."""
    found: dict[str, Texts] = {}
    wrong: list[str] = []
    if not isinstance(data, dict):
        return {}, ["must be a table with one table for each language"]
    for language, table in data.items():
        if language not in LANGUAGES:
            wrong.append(f"{language!r} is none of the languages {', '.join(LANGUAGES)}")
            continue
        try:
            found[language] = _language(table)
        except ValueError as error:
            wrong.append(f"{language}: {error}")
    return found, wrong


def _language(table: Any) -> Texts:
    if not isinstance(table, dict) or set(table) - {"title", "description", "options", "sentences", "offers"}:
        raise ValueError("may hold title, description, options, offers and sentences")
    sentences, offers = table.get("sentences", {}), table.get("offers", {})
    if not isinstance(offers, dict):
        raise ValueError("offers must be a table with one table for each offer")
    if not isinstance(sentences, dict):
        raise ValueError("sentences must be a table: a sentence as the plugin says it = the same in this language")
    return Texts(
        title=_text(table, "title"),
        description=_text(table, "description"),
        options=_options(table),
        sentences=sentences_of({pattern: _text(sentences, pattern) for pattern in sentences}),
        offers={name: _offer(name, said) for name, said in offers.items()},
    )


def _options(table: Mapping[str, Any]) -> dict[str, OptionTexts]:
    options = table.get("options", {})
    if not isinstance(options, dict):
        raise ValueError("options must be a table with one table for each option")
    return {name: _option(name, said) for name, said in options.items()}


def _offer(name: str, said: Any) -> OfferTexts:
    if not isinstance(said, dict) or set(said) - {"label", "help", "options"}:
        raise ValueError(f"offer {name} may hold label, help and options")
    return OfferTexts(_text(said, "label"), _text(said, "help"), _options(said))


def _option(name: str, said: Any) -> OptionTexts:
    if not isinstance(said, dict) or set(said) - {"label", "help", "choices"}:
        raise ValueError(f"option {name} may hold label, help and choices")
    choices = said.get("choices", {})
    if not isinstance(choices, dict):
        raise ValueError(f"the choices of option {name} must be a table")
    return OptionTexts(_text(said, "label"), _text(said, "help"), {value: _text(choices, value) for value in choices})


def _text(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(f"{name} must be a text of at most {LONGEST} characters")
    return one_line(storable(value))
