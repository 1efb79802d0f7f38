"""Words with a value: what people call good and bad, by language, with the small words that turn or strengthen it.

Files in ``words/``: ``es.txt``, ``pt.txt``, ``en.txt`` and ``emoji.txt`` with one ``VALUE WORD`` a line (-4 to 4, ``*``
at the end for any word that begins so, several words for a phrase); ``scopes.toml`` with the small words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from voc.analysis.folding import fold
from voc.analysis.linear.features import Scopes, doubled, squeezed
from voc.analysis.phrases import PhraseTable

FOLDER = "words"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Values of one language's words, beginnings of words and phrases; ``scopes``: its small words."""

    words: Mapping[str, int]
    beginnings: Mapping[str, int]
    phrases: PhraseTable
    scopes: Scopes
    _lengths: tuple[int, ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        """Lengths of the beginnings, the longest first."""
        object.__setattr__(self, "_lengths", tuple(sorted({len(key) for key in self.beginnings}, reverse=True)))

    def value(self, word: str) -> int:
        """Value of one folded word, 0 when it has none; the longest beginning counts."""
        known = self.words.get(word)
        if known is not None:
            return known
        for length in self._lengths:
            if length <= len(word):
                found = self.beginnings.get(word[:length])
                if found is not None:
                    return found
        return 0

    def squeezed(self, word: str) -> str:
        """A word whose letters were drawn out, written with one, or with two where only so it has a value."""
        once = squeezed(word)
        if once == word or self.value(once):
            return once
        twice = doubled(word)
        return twice if self.value(twice) else once


def entries(lines: Iterable[str]) -> list[tuple[int, str]]:
    """Values and words of a file; empty lines and lines that begin with ``#`` are skipped. Raises ValueError."""
    found = []
    for line in lines:
        clean = line.strip()
        if clean and not clean.startswith("#"):
            value, _, word = clean.partition(" ")
            if not word or not -4 <= int(value) <= 4 or not int(value):
                raise ValueError(f"no entry of a lexicon: {clean!r}")
            found.append((int(value), word.strip()))
    return found


def build(found: Iterable[tuple[int, str]], scopes: Scopes) -> Lexicon:
    """A lexicon from its entries; the last entry of a word counts."""
    words: dict[str, int] = {}
    beginnings: dict[str, int] = {}
    phrases: list[tuple[str, str]] = []
    for value, word in found:
        if " " in word:
            phrases.append((str(value), word))
        elif word.endswith("*"):
            beginnings[fold(word[:-1]).text] = value
        else:
            words[fold(word).text] = value
    return Lexicon(words, beginnings, PhraseTable(phrases), scopes)


def _read(name: str) -> str:
    """Text of one file of the folder."""
    return (files("voc.analysis.linear") / FOLDER / name).read_text(encoding="utf-8")


@cache
def scopes() -> Mapping[str, Scopes]:
    """The small words of each language."""
    return {language: _scopes(row) for language, row in tomllib.loads(_read("scopes.toml")).items()}


def _scopes(row: Mapping[str, Iterable[str]]) -> Scopes:
    """Small words of one language from its table."""

    def folded(name: str) -> frozenset[str]:
        return frozenset(fold(word).text for word in row.get(name, ()))

    ends = folded("contrast") | folded("ends_negation")
    return Scopes(folded("negators"), folded("intensifiers"), folded("diminishers"), ends)


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon that ships for a language. Raises FileNotFoundError for one that has none."""
    return build(entries(_read(f"{language}.txt").splitlines()), scopes()[language])


def spelled(language: str) -> list[str]:
    """The words and phrases with a value in a language as they are written, without those that only begin so."""
    return [word for _, word in entries(_read(f"{language}.txt").splitlines()) if not word.endswith("*")]


@cache
def emoji() -> Mapping[str, int]:
    """Value of each picture and typed face."""
    return {word: value for value, word in entries(_read("emoji.txt").splitlines())}
