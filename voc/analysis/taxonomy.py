"""Topics by words: the company's taxonomy, editable, compiled once, found in linear time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Self

from voc.analysis.folding import Folded, Token, fold
from voc.analysis.phrases import PhraseTable
from voc.core.vocabulary import LANGUAGES


@dataclass(frozen=True, slots=True)
class Topic:
    """One node: its key, its name per language and its words and phrases per language."""

    key: str
    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TopicHit:
    """A topic spoken of at a place of the original text (half-open span)."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Topics and their compiled word tables (one per language, one of all)."""

    topics: tuple[Topic, ...]
    _tables: dict[str | None, PhraseTable] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Compile. Raises ValueError on a key used twice or a phrase without a first word."""
        keys = [topic.key for topic in self.topics]
        if len(set(keys)) != len(keys):
            raise ValueError("a topic key is used twice")
        for language in LANGUAGES:
            self._tables[language] = PhraseTable(_entries(self.topics, (language,)))
        self._tables[None] = PhraseTable(_entries(self.topics, LANGUAGES))

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Self:
        """From dictionaries ``{key, names: {language: name}, words: {language: [word]}}``; KeyError, ValueError."""
        return cls(
            tuple(
                Topic(
                    row["key"],
                    dict(row["names"]),
                    {language: tuple(words) for language, words in row["words"].items()},
                )
                for row in rows
            )
        )

    @classmethod
    def default(cls) -> Self:
        """The starting taxonomy of customer-service themes that ships with the product."""
        return cls.from_rows(default_rows())

    def name(self, key: str, language: str) -> str:
        """The topic's name in a language, else in Spanish, else its key."""
        for topic in self.topics:
            if topic.key == key:
                return topic.names.get(language) or topic.names.get("es") or key
        return key

    def find(self, text: str, language: str | None) -> list[TopicHit]:
        """Every place where a topic is spoken of, in order; language None searches all three."""
        return self.find_folded(fold(text), language)

    def find_folded(self, folded: Folded, language: str | None, words: Sequence[Token] | None = None) -> list[TopicHit]:
        """As ``find``, on a text already folded and cut into words."""
        table = self._tables.get(language, self._tables[None])
        return [TopicHit(hit.key, hit.start, hit.end) for hit in table.find(folded, words)]


def _entries(topics: Iterable[Topic], languages: Sequence[str]) -> list[tuple[str, str]]:
    """Key and pattern of every word of the languages, each once."""
    pairs = ((topic.key, word) for topic in topics for lang in languages for word in topic.words.get(lang, ()))
    return list(dict.fromkeys(pairs))


@cache
def default_rows() -> tuple[dict[str, Any], ...]:
    """The rows of ``taxonomy.toml``, from which a new house fills its table of topics."""
    text = (files("voc.analysis") / "taxonomy.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["topics"])
