"""Topics by words: the company's taxonomy, editable, compiled once, found in linear time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from voc.analysis.folding import Folded, Token, fold
from voc.analysis.phrases import PhraseTable
from voc.core.vocabulary import LANGUAGES

if TYPE_CHECKING:
    from voc.analysis.clauses import Piece
    from voc.analysis.learned import Head


@dataclass(frozen=True, slots=True)
class Topic:
    """One node: its key, its name and its words and phrases per language, and the key of the topic above it."""

    key: str
    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    parent: str | None = None


class TopicHit(NamedTuple):
    """A topic spoken of at a place of the original text (half-open span); `above` are the topics above it."""

    key: str
    start: int
    end: int
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Topics and their compiled word tables (one per language, one of all), and the head that a company taught."""

    topics: tuple[Topic, ...]
    head: Head | None = None
    _tables: dict[str | None, PhraseTable] = field(init=False, repr=False, compare=False, default_factory=dict)
    _above: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Compile. Raises ValueError on a key used twice or a phrase without a first word."""
        keys = [topic.key for topic in self.topics]
        if len(set(keys)) != len(keys):
            raise ValueError("a topic key is used twice")
        parents = {topic.key: topic.parent for topic in self.topics}
        self._above.update((key, lineage(key, parents)) for key in keys)
        for language in LANGUAGES:
            self._tables[language] = PhraseTable(_entries(self.topics, (language,)))
        self._tables[None] = PhraseTable(_entries(self.topics, LANGUAGES))

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], head: Head | None = None) -> Self:
        """From dictionaries ``{key, names: {language: name}, words: {language: [word]}, parent?: key}``.

        Raises KeyError and ValueError.
        """
        return cls(
            tuple(
                Topic(
                    row["key"],
                    dict(row["names"]),
                    {language: tuple(words) for language, words in row["words"].items()},
                    row.get("parent"),
                )
                for row in rows
            ),
            head,
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
        return [TopicHit(hit.key, hit.start, hit.end, self.above(hit.key)) for hit in table.find(folded, words)]

    def spoken_of(
        self, folded: Folded, language: str | None, words: Sequence[Token], pieces: Sequence[Piece]
    ) -> list[TopicHit]:
        """What the words find and, where a company taught a head, what that adds, at the clause that says most."""
        hits = self.find_folded(folded, language, words)
        if self.head is None or not pieces or not words:
            return hits
        from voc.analysis.heading import added  # only where there is a head

        fresh = added(self.head, folded, words, pieces, spoken={hit.key for hit in hits})
        known = [TopicHit(key, piece.start, piece.end, self.above(key)) for key, piece in fresh if key in self._above]
        return sorted([*hits, *known], key=lambda hit: (hit.start, hit.end)) if known else hits

    def above(self, key: str) -> tuple[str, ...]:
        """The topics above one, the nearest first."""
        return self._above.get(key, ())


def lineage(key: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The topics above one, the nearest first; ends where a parent is unknown or comes round again."""
    found: list[str] = []
    parent = parents.get(key)
    while parent is not None and parent in parents and parent != key and parent not in found:
        found.append(parent)
        parent = parents[parent]
    return tuple(found)


def _entries(topics: Iterable[Topic], languages: Sequence[str]) -> list[tuple[str, str]]:
    """Key and pattern of every word of the languages, each once."""
    pairs = ((topic.key, word) for topic in topics for lang in languages for word in topic.words.get(lang, ()))
    return list(dict.fromkeys(pairs))


@cache
def default_rows() -> tuple[dict[str, Any], ...]:
    """The rows of ``taxonomy.toml``, from which a new house fills its table of topics."""
    text = (files("voc.analysis") / "taxonomy.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["topics"])
