"""TextBlob as the host of every analyzer: the contract's ``Analyzer`` behind a ``Blobber``.

``TextBlob.sentiment`` honours the analyzer it was given; ``.polarity`` does not and is never used here.
TextBlob costs up to half a second to import, so it is imported when the first text is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from voc.analysis.clauses import tokenizer
from voc.analysis.labels import LABELS
from voc.plugin.analyzer import Analyzer, ClauseAnalyzer, Evidence, Sentiment

if TYPE_CHECKING:
    from textblob import Blobber

_KEPT = 32
# Analyzer and Blobber by identity of the analyzer and language; the analyzer is held, so its id stays its own.
_blobbers: dict[tuple[int, str], tuple[Analyzer, Blobber]] = {}

UNJUDGED = Sentiment("unknown", None, 0.0)


def blobber(analyzer: Analyzer, language: str) -> Blobber:
    """The Blobber of an analyzer for one language; made once."""
    key = (id(analyzer), language)
    held = _blobbers.get(key)
    if held is None:
        if len(_blobbers) >= _KEPT:
            _blobbers.pop(next(iter(_blobbers)))
        held = _blobbers[key] = (analyzer, _build(analyzer, language))
    return held[1]


def _build(analyzer: Analyzer, language: str) -> Blobber:
    """Adapt one analyzer to TextBlob's base class."""
    from textblob import Blobber
    from textblob.base import BaseSentimentAnalyzer

    class Adapter(BaseSentimentAnalyzer):  # type: ignore[misc]  # TextBlob is not typed
        """The contract's analyzer as TextBlob sees it; nothing to train."""

        def analyze(self, text: str) -> Any:
            """The contract's ``Sentiment``."""
            return analyzer.analyze(text, language)

    return Blobber(analyzer=Adapter(), tokenizer=tokenizer())


def judge(analyzer: Analyzer, text: str, language: str, spans: Sequence[tuple[int, int]] = ()) -> Sequence[Sentiment]:
    """Sentiment of a text and then of its pieces; whatever the analyzer raises is raised.

    An analyzer that judges pieces in the same pass is asked once; any other is called through TextBlob for each.
    """
    if hasattr(analyzer, "analyze_clauses"):  # isinstance asks every name of the protocol, each time
        return cast(ClauseAnalyzer, analyzer).analyze_clauses(text, language, spans)
    host = blobber(analyzer, language)
    return [host(text).sentiment, *(host(text[start:end]).sentiment for start, end in spans)]


def credible(said: object, length: int) -> Sentiment:
    """What an analyzer said, or *unknown* when it makes no sense; evidence outside the text is left out.

    ``length`` is the length of the judged text in code points. *Unknown* never carries a probability.
    """
    if not isinstance(said, Sentiment) or said.label not in LABELS or said.label == "unknown":
        return UNJUDGED
    probability, polarity = said.probability, said.polarity
    if not _number(probability, 0.0, 1.0) or not _number(polarity, -1.0, 1.0):
        return UNJUDGED
    negative = said.negative if _number(said.negative, 0.0, 1.0) else None
    evidence = tuple([mark for mark in said.evidence if _inside(mark, length)])
    if evidence == said.evidence and negative is said.negative:
        return said
    return Sentiment(said.label, probability, polarity, evidence, negative)


def _number(value: object, low: float, high: float) -> bool:
    """Whether a value is a finite number between two bounds."""
    return isinstance(value, (float, int)) and low <= value <= high


def _inside(mark: object, length: int) -> bool:
    """Whether an evidence is one and lies inside the text."""
    return isinstance(mark, Evidence) and isinstance(mark.label, str) and 0 <= mark.start < mark.end <= length
