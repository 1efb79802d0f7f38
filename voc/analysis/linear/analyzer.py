"""The analyzer that ships: sentiment of Spanish, Portuguese and English by the linear head, with its evidence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from voc.analysis.folding import Folded, Token, fold, tokens
from voc.analysis.labels import LABELS
from voc.analysis.linear import features
from voc.analysis.linear.artifact import Artifact, shipped
from voc.analysis.linear.lexicon import emoji, lexicon
from voc.analysis.linear.weighing import SHAPE_SHARE, Scales, Three, Weighed, length_share
from voc.core.vocabulary import LANGUAGES
from voc.plugin.analyzer import Evidence, Sentiment

NAME = "voc-linear"
HEAD = "sentiment"
MARKED = 12  # words of evidence at most
CARRYING = 0.6  # share of what speaks for the label that the evidence must hold
PLAIN = 0.6  # score from which what carries it needs no second weighing
_LINK = re.compile(r"\S*(?:://|@)\S*")
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
        a, b, c = (score / heat + move for score, move in zip(scores, self.moves, strict=True))
        top = max(a, b, c)
        a, b, c = math.exp(a - top), math.exp(b - top), math.exp(c - top)
        total = a + b + c
        return a / total, b / total, c / total


def seen_place(word: str, bits: int) -> int:
    """The bit that says whether training has seen a word."""
    return crc32(b"=" + word.encode("utf-8", "surrogatepass")) % bits


class LinearAnalyzer:
    """The contract's analyzer on the weights of an artifact; one instance may be shared by threads."""

    name = NAME
    languages = frozenset(LANGUAGES)

    def __init__(self, artifact: Artifact) -> None:
        """Take the weights of an artifact. Raises KeyError when it has no sentiment head."""
        head = artifact.manifest["heads"][HEAD]
        self.version = str(artifact.manifest["version"])
        self._table = artifact.tables[HEAD]
        self._seen = artifact.seen
        self._scales = {language: Scales(self._table, lexicon(language)) for language in LANGUAGES}
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
        folded = fold(text)
        weighed = self.weigh(folded, tokens(folded), language)
        known = self._known(weighed, language, folded.text)
        whole = self._judge(weighed, language, 0, len(weighed.words), text) if known[-1] else _UNKNOWN
        if whole is not _UNKNOWN:
            whole = self._with_evidence(whole, weighed, folded, language)
        said = [whole]
        starts = [folded.span(token.start, token.end)[0] for token in weighed.words] if spans else []
        first = 0
        for start, end in spans:
            while first < len(starts) and starts[first] < start:
                first += 1
            after = first
            while after < len(starts) and starts[after] < end:
                after += 1
            ground = known[after] > known[first]
            said.append(self._judge(weighed, language, first, after, text[start:end]) if ground else _UNKNOWN)
            first = after
        return said

    def weigh(self, folded: Folded, words: Sequence[Token], language: str) -> Weighed:
        """The words of a text on the scales of a language. Raises KeyError for one that has none."""
        return self._scales[language].weigh(folded, words, language)

    def _known(self, weighed: Weighed, language: str, text: str) -> list[int]:
        """Running count of words that training or the lexicon has seen; pictures that mean something count at the
        last word."""
        seen, bits, value = self._seen, len(self._seen) * 8, lexicon(language).value
        links = [match.span() for match in _LINK.finditer(text)] if "://" in text or "@" in text else []
        found = [0]
        for token in weighed.words:
            word = token.word
            if any(start <= token.start < end for start, end in links):
                found.append(found[-1])
                continue
            place = seen_place(word, bits)
            ground = bool(seen[place >> 3] >> (place & 7) & 1) and len(word) > 1
            found.append(found[-1] + (1 if ground or value(word) else 0))
        if not found[-1] and weighed.words and any(mark in emoji() for mark in features.marks(text + " ")):
            found[-1] = 1
        return found

    def scores(self, weighed: Weighed, language: str, first: int, after: int, piece: str) -> Three:
        """Scores of a stretch of words before they are made probabilities."""
        scale, bias, count = self._table.scale, self._table.bias, after - first
        share = length_share(count) * scale
        a, b, c = weighed.between(first, after)
        scales = self._scales[language]
        x = y = z = 0.0
        values = features.pattern(
            weighed.good[after] > weighed.good[first],
            weighed.bad[after] > weighed.bad[first],
            piece.rstrip().endswith("?"),
        )
        for name in features.shape_names(piece, count, language, values):
            row = scales.named(name)
            x, y, z = x + row[0], y + row[1], z + row[2]
        shape = SHAPE_SHARE * scale
        return a * share + x * shape + bias[0], b * share + y * shape + bias[1], c * share + z * shape + bias[2]

    def _judge(self, weighed: Weighed, language: str, first: int, after: int, piece: str) -> Sentiment:
        """Label, probability and score of a stretch of words."""
        scores = self.scores(weighed, language, first, after, piece)
        chances = self._calibration[language].probabilities(scores, after - first)
        best = max(range(3), key=chances.__getitem__)
        return Sentiment(
            LABELS[best], round(chances[best], 4), round(chances[2] - chances[0], 4), negative=round(chances[0], 4)
        )

    def _with_evidence(self, said: Sentiment, weighed: Weighed, folded: Folded, language: str) -> Sentiment:
        """The same with the words that carried it; taking these away moves the score towards neutral."""
        if said.label == "neutral" or not weighed.words:
            return said
        sign = -1.0 if said.label == "negative" else 1.0
        a, _, c = weighed.sums
        gains = [sign * ((c[i + 1] - c[i]) - (a[i + 1] - a[i])) for i in range(len(weighed.words))]
        total = sum(gain for gain in gains if gain > 0)
        order = sorted(range(len(gains)), key=lambda index: -gains[index])[:MARKED]
        chosen: list[int] = []
        carried, plain = 0.0, abs(said.polarity) >= PLAIN
        for index in order:
            enough = bool(chosen) and carried >= CARRYING * total
            if enough and (plain or self._carries(said, weighed, folded, language, chosen)):
                break
            chosen.append(index)
            carried += max(0.0, gains[index])
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
        if not self._known(again, language, refolded.text)[-1]:
            return True
        polarity = self._judge(again, language, 0, len(again.words), rest).polarity
        return polarity > said.polarity if said.label == "negative" else polarity < said.polarity

    def _marks(self, said: Sentiment, weighed: Weighed, folded: Folded, chosen: Sequence[int]) -> tuple[Evidence, ...]:
        """Spans of the chosen words; neighbors become one, a denied word takes its denial with it."""
        wanted = set(chosen)
        for index in chosen:
            back = index
            while back > 0 and weighed.reached[back] and index - back < features.REACH:
                back -= 1
            if back < index and weighed.reached[index]:
                wanted.update(range(back, index))
        marks: list[Evidence] = []
        for index in sorted(wanted):
            token = weighed.words[index]
            start, end = folded.span(token.start, token.end)
            if marks and index - 1 in wanted and not token.breaks:
                marks[-1] = Evidence(marks[-1].start, end, said.label)
            else:
                marks.append(Evidence(start, end, said.label))
        return tuple(marks)


@cache
def shipped_analyzer() -> LinearAnalyzer:
    """The analyzer on the weights that ship, made once."""
    return LinearAnalyzer(shipped())
