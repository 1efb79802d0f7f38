"""The analyzer that ships: sentiment of Spanish, Portuguese and English by the linear head, with its evidence."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from voc.analysis.folding import Folded, Token, fold, read, tokens
from voc.analysis.labels import LABELS
from voc.analysis.linear import features
from voc.analysis.linear.artifact import Artifact, shipped
from voc.analysis.linear.lexicon import lexicon
from voc.analysis.linear.weighing import SHAPE_SHARE, Scales, Stretch, Three, Weighed, length_share, packed_rows
from voc.core.vocabulary import LANGUAGES
from voc.plugin.analyzer import Evidence, Sentiment

NAME = "voc-linear"
HEAD = "sentiment"
MARKED = 12  # words of evidence at most
CARRYING = 0.6  # share of what speaks for the label that the evidence must hold
PLAIN = 0.6  # score from which what carries it needs no second weighing
_UNKNOWN = Sentiment("unknown", None, 0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities: divided by ``exp(level + slope * ln(1 + words))``, then moved by class."""

    level: float
    slope: float
    moves: Three

    def probabilities(self, scores: Three, words: int) -> Three:
        """Probabilities of negative, neutral and positive."""
        heat = math.exp(self.level + self.slope * math.log1p(words))
        (a, b, c), (x, y, z) = scores, self.moves
        a, b, c = a / heat + x, b / heat + y, c / heat + z
        top = max(a, b, c)
        a, b, c = math.exp(a - top), math.exp(b - top), math.exp(c - top)
        total = a + b + c
        return a / total, b / total, c / total


class LinearAnalyzer:
    """The contract's analyzer on the weights of an artifact; one instance may be shared by threads."""

    name = NAME
    languages = frozenset(LANGUAGES)

    def __init__(self, artifact: Artifact) -> None:
        """Take the weights of an artifact. Raises KeyError when it has no sentiment head."""
        head = artifact.manifest["heads"][HEAD]
        self.version = str(artifact.manifest["version"])
        self._table = artifact.tables[HEAD]
        pairs = packed_rows(self._table)
        self._scales = {
            language: Scales(self._table, pairs, lexicon(language), artifact.seen, language) for language in LANGUAGES
        }
        cool = head["calibration"]
        self._calibration = {
            language: Calibration(cool["level"], cool["slope"], tuple(cool["moves"][language]))
            for language in LANGUAGES
        }

    def analyze(self, text: str, language: str) -> Sentiment:
        """Judge a text; *unknown* in another language and where no word of it was ever seen."""
        return self.analyze_clauses(text, language, ())[0]

    def analyze_clauses(self, text: str, language: str, spans: Sequence[tuple[int, int]]) -> list[Sentiment]:
        """Judge a text and, with the same pass over its words, pieces of it (half-open, in order).

        The first answer is that of the whole text, with its evidence; the others carry none.
        """
        if language not in self._scales:
            return [_UNKNOWN] * (1 + len(spans))
        folded, words = read(text)
        weighed = self.weigh(folded, words, language)
        count = len(weighed.words)
        whole = self._judge(weighed, language, 0, count, text)
        if whole is not _UNKNOWN:
            whole = self._with_evidence(whole, weighed, folded, language)
        said = [whole]
        starts = folded.starts(weighed.words) if spans else []
        first = 0
        for start, end in spans:
            first = bisect_left(starts, start, first)
            after = bisect_left(starts, end, first)
            said.append(self._judge(weighed, language, first, after, text[start:end]))
            first = after
        return said

    def carried(self, said: Sentiment, text: str, language: str) -> Sentiment:
        """A judgement of a text by somebody who also looked elsewhere, with the words that carry its label here.

        Raises KeyError for a language that it does not judge.
        """
        folded, words = read(text)
        plain = Sentiment(said.label, said.probability, said.polarity, (), said.negative)
        return self._with_evidence(plain, self.weigh(folded, words, language), folded, language)

    def weigh(self, folded: Folded, words: Sequence[Token], language: str) -> Weighed:
        """The words of a text on the scales of a language. Raises KeyError for one that has none."""
        return self._scales[language].weigh(folded, words)

    def scores(self, weighed: Weighed, language: str, first: int, after: int, piece: str) -> Three:
        """Scores of a stretch of words before they are made probabilities."""
        return self._scores(weighed.between(first, after), language, after - first, piece)

    def _scores(self, stretch: Stretch, language: str, count: int, piece: str) -> Three:
        """The same of a stretch that was summed."""
        scale, (one, two, three) = self._table.scale, self._table.bias
        share, shape = length_share(count) * scale, SHAPE_SHARE * scale
        a, b, c, good, bad, _ = stretch
        x, y, z = self._scales[language].shape(piece, count, good, bad)
        return a * share + x * shape + one, b * share + y * shape + two, c * share + z * shape + three

    def _judge(self, weighed: Weighed, language: str, first: int, after: int, piece: str) -> Sentiment:
        """Label, probability and score of a stretch of words; *unknown* where none of them is known."""
        stretch = weighed.between(first, after)
        if not stretch.known:
            return _UNKNOWN
        count = after - first
        chances = self._calibration[language].probabilities(self._scores(stretch, language, count, piece), count)
        best, negative = max(chances), chances[0]
        label = LABELS[chances.index(best)]
        return Sentiment(label, round(best, 4), round(chances[2] - negative, 4), (), round(negative, 4))

    def _with_evidence(self, said: Sentiment, weighed: Weighed, folded: Folded, language: str) -> Sentiment:
        """The same with the words that carried it; taking these away moves the score towards neutral."""
        if said.label == "neutral" or not weighed.words:
            return said
        leans = weighed.leans()
        gains = [-lean for lean in leans] if said.label == "negative" else leans
        total = sum([gain for gain in gains if gain > 0])
        order = sorted(range(len(gains)), key=gains.__getitem__, reverse=True)[:MARKED]
        chosen: list[int] = []
        carried, plain = 0, abs(said.polarity) >= PLAIN
        for index in order:
            enough = bool(chosen) and carried >= CARRYING * total
            if enough and (plain or self._carries(said, weighed, folded, language, chosen)):
                break
            chosen.append(index)
            carried += max(0, gains[index])
        marks = self._marks(said, weighed, folded, chosen)
        return Sentiment(said.label, said.probability, said.polarity, marks, said.negative)

    def _carries(self, said: Sentiment, weighed: Weighed, folded: Folded, language: str, chosen: Sequence[int]) -> bool:
        """Whether the text without the chosen words is nearer to neutral."""
        rest, last = "", 0
        for mark in self._marks(said, weighed, folded, chosen):
            rest, last = rest + folded.original[last : mark.start], mark.end
        rest += folded.original[last:]
        refolded = fold(rest)
        again = self.weigh(refolded, tokens(refolded), language)
        left = self._judge(again, language, 0, len(again.words), rest)
        if left is _UNKNOWN:
            return True
        polarity = left.polarity
        return polarity > said.polarity if said.label == "negative" else polarity < said.polarity

    def _marks(self, said: Sentiment, weighed: Weighed, folded: Folded, chosen: Sequence[int]) -> tuple[Evidence, ...]:
        """Spans of the chosen words; neighbors become one, a denied word takes its denial with it."""
        wanted, reached = set(chosen), weighed.reached
        for index in chosen:
            if reached[index]:
                back = index
                while back > 0 and reached[back] and index - back < features.REACH:
                    back -= 1
                wanted.update(range(back, index))
        words = weighed.words
        marks: list[tuple[int, int]] = []
        for index in sorted(wanted):
            start, end = folded.span(words.starts[index], words.ends[index])
            if marks and index - 1 in wanted and not words.breaks[index]:
                marks[-1] = (marks[-1][0], end)
            else:
                marks.append((start, end))
        return tuple([Evidence(start, end, said.label) for start, end in marks])


@cache
def shipped_analyzer() -> LinearAnalyzer:
    """The analyzer on the weights that ship, made once."""
    return LinearAnalyzer(shipped())
