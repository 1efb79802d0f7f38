"""One text laid on the scales of the sentiment head: what every word adds, and the sum of any stretch of words.

What a word adds is one packed row (see ``table``): at the bottom three small counts (words said well, words said
badly, words that are known), then three sums in ``UNIT`` parts of the table's: negative, neutral, and by how much
positive outweighs negative. So a word costs one addition, and no sum depends on the order of adding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple
from zlib import crc32

from voc.analysis.folding import Folded, Token, Words
from voc.analysis.linear import features
from voc.analysis.linear.features import MASK, REACH, Scopes
from voc.analysis.linear.lexicon import Lexicon, emoji
from voc.analysis.linear.table import FIELD, FIELD_MASK, HALF, Table, packed
from voc.analysis.remembering import Remembered

WORDS = 2_000  # of one text; what follows is not weighed
REMEMBERED = 12_000  # words whose weights are kept; then all are forgotten at once
# What each kind of feature counts; chosen on the training side by leaving sources out.
LETTERS_SHARE = 0.35
VALUE_SHARE = 3.0
SHAPE_SHARE = 0.3

UNIT = 2_000  # parts of a weight of the table, so that every share is a whole number of them


def _units(share: float) -> int:
    """A share as parts of ``UNIT``. Raises ValueError when it, or what is left of it before a turn, is none."""
    units = round(share * UNIT)
    if abs(units - share * UNIT) > 1e-9 or units * features.FADED % 1:
        raise ValueError(f"a share of {share} is no whole number of parts of {UNIT}")
    return units


_LETTERS, _VALUE, _FADED = _units(LETTERS_SHARE), _units(VALUE_SHARE), _units(features.FADED)
_COUNT = 16  # bits of a count
_COUNTS = 3 * _COUNT
_GOOD, _BAD, _KNOWN = 1, 1 << _COUNT, 1 << (2 * _COUNT)
_LOW = (1 << _COUNTS) - 1
_LEAN = _COUNTS + 2 * FIELD  # where the lean to positive begins
_ROUND = ((1 << (FIELD - 1)) + (1 << (2 * FIELD - 1))) << _COUNTS
_NEGATOR, _END, _TURN = 1, 2, 4

Three = tuple[float, float, float]
# A word: squeezed, its row said plainly and denied, value, role, strength for the next word, its halves of pairs.
Known = tuple[str, int, int, int, int, str, int, bytes]


class Weighed:
    """What each word added, as packed rows; ``reached``: the words that a negation reaches."""

    def __init__(self, words: Words, reached: list[bool], rows: list[int]) -> None:
        """Take what the scales say."""
        self.words, self.reached, self.rows = words, reached, rows

    @cached_property
    def sums(self) -> list[int]:
        """Running sums: word ``i`` is the difference of ``i + 1`` and ``i``."""
        return list(accumulate(self.rows, initial=0))

    def between(self, first: int, after: int) -> Stretch:
        """Sum of the words from ``first`` up to before ``after``."""
        sums = self.sums
        counts = sums[after] - sums[first]
        row = counts >> _COUNTS
        a = ((row + HALF) & FIELD_MASK) - HALF
        row = (row - a) >> FIELD
        b = ((row + HALF) & FIELD_MASK) - HALF
        c = a + ((row - b) >> FIELD)
        good, bad, known = counts & _BAD - 1, counts & _KNOWN - _BAD, counts & _LOW & -_KNOWN
        return Stretch(a / UNIT, b / UNIT, c / UNIT, good > 0, bad > 0, known > 0)

    def leans(self) -> list[int]:
        """By how much each word speaks for positive rather than negative, in some unit."""
        return [(row + _ROUND) >> _LEAN for row in self.rows]


class Stretch(NamedTuple):
    """The sum of some words: negative, neutral and positive in units of the table; and what kinds of words they are."""

    negative: float
    neutral: float
    positive: float
    good: bool
    bad: bool
    known: bool


class Scales:
    """The sentiment head of one language, with a memory for words."""

    def __init__(self, table: Table, rows: Sequence[int], lexicon: Lexicon, seen: bytes, language: str) -> None:
        """Put a weight table, its packed rows, a lexicon and the words that training saw together."""
        if len(table.columns) != 3:
            raise ValueError("a sentiment table has three classes")
        self._table, self._lexicon, self._seen, self._language = table, lexicon, seen, language
        self._pairs = rows
        self._known: Remembered[Known] = Remembered(self._know, REMEMBERED)
        self._grams: Remembered[int] = Remembered(lambda name: self._row((name,)), REMEMBERED)
        self._gaps: Remembered[int] = Remembered(self._gap, 1_000)
        self._values: dict[tuple[int, bool, str], int] = {}
        self._shapes: dict[tuple[str, bool, bool, bool, bool], Three] = {}
        self._first, self._stopped = features.pair_halves("^")[0], features.pair_halves(".")[0]

    @property
    def scopes(self) -> Scopes:
        """The small words of the language."""
        return self._lexicon.scopes

    def shape(self, text: str, words: int, good: bool, bad: bool) -> Three:
        """Weights of what concerns a text of so many words as a whole, remembered: there are few kinds of texts."""
        key = (features.size_of(words), good, bad, text.rstrip().endswith("?"), features.shouts(text))
        found = self._shapes.get(key)
        if found is None:
            values = features.pattern(good, bad, key[3])
            names = features.shape_names(text, words, self._language, values)
            a, b, c = self._table.sums(features.numbers(names))
            found = self._shapes[key] = (a, b, c)
        return found

    def _row(self, names: Iterable[str], units: int = UNIT) -> int:
        """Packed row of some features by name; all are rows of ``UNIT`` parts, and no part is broken."""
        pairs = self._pairs
        return sum([pairs[place] for place in features.numbers(names)]) * units // UNIT

    def _know(self, word: str) -> Known:
        """Everything that depends on a folded word alone."""
        squeezed, scopes = self._lexicon.squeezed(word), self.scopes
        value, place = self._lexicon.value(squeezed), features.seen_place(squeezed, len(self._seen) * 8)
        ground = bool(value) or (len(squeezed) > 1 and self._seen[place >> 3] >> (place & 7) & 1)
        letters = sum(map(self._grams.__getitem__, features.gram_names(squeezed))) * _LETTERS // UNIT
        letters += _KNOWN if ground else 0
        plain = self._row(features.word_names(squeezed, False)) + letters
        denied = self._row(features.word_names(squeezed, True)) + letters
        role = _NEGATOR if squeezed in scopes.negators or squeezed.endswith("n't") else 0
        role |= _END if squeezed in scopes.ends else 0
        role |= _TURN if features.turns(squeezed, self._language) else 0
        strength = features.strength_of(squeezed, scopes)
        return squeezed, plain, denied, value, role, strength, *features.pair_halves(squeezed)

    def _gap(self, gap: str) -> int:
        """Packed row of the marks and pictures between two words."""
        values, total = emoji(), 0
        for mark in features.marks(gap):
            total += self._row((mark,))
            if mark in values:
                total += self._row((features.bucket(values[mark], False, ""),), _VALUE)
        return total

    def _value(self, value: int, denied: bool, strength: str) -> int:
        """Packed row of a word or a phrase of the lexicon, with its count as one said well or badly."""
        key = (value, denied, strength)
        found = self._values.get(key)
        if found is None:
            found = self._row((features.bucket(value, denied, strength),), _VALUE)
            found += _GOOD if (value > 0) != denied else _BAD
            self._values[key] = found
        return found

    def weigh(self, folded: Folded, words: Sequence[Token]) -> Weighed:
        """Every word on the scales, in one pass."""
        cut = words if isinstance(words, Words) else Words.of(words)
        if len(cut) > WORDS or not isinstance(words, Words):
            cut = Words.of(cut[:WORDS])
            cut.tail = folded.text[cut.ends[-1] :] if cut.ends else folded.text
        known = list(map(self._known.__getitem__, cut.words))
        plain = [word[0] for word in known]
        if plain != cut.words:
            cut = Words(plain, cut.gaps, cut.starts, cut.ends, cut.breaks, cut.tail)
        rows, reached, turned = self._rows(cut, known)
        for hit in self._lexicon.phrases.find(folded, cut):
            last, value = hit.after - 1, int(hit.key)
            counted = rows[last] & (_KNOWN - 1)  # of the word itself, which the phrase makes worthless
            rows[last] += self._value(value, reached[hit.first], "p") - counted
        if turned:
            _fade(rows, cut, self._language)
        _forget_links(rows, cut, folded.text)
        if rows and not any(row & _LOW & -_KNOWN for row in rows) and _shows(folded.text):
            rows[-1] += _KNOWN
        return Weighed(cut, reached, rows)

    def _rows(self, words: Words, known: Sequence[Known]) -> tuple[list[int], list[bool], bool]:
        """What each word adds: itself, the pair it closes, the marks before it, its value in the lexicon; which words
        a negation reaches; and whether one of them may turn what was said."""
        pairs, gaps, valued = self._pairs, self._gaps, self._value
        rows: list[int] = []
        reached: list[bool] = []
        left, roles, half, strength = 0, 0, self._first, ""
        for word, gap, breaks in zip(known, words.gaps, words.breaks, strict=True):
            _, row, denied_row, value, role, following, first, second = word
            if breaks:
                left, half, strength = 0, self._stopped, ""
            elif left and role & _END:
                left = 0
            denied = left > 0
            if denied:
                row = denied_row
                left -= 1
            reached.append(denied)
            row += pairs[crc32(second, half) & MASK]
            if value:
                row += valued(value, denied, strength)
            if len(gap) > 1:
                row += gaps[gap]
            rows.append(row)
            half, strength = first, following
            if role:
                roles |= role
                if role & _NEGATOR:
                    left = REACH
        if rows:
            rows[-1] += gaps[words.tail + " "]
        return rows, reached, bool(roles & _TURN)


def packed_rows(table: Table) -> tuple[int, ...]:
    """Every feature of a sentiment table as a packed row."""

    def pack(weights: Sequence[int]) -> int:
        a, b, c = weights
        return packed((a * UNIT, b * UNIT, (c - a) * UNIT)) << _COUNTS

    return table.rows(pack)


def _fade(rows: list[int], words: Words, language: str) -> None:
    """Words before a turn in their sentence count less; they are counted all the same."""
    for index, share in enumerate(features.shares(words, language)):
        if share != 1.0:
            row = rows[index]
            rows[index] = ((row >> _COUNTS) * _FADED // UNIT << _COUNTS) | (row & _LOW)


def _forget_links(rows: list[int], words: Words, text: str) -> None:
    """Words in addresses are no ground for a judgement."""
    for start, end in features.links(text):
        for index in words.within(start, end):
            rows[index] -= rows[index] & _LOW & -_KNOWN


def _shows(text: str) -> bool:
    """Whether a text shows a picture that means something."""
    return any(mark in emoji() for mark in features.marks(text + " "))


def length_share(words: int) -> float:
    """What one word of a text of so many counts: long texts do not shout down their own language and length."""
    return float((max(1, words) + 2) ** -0.5)
