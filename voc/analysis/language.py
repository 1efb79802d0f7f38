"""Which of es, pt, en a text is written in, or honestly *unknown*.

A head of the shipped model over words, letters and pairs of words, with a fourth answer for every other language and
for no language at all. The hint (language of the page, form or customer) moves the scales where the text is short; it
never makes a language out of names and numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from voc.analysis.linear.artifact import shipped
from voc.analysis.linear.letters import letter_places, pair_place, written_words
from voc.analysis.linear.table import Table
from voc.core.vocabulary import LANGUAGES

SEEN_CHARACTERS = 3_000
SURE = 0.4  # probability below which the answer is unknown; chosen on snippets of the training side
HINT = 1.5  # log-odds that the hint adds
GROUND = 0.2  # probability without the hint that the hinted language must have
CLEAR = 0.9  # probability from which a hint changes nothing
NONE = 0.5  # probability of "another language or none" from which a hint changes nothing
HEAD = "language"
_REMEMBERED = 30_000

Four = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The language (ISO 639-1) or None for unknown, and how probable the best one is, 0 to 1."""

    language: str | None
    probability: float


class _Ear:
    """The language head with a memory for words."""

    def __init__(self, table: Table) -> None:
        """Take the weights; the classes are es, pt, en, other."""
        if table.classes != (*LANGUAGES, "other"):
            raise ValueError(f"a language head of other classes: {table.classes}")
        self._table = table
        self._memory: dict[str, tuple[Four, int]] = {}

    def word(self, word: str) -> tuple[Four, int]:
        """Sum of the weights of a word, and how many there are."""
        found = self._memory.get(word)
        if found is None:
            places = letter_places(word)
            a, b, c, d = self._table.sums(places)
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            found = self._memory[word] = ((a, b, c, d), len(places))
        return found

    def hear(self, words: list[str]) -> list[float]:
        """Scores of the four classes."""
        es = pt = en = other = 0.0
        count = 0
        columns, before = self._table.columns, ""
        for word in words:
            (a, b, c, d), size = self.word(word)
            es, pt, en, other, count = es + a, pt + b, en + c, other + d, count + size
            if before:
                place = pair_place(before, word)
                es, pt, en, other = (
                    es + columns[0][place],
                    pt + columns[1][place],
                    en + columns[2][place],
                    other + columns[3][place],
                )
                count += 1
            before = word
        share = self._table.scale * max(1, count) ** -0.5
        return [total * share + bias for total, bias in zip((es, pt, en, other), self._table.bias, strict=True)]


@cache
def _ear() -> _Ear:
    """The head that ships."""
    return _Ear(shipped().tables[HEAD])


def identify(text: str, hint: str | None = None) -> LanguageGuess:
    """Language of a text; only its first 3,000 characters are looked at. The hint decides where the text is short."""
    words = written_words(text[:SEEN_CHARACTERS])
    latin = sum(any("a" <= char <= "\u024f" for char in word) for word in words)
    if 2 * latin <= len(words):
        return LanguageGuess(None, 0.0)
    scores = _ear().hear(words)
    chances = _chances(scores)
    best = max(range(3), key=chances.__getitem__)
    if hint in LANGUAGES:
        hinted = LANGUAGES.index(hint)
        if chances[hinted] >= GROUND and chances[best] < CLEAR and chances[3] < NONE:
            scores[hinted] += HINT
            chances = _chances(scores)
            best = max(range(3), key=chances.__getitem__)
    if chances[best] < SURE or chances[best] <= chances[3]:
        return LanguageGuess(None, round(chances[best], 3))
    return LanguageGuess(LANGUAGES[best], round(chances[best], 3))


def _chances(scores: list[float]) -> list[float]:
    """Probabilities of the four classes."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
