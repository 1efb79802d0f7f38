"""The words of a text as they are searched: without case, accents and punctuation, each with its place. Pure.

Both databases get exactly these words, so that the same question has the same answer on either; neither is asked to
understand a language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from voc.analysis.folding import fold

_WORD = re.compile(r"[^\W_]+")
# What follows in a longer word is not looked at: PostgreSQL takes 2,046 bytes, and nobody types more.
LONGEST_WORD = 60
# PostgreSQL tells places apart up to 16,383; what comes later in a text is not searched.
MOST_WORDS = 16_000


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and its half-open span in the text as it was written, in code points."""

    word: str
    start: int
    end: int


def words(text: str) -> list[str]:
    """The folded words of a text in order, at most MOST_WORDS: `Péssimo, o pedido!` gives pessimo, o, pedido."""
    found = islice(_WORD.finditer(fold(text).text), MOST_WORDS)
    return [match.group()[:LONGEST_WORD] for match in found]


def searched(subject: str | None, text: str | None) -> list[str]:
    """The words by which a feedback is found: those of its subject, then its own."""
    return [*words(subject or ""), *words(text or "")][:MOST_WORDS]


def placed(text: str) -> Iterator[Word]:
    """The same words with their places."""
    folded = fold(text)
    for match in islice(_WORD.finditer(folded.text), MOST_WORDS):
        start, end = folded.span(match.start(), match.end())
        yield Word(match.group()[:LONGEST_WORD], start, end)
