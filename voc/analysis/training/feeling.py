"""Training rows of the sentiment head: the same features as ``weighing``, with the share that each kind of them has."""

from __future__ import annotations

from collections.abc import Sequence

from voc.analysis.folding import fold, tokens
from voc.analysis.linear import features
from voc.analysis.linear.lexicon import emoji, lexicon
from voc.analysis.linear.weighing import LETTERS_SHARE, SHAPE_SHARE, VALUE_SHARE, WORDS, length_share

Row = list[tuple[int, float]]


def feeling_row(text: str, language: str) -> Row:
    """Places and values of one text; a place named twice counts twice."""
    folded = fold(text)
    words_of = lexicon(language)
    words = [token._replace(word=words_of.squeezed(token.word)) for token in tokens(folded)[:WORDS]]
    reached = features.reached(words, words_of.scopes)
    rows: list[list[tuple[str, float]]] = []
    said: list[int] = []
    before = "^"
    for token, denied in zip(words, reached, strict=True):
        word = token.word
        marks = features.marks(token.gap)
        row = [(name, 1.0) for name in marks] + _values(marks)
        if marks and marks[-1] in ".!?":
            before = marks[-1]
        if token.breaks:
            before = "."
        row += [(name, 1.0) for name in (*features.word_names(word, denied), features.pair_name(before, word))]
        row += [(name, LETTERS_SHARE) for name in features.gram_names(word)]
        value = words_of.value(word)
        if value:
            row.append((features.bucket(value, denied, features.strength_of(before, words_of.scopes)), VALUE_SHARE))
        rows.append(row)
        said.append(-value if denied else value)
        before = word
    tail = features.marks((folded.text[words[-1].end :] if words else folded.text) + " ")
    if rows:
        rows[-1] += [(name, 1.0) for name in tail] + _values(tail)
    for hit in words_of.phrases.find(folded, words):
        rows[hit.after - 1].append((features.bucket(int(hit.key), reached[hit.first], "p"), VALUE_SHARE))
        said[hit.after - 1] = -int(hit.key) if reached[hit.first] else int(hit.key)
    share = length_share(len(words))
    counts = features.shares(words, language)
    found = [
        (features.number(name), share * count * weight)
        for row, count in zip(rows, counts, strict=True)
        for name, weight in row
    ]
    values = features.pattern(any(v > 0 for v in said), any(v < 0 for v in said), text.rstrip().endswith("?"))
    shapes = features.shape_names(text, len(words), language, values)
    return found + [(features.number(name), SHAPE_SHARE) for name in shapes]


def _values(marks: Sequence[str]) -> list[tuple[str, float]]:
    """Value features of the marks that have one."""
    known = emoji()
    return [(features.bucket(known[mark], False, ""), VALUE_SHARE) for mark in marks if mark in known]
