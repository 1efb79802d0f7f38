"""One text laid on the scales of the sentiment head: what every word adds, and the sum of any stretch of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from voc.analysis.folding import Folded, Token
from voc.analysis.linear import features
from voc.analysis.linear.features import Scopes
from voc.analysis.linear.lexicon import Lexicon, emoji
from voc.analysis.linear.table import Table

WORDS = 2_000  # of one text; what follows is not weighed
REMEMBERED = 30_000  # words whose weights are kept; then all are forgotten at once
# What each kind of feature counts; chosen on the training side by leaving sources out.
LETTERS_SHARE = 0.35
VALUE_SHARE = 3.0
SHAPE_SHARE = 0.3

Three = tuple[float, float, float]
_NOTHING: Three = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What each word added, by class, as running sums: word ``i`` is the difference of ``i + 1`` and ``i``."""

    words: Sequence[Token]
    reached: Sequence[bool]
    sums: tuple[list[float], list[float], list[float]]
    good: list[int]  # running count of words said well
    bad: list[int]

    def between(self, first: int, after: int) -> Three:
        """Sum of the words from ``first`` up to before ``after``."""
        a, b, c = self.sums
        return a[after] - a[first], b[after] - b[first], c[after] - c[first]


class Scales:
    """The sentiment head of one language, with a memory for words."""

    def __init__(self, table: Table, lexicon: Lexicon) -> None:
        """Put a weight table and a lexicon together."""
        if len(table.columns) != 3:
            raise ValueError("a sentiment table has three classes")
        self._a, self._b, self._c = table.columns
        self._lexicon = lexicon
        self._memory: dict[str, tuple[Three, Three, int]] = {}
        self._named: dict[tuple[str, float], Three] = {}

    @property
    def scopes(self) -> Scopes:
        """The small words of the language."""
        return self._lexicon.scopes

    def of(self, names: Sequence[str]) -> Three:
        """Weights of some features, by name."""
        places = features.numbers(names)
        a, b, c = self._a, self._b, self._c
        return (
            float(sum([a[place] for place in places])),
            float(sum([b[place] for place in places])),
            float(sum([c[place] for place in places])),
        )

    def named(self, name: str, share: float = 1.0) -> Three:
        """Weights of one feature out of a small set (marks, values, shapes), remembered."""
        key = (name, share)
        found = self._named.get(key)
        if found is None:
            if len(self._named) >= REMEMBERED:
                self._named.clear()
            found = self._named[key] = _times(self.of((name,)), share)
        return found

    def word(self, word: str) -> tuple[Three, Three, int]:
        """Weights of a word said plainly and denied, and its value in the lexicon."""
        found = self._memory.get(word)
        if found is None:
            letters = _times(self.of(features.gram_names(word)), LETTERS_SHARE)
            plain = self.of(features.word_names(word, False))
            denied = self.of(features.word_names(word, True))
            found = (_plus(plain, letters), _plus(denied, letters), self._lexicon.value(word))
            if len(self._memory) >= REMEMBERED:
                self._memory.clear()
            self._memory[word] = found
        return found

    def weigh(self, folded: Folded, words: Sequence[Token], language: str) -> Weighed:
        """Every word on the scales, in one pass."""
        words = [squeezed_token(token) for token in words[:WORDS]]
        reached = features.reached(words, self.scopes)
        rows, values = self._rows(words, reached, folded.text)
        for hit in self._lexicon.phrases.find(folded, words):
            name = features.bucket(int(hit.key), reached[hit.first], "p")
            rows[hit.after - 1] = _plus(rows[hit.after - 1], self.named(name, VALUE_SHARE))
            values[hit.after - 1] = -int(hit.key) if reached[hit.first] else int(hit.key)
        rows = [
            row if share == 1.0 else _times(row, share)
            for row, share in zip(rows, features.shares(words, language), strict=True)
        ]
        first = [0.0, *accumulate([row[0] for row in rows])]
        second = [0.0, *accumulate([row[1] for row in rows])]
        third = [0.0, *accumulate([row[2] for row in rows])]
        good = [0, *accumulate([value > 0 for value in values])]
        bad = [0, *accumulate([value < 0 for value in values])]
        return Weighed(words, reached, (first, second, third), good, bad)

    def _rows(self, words: Sequence[Token], reached: Sequence[bool], text: str) -> tuple[list[Three], list[int]]:
        """What each word adds: itself, the pair it closes, the marks before it, its value in the lexicon; and the
        value of each as it was said."""
        a, b, c = self._a, self._b, self._c
        number, word_of, scopes = features.number, self.word, self.scopes
        rows: list[Three] = []
        values: list[int] = []
        before = "^"
        for token, denied in zip(words, reached, strict=True):
            word = token.word
            plain, turned, value = word_of(word)
            x, y, z = turned if denied else plain
            marks = features.marks(token.gap)
            if marks:
                x, y, z = _plus((x, y, z), self._marks(marks))
                before = marks[-1] if marks[-1] in ".!?" else before
            if token.breaks:
                before = "."
            place = number(features.pair_name(before, word))
            x, y, z = x + a[place], y + b[place], z + c[place]
            if value:
                name = features.bucket(value, denied, features.strength_of(before, scopes))
                x, y, z = _plus((x, y, z), self.named(name, VALUE_SHARE))
            rows.append((x, y, z))
            values.append(-value if denied else value)
            before = word
        tail = features.marks((text[words[-1].end :] if words else text) + " ")
        if tail and rows:
            rows[-1] = _plus(rows[-1], self._marks(tail))
        return rows, values

    def _marks(self, marks: Sequence[str]) -> Three:
        """What marks and pictures add."""
        values, total = emoji(), _NOTHING
        for mark in marks:
            total = _plus(total, self.named(mark))
            if mark in values:
                total = _plus(total, self.named(features.bucket(values[mark], False, ""), VALUE_SHARE))
        return total


def length_share(words: int) -> float:
    """What one word of a text of so many counts: long texts do not shout down their own language and length."""
    return float((max(1, words) + 2) ** -0.5)


def _plus(one: Three, other: Three) -> Three:
    """Sum of two rows."""
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _times(row: Three, share: float) -> Three:
    """A row times a number."""
    return row[0] * share, row[1] * share, row[2] * share


def squeezed_token(token: Token) -> Token:
    """The token with a word whose drawn-out letters were put right."""
    word = features.squeezed(token.word)
    return token if word == token.word else Token(word, token.start, token.end, token.breaks, token.gap)
