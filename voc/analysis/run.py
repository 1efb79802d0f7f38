"""The pipeline of one text: language, clauses, sentiment, topics, opinions, risks, urgency, evidence. Pure.

What no analyzer covers is *unknown*, never neutral; topics and risks are found all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from voc.analysis import host
from voc.analysis.clauses import Piece, split
from voc.analysis.folding import fold, tokens
from voc.analysis.language import identify
from voc.analysis.phrases import Match
from voc.analysis.result import UNKNOWN, Analysis, Clause, Feeling, Opinion, Risk, Span
from voc.analysis.risks import RiskLexicon
from voc.analysis.taxonomy import Taxonomy, TopicHit
from voc.analysis.urgency import urgency, urgent_words
from voc.plugin.analyzer import Analyzer, Evidence, Sentiment

ANALYZED_CHARACTERS = 20_000
KEPT_OPINIONS = 50
KEPT_RISKS = 50
KEPT_EVIDENCE = 200

# How an analyzer is called: the plugin host puts its guard here and answers None when the call failed.
Call = Callable[[Analyzer, str, str], Sentiment | None]


def direct(analyzer: Analyzer, text: str, language: str) -> Sentiment | None:
    """Call an analyzer through TextBlob with no guard around it; what it raises is raised."""
    return host.judge(analyzer, text, language)


@cache
def default_taxonomy() -> Taxonomy:
    """The taxonomy that ships, compiled once."""
    return Taxonomy.default()


@cache
def default_risks() -> RiskLexicon:
    """The risk words that ship, compiled once."""
    return RiskLexicon.default()


def analyze(
    text: str | None,
    *,
    hint: str | None = None,
    analyzers: Mapping[str, Analyzer],
    taxonomy: Taxonomy | None = None,
    risks: RiskLexicon | None = None,
    call: Call = direct,
) -> Analysis:
    """Analyze one text; ``analyzers`` maps a language to its analyzer, ``hint`` is the language of the page.

    At most 20,000 characters are looked at; the result says when there were more. All spans point into ``text``.
    Raises only what ``call`` raises.
    """
    whole = text or ""
    seen = whole[:ANALYZED_CHARACTERS]
    guess = identify(seen, hint)
    language = guess.language
    folded = fold(seen)
    words = tokens(folded)
    hits = (taxonomy or default_taxonomy()).find_folded(folded, language, words)
    found_risks = tuple((risks or default_risks()).find_folded(folded, language, words)[:KEPT_RISKS])
    urgent = urgent_words(folded, words)
    pieces = split(seen, language)
    analyzer = analyzers.get(language) if language else None
    bench = _Bench(analyzer, language or "", call)
    said = bench.judge(seen) if words else host.UNJUDGED
    clauses = _clauses(seen, pieces, said, bench)
    return Analysis(
        language=language,
        language_probability=guess.probability,
        sentiment=_feeling(said),
        opinions=_opinions(hits, clauses),
        risks=found_risks,
        urgency=urgency(found_risks, urgent),
        evidence=_evidence(said.evidence, hits, found_risks, urgent),
        analyzer=analyzer.name if analyzer else None,
        version=analyzer.version if analyzer else None,
        clauses=clauses,
        truncated=len(whole) > ANALYZED_CHARACTERS,
    )


class _Bench:
    """An analyzer at work on one text; after a failed call it is asked no more."""

    def __init__(self, analyzer: Analyzer | None, language: str, call: Call) -> None:
        """Hold the analyzer (None: everything is unknown) and the way to call it."""
        self._analyzer, self._language, self._call = analyzer, language, call

    def judge(self, text: str) -> Sentiment:
        """What the analyzer says, made credible; unknown without one."""
        if self._analyzer is None:
            return host.UNJUDGED
        said = self._call(self._analyzer, text, self._language)
        if said is None:
            self._analyzer = None
            return host.UNJUDGED
        return host.credible(said, len(text))


def _feeling(said: Sentiment) -> Feeling:
    """The part of a sentiment that is kept for every clause."""
    if said.label == "unknown":
        return UNKNOWN
    return Feeling(said.label, said.probability, said.polarity)


def _clauses(text: str, pieces: Sequence[Piece], said: Sentiment, bench: _Bench) -> tuple[Clause, ...]:
    """Each clause judged by itself; a single clause is the whole text and is not judged twice."""
    if len(pieces) == 1:
        return (Clause(pieces[0].start, pieces[0].end, _feeling(said)),)
    return tuple(
        Clause(piece.start, piece.end, _feeling(bench.judge(text[piece.start : piece.end]))) for piece in pieces
    )


def _opinions(hits: Sequence[TopicHit], clauses: Sequence[Clause]) -> tuple[Opinion, ...]:
    """One opinion per topic and clause; topic words and clauses both come in the order of the text."""
    opinions: dict[tuple[str, int], Opinion] = {}
    place = 0
    for hit in hits:
        while place < len(clauses) - 1 and clauses[place].end <= hit.start:
            place += 1
        if not clauses or len(opinions) >= KEPT_OPINIONS:
            break
        clause = clauses[place]
        key = (hit.key, place)
        if key not in opinions:
            start, end = min(clause.start, hit.start), max(clause.end, hit.end)
            said = clause.sentiment
            opinions[key] = Opinion(hit.key, said.label, said.probability, start, end)
    return tuple(opinions.values())


def _evidence(
    marks: Sequence[Evidence], hits: Sequence[TopicHit], risks: Sequence[Risk], urgent: Sequence[Match]
) -> tuple[Span, ...]:
    """Everything worth marking in the text, in its order, at most 200 pieces; risks are never the ones left out."""
    first = [Span(risk.start, risk.end, "risk", risk.kind) for risk in risks]
    first += [Span(hit.start, hit.end, "urgency", hit.key) for hit in urgent]
    first += [Span(mark.start, mark.end, "sentiment", mark.label) for mark in marks]
    first += [Span(hit.start, hit.end, "topic", hit.key) for hit in hits]
    return tuple(sorted(first[:KEPT_EVIDENCE], key=lambda span: (span.start, span.end)))
