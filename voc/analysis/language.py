"""Which of es, pt, en a text is written in, or honestly *unknown*.

A head of the shipped model over words, letters and pairs of words, with a fourth answer for every other language and
for no language at all. The hint (language of the page, form or customer) moves the scales where the text is short; it
never makes a language out of names and numbers.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, pairwise
from zlib import crc32

from voc.analysis.linear.artifact import shipped
from voc.analysis.linear.features import MASK, number
from voc.analysis.linear.letters import (
    LONGEST_WORD,
    PAIR_TIMES,
    WHOLE_TIMES,
    letter_runs,
    pair_halves,
    run_name,
    whole_name,
    written,
)
from voc.analysis.linear.table import Table, packed, unpacked
from voc.analysis.remembering import Remembered
from voc.core.vocabulary import LANGUAGES

SEEN_CHARACTERS = 3_000
SURE = 0.4  # probability below which the answer is unknown; chosen on snippets of the training side
HINT = 1.5  # log-odds that the hint adds
GROUND = 0.2  # probability without the hint that the hinted language must have
CLEAR = 0.9  # probability from which a hint changes nothing
NONE = 0.5  # probability of "another language or none" from which a hint changes nothing
HEAD = "language"
_REMEMBERED = 20_000

Known = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The language (ISO 639-1) or None for unknown, and how probable the best one is, 0 to 1."""

    language: str | None
    probability: float


_NO_GUESS = LanguageGuess(None, 0.0)


class _Ear:
    """The language head with a memory for words."""

    def __init__(self, table: Table) -> None:
        """Take the weights; the classes are es, pt, en, other."""
        if table.classes != (*LANGUAGES, "other"):
            raise ValueError(f"a language head of other classes: {table.classes}")
        self._table = table
        self._rows = table.rows(packed)
        self._runs: Remembered[int] = Remembered(self._run, _REMEMBERED)
        self._known: Remembered[Known] = Remembered(self._know, _REMEMBERED)

    def _know(self, word: str) -> Known:
        """A word's weights by class, how many they are and whether it is of Latin letters; and its halves of pairs."""
        runs, whole = letter_runs(word), whole_name(word)
        sums = sum(map(self._runs.__getitem__, runs)) + (WHOLE_TIMES * self._rows[number(whole)] if whole else 0)
        latin = any("a" <= char <= "\u024f" for char in word)
        return (sums + packed((0, 0, 0, 0, len(runs) + bool(whole), latin)), *pair_halves(word))

    def _run(self, run: str) -> int:
        """Weights of a run of letters; there are few."""
        return self._rows[number(run_name(run))]

    def hear(self, text: str) -> Heard:
        """A text's words with their weights; of a long one only the beginning is heard."""
        words, places = written(text[:SEEN_CHARACTERS])
        known, rows = [self._known[word] for word in words], self._rows
        pairs = [rows[crc32(after[2], before[1]) & MASK] for before, after in pairwise(known)]
        return Heard([word[0] for word in known], pairs, places)

    def scores(self, total: int, words: int) -> list[float] | None:
        """Scores of the four classes from the sum of so many words; None where most are of other letters."""
        *classes, places, latin = unpacked(total, 6)
        if 2 * latin <= words:
            return None
        share = self._table.scale * max(1, places) ** -0.5
        return [total * share + bias for total, bias in zip(classes, self._table.bias, strict=True)]


_PAIR = packed((0, 0, 0, 0, 1, 0))


def _paired(total: int, pairs: int) -> int:
    """Sum of so many pairs as they count: each is one place."""
    return PAIR_TIMES * total + pairs * _PAIR


class Heard:
    """A text as the language head hears it: the weights of its words and of each pair of them, as packed rows."""

    def __init__(self, words: list[int], pairs: list[int], places: list[int] | None) -> None:
        """Take what the ear knows; ``places`` are the beginnings and ends of the words in turn."""
        self._words, self._pairs, self._places = words, pairs, places

    @cached_property
    def _sums(self) -> tuple[list[int], list[int]]:
        """Running sums of the words and of the pairs."""
        return list(accumulate(self._words, initial=0)), list(accumulate(self._pairs, initial=0))

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        """Where words begin, and where they end."""
        places = self._places or []
        return places[0:-1:2], places[1::2]

    def total(self) -> tuple[int, int]:
        """Sum and number of all words."""
        return sum(self._words) + _paired(sum(self._pairs), len(self._pairs)), len(self._words)

    def guess(self, hint: str | None = None) -> LanguageGuess:
        """The language of the text; the hint decides where it is short."""
        scores = _ear().scores(*self.total())
        return _NO_GUESS if scores is None else _judged(scores, hint)

    def clearly_other(self, piece: str, start: int, language: str | None, sure: float) -> str | None:
        """The language of a piece that begins at an offset when that is surely another one, with no hint; else None."""
        scores = _ear().scores(*(self._between(start, start + len(piece)) or hear(piece).total()))
        if scores is None:
            return None
        # Nearer to the text's language than this no other is so sure.
        if language in LANGUAGES and max(scores) - scores[LANGUAGES.index(language)] < math.log(sure / (1 - sure)):
            return None
        guess = _judged(scores)
        return guess.language if guess.language != language and guess.probability >= sure else None

    def _between(self, start: int, end: int) -> tuple[int, int] | None:
        """Sum and number of the words between two offsets; None where that is not known without hearing them again."""
        if self._places is None or end > SEEN_CHARACTERS - LONGEST_WORD:
            return None
        starts, ends = self._edges
        first = bisect_left(starts, start)
        after = bisect_left(starts, end, first)
        if (first and ends[first - 1] > start) or (after and ends[after - 1] > end):
            return None  # a word reaches over the edge
        words, pairs = self._sums
        total = words[after] - words[first]
        if after - first > 1:
            total += _paired(pairs[after - 1] - pairs[first], after - 1 - first)
        return total, after - first


@cache
def _ear() -> _Ear:
    """The head that ships."""
    return _Ear(shipped().tables[HEAD])


def hear(text: str) -> Heard:
    """Hear a text once, for the language of the whole and of its pieces."""
    return _ear().hear(text)


def identify(text: str, hint: str | None = None) -> LanguageGuess:
    """Language of a text; only its first 3,000 characters are looked at. The hint decides where the text is short."""
    return hear(text).guess(hint)


def _judged(scores: list[float], hint: str | None = None) -> LanguageGuess:
    """The answer to the scores of the four classes."""
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
