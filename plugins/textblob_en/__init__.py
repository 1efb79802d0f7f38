"""English sentiment by TextBlob's pattern lexicon, through the public contract only."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from voc.plugin import Evidence, Sentiment, SentimentLabel, hookimpl

# When a polarity is a label, and how often that label is right.
#
# Measured 2026-11-21 with TextBlob 0.20.1 on the 7,165 English training sentences that hold a word of its lexicon
# (M-ABSA in English, six domains; UCI Sentiment Labelled Sentences), the classes weighted to 40 % negative, 20 %
# neutral and 40 % positive: the sentences are two thirds positive, feedback to a company is not. A side is a label
# where it was right in more than half. Near zero the lexicon's words cancel out and neutral was right in about one of
# four, so the answer there is unknown and this analyzer never says neutral.
NEGATIVE_UP_TO = -0.02
POSITIVE_ABOVE = 0.2
# Upper bounds of |polarity| and the share of right labels up to each.
_NEGATIVE = ((0.15, 0.25, 0.6, 1.0), (0.64, 0.77, 0.86, 0.95))
_POSITIVE = ((0.3, 0.5, 0.8, 1.0), (0.53, 0.62, 0.86, 0.91))

MAXIMUM_EVIDENCE = 50
_MARKED = 0.05  # a word of less polarity is no evidence
# TextBlob splits at the apostrophe and so loses the negation of "isn't": it gets "is not".
_NOT = re.compile(r"n't\b", re.IGNORECASE)
_UNKNOWN = Sentiment("unknown", None, 0.0)


class TextBlobEnglish:
    """TextBlob's ``PatternAnalyzer`` as an analyzer of the contract."""

    name = "textblob-en"
    version = "1"
    languages = frozenset({"en"})

    def analyze(self, text: str, language: str) -> Sentiment:
        """Judge an English text; *unknown* when no word of it is in the lexicon or its words cancel out."""
        if language not in self.languages:
            return _UNKNOWN
        polarity, assessments = _pattern(_NOT.sub(" not", _typed(text)))
        if not assessments:
            return _UNKNOWN
        label, probability = judged(polarity)
        return Sentiment(label, probability, polarity, evidence(text, assessments))


@hookimpl
def voc_analyzers() -> list[TextBlobEnglish]:
    """The one analyzer of this plugin."""
    return [TextBlobEnglish()]


def judged(polarity: float) -> tuple[SentimentLabel, float | None]:
    """Label and its probability for a polarity in [-1, 1]; unknown and None between the thresholds."""
    if polarity <= NEGATIVE_UP_TO:
        return "negative", _share(_NEGATIVE, -polarity)
    if polarity > POSITIVE_ABOVE:
        return "positive", _share(_POSITIVE, polarity)
    return "unknown", None


def _share(table: tuple[Sequence[float], Sequence[float]], size: float) -> float:
    """The share of the first bin that reaches a size."""
    bounds, shares = table
    return shares[min(bisect_left(bounds, size), len(shares) - 1)]


def evidence(text: str, assessments: Iterable[tuple[Sequence[str], float]]) -> tuple[Evidence, ...]:
    """Spans of the assessed words with their negation and emphasis, found again in the text in their order.

    ``assessments`` are pairs of words (lower case) and polarity. TextBlob gives no offsets; a word that cannot be
    found again (it rewrote a contraction) is left out rather than guessed.
    """
    lowered = _lowered(_typed(text))
    marks: list[Evidence] = []
    cursor = 0
    for words, polarity in assessments:
        span = _span(lowered, words, cursor)
        if span is None:
            continue
        cursor = span[1]
        if abs(polarity) >= _MARKED:
            marks.append(Evidence(span[0], span[1], "negative" if polarity < 0 else "positive"))
            if len(marks) == MAXIMUM_EVIDENCE:
                break
    return tuple(marks)


def _span(text: str, words: Sequence[str], cursor: int) -> tuple[int, int] | None:
    """The first run of the words in their order from ``cursor``, as tight as it can be; None when none is there."""
    ends: list[tuple[str, int]] = []
    end = cursor
    for word in words:
        place = _find(text, word, end)
        if place is not None:
            end = place[1]
            ends.append((word, end))
    if not ends:
        return None
    # The first "not" after the cursor may belong to an earlier clause: go back from the last word.
    start = end
    for word, _ in reversed(ends):
        start = _find_last(text, word, cursor, start)
    return start, end


def _forms(word: str) -> tuple[str, ...]:
    """How a word of TextBlob may stand in the text."""
    return ("not", "n't") if word == "not" else (word,)


def _find(text: str, word: str, start: int) -> tuple[int, int] | None:
    """The first whole word at or after ``start``."""
    best: tuple[int, int] | None = None
    for form in _forms(word):
        place = text.find(form, start)
        while place >= 0 and not _whole(text, form, place):
            place = text.find(form, place + 1)
        if place >= 0 and (best is None or place < best[0]):
            best = (place, place + len(form))
    return best


def _find_last(text: str, word: str, low: int, high: int) -> int:
    """Offset of the last whole word between two offsets; ``high`` when there is none."""
    best = -1
    for form in _forms(word):
        place = text.rfind(form, low, high)
        while place >= 0 and not _whole(text, form, place):
            place = text.rfind(form, low, place + len(form) - 1)
        best = max(best, place)
    return best if best >= 0 else high


def _whole(text: str, word: str, place: int) -> bool:
    """Whether a word found is not a part of a longer one; marks such as ``!`` and ``n't`` may touch letters."""
    end = place + len(word)
    if word[0].isalpha() and word != "n't" and place and text[place - 1].isalnum():
        return False
    return not (word[-1].isalpha() and text[end : end + 1].isalnum())


def _typed(text: str) -> str:
    """The text with typewriter apostrophes (same length)."""
    return text.replace("’", "'")


def _lowered(text: str) -> str:
    """Lower case of the same length (``str.lower`` may lengthen a text)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _pattern(text: str) -> tuple[float, list[tuple[Sequence[str], float]]]:
    """Polarity and assessed words of TextBlob's pattern lexicon, in one pass."""
    said = _lexicon()(text)
    return float(said[0]), [(words, float(polarity)) for words, polarity, _, _ in said.assessments]


@cache
def _lexicon() -> Any:
    """The lexicon behind ``PatternAnalyzer``; imported late, its analyzer would judge the text twice for evidence."""
    from textblob.en import sentiment

    return sentiment
