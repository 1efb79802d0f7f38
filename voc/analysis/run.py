"""The pipeline of one text: language, clauses, sentiment, topics, opinions, risks, urgency, evidence. Pure.

What no analyzer covers is *unknown*, never neutral; topics and risks are found all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from voc.analysis import host
from voc.analysis.around import felt
from voc.analysis.clauses import Piece, split
from voc.analysis.folding import read
from voc.analysis.phrases import Match
from voc.analysis.result import UNKNOWN, Analysis, Clause, Feeling, Opinion, Risk, Span
from voc.analysis.risks import RiskLexicon, reads_calm, risks_with
from voc.analysis.taxonomy import Taxonomy, TopicHit
from voc.plugin.analyzer import Analyzer, Evidence, Sentiment

if TYPE_CHECKING:
    from voc.analysis.language import Heard

ANALYZED_CHARACTERS = 20_000
KEPT_OPINIONS = 50
MIXED_WORDS = 6  # words from which a piece may have a language of its own
MIXED_SURE = 0.97
MIXED_PIECES = 12  # pieces up to which that is looked at
KEPT_EVIDENCE = 200

Spans = Sequence[tuple[int, int]]
# How an analyzer is called (text, language, pieces): the plugin host puts its guard here and answers None when the call
# failed; else the text's sentiment and then that of each piece.
Call = Callable[[Analyzer, str, str, Spans], Sequence[Sentiment] | None]


def direct(analyzer: Analyzer, text: str, language: str, spans: Spans = ()) -> Sequence[Sentiment] | None:
    """Call an analyzer with no guard around it; what it raises is raised."""
    return host.judge(analyzer, text, language, spans)


@cache
def default_taxonomy() -> Taxonomy:
    """The taxonomy that ships, compiled once."""
    return Taxonomy.default()


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
    from voc.analysis.language import hear  # the model, when the first text comes

    whole = text or ""
    seen = whole[:ANALYZED_CHARACTERS]
    heard = hear(seen)
    guess = heard.guess(hint)
    language = guess.language
    folded, words = read(seen)
    pieces = split(seen, language)
    hits = (taxonomy or default_taxonomy()).spoken_of(folded, language, words, pieces)
    analyzer = analyzers.get(language) if language else None
    said, parts = _judged(seen, heard, pieces, analyzers, language, call) if words else (host.UNJUDGED, [])
    calm = reads_calm(said.label, said.probability)
    alarm = (risks or risks_with()).read_folded(folded, language, words, calm=calm)
    clauses, feeling = _clauses(pieces, said, parts), _feeling(said)
    return Analysis(
        language=language,
        language_probability=guess.probability,
        sentiment=feeling,
        opinions=opinions_of(hits, clauses, feeling),
        risks=alarm.risks,
        urgency=alarm.urgency,
        evidence=_evidence(said.evidence, hits, alarm.risks, alarm.marks),
        analyzer=analyzer.name if analyzer else None,
        version=analyzer.version if analyzer else None,
        clauses=clauses,
        truncated=len(whole) > ANALYZED_CHARACTERS,
    )


def _judged(
    text: str,
    heard: Heard,
    pieces: Sequence[Piece],
    analyzers: Mapping[str, Analyzer],
    language: str | None,
    call: Call,
) -> tuple[Sentiment, list[Sentiment]]:
    """Sentiment of the text and of each piece, made credible; unknown without an analyzer or when it failed.

    A single piece is the whole text and is not judged twice. In a text of two languages a long piece is judged by the
    analyzer of its own.
    """
    spans = [(piece.start, piece.end) for piece in pieces] if len(pieces) > 1 else []
    said, parts = _asked(text, spans, analyzers.get(language or ""), language or "", call)
    for index, (start, end) in enumerate(spans if len(spans) <= MIXED_PIECES else []):
        own = _own_language(heard, text[start:end], start, language)
        if own is not None:
            parts[index] = _asked(text[start:end], [], analyzers.get(own), own, call)[0]
    return said, parts


def _asked(
    text: str, spans: Spans, analyzer: Analyzer | None, language: str, call: Call
) -> tuple[Sentiment, list[Sentiment]]:
    """What one analyzer says of a text and its pieces."""
    answers = call(analyzer, text, language, spans) if analyzer is not None else None
    if answers is None or len(answers) != 1 + len(spans):
        return host.UNJUDGED, [host.UNJUDGED] * len(spans)
    lengths = [len(text), *(end - start for start, end in spans)]
    said = [host.credible(answer, length) for answer, length in zip(answers, lengths, strict=True)]
    return said[0], said[1:]


def _own_language(heard: Heard, piece: str, start: int, language: str | None) -> str | None:
    """The language of a long piece that is clearly another than the text's."""
    if piece.count(" ") < MIXED_WORDS - 1:
        return None
    return heard.clearly_other(piece, start, language, MIXED_SURE)


def _feeling(said: Sentiment) -> Feeling:
    """The part of a sentiment that is kept for every clause."""
    if said.label == "unknown":
        return UNKNOWN
    return Feeling(said.label, said.probability, said.polarity, said.negative)


def _clauses(pieces: Sequence[Piece], said: Sentiment, parts: Sequence[Sentiment]) -> tuple[Clause, ...]:
    """Each clause with its sentiment."""
    if len(pieces) == 1:
        return (Clause(pieces[0].start, pieces[0].end, _feeling(said)),)
    told = parts or [host.UNJUDGED] * len(pieces)
    return tuple(Clause(piece.start, piece.end, _feeling(one)) for piece, one in zip(pieces, told, strict=True))


def opinions_of(hits: Sequence[TopicHit], clauses: Sequence[Clause], text: Feeling) -> tuple[Opinion, ...]:
    """One opinion per topic and clause; topic words and clauses both come in the order of the text, whose feeling as a
    whole is `text`."""
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
            said = felt(clause.sentiment, text)
            opinions[key] = Opinion(hit.key, said.label, said.probability, start, end, hit.above)
    return tuple(opinions.values())


def _evidence(
    marks: Sequence[Evidence], hits: Sequence[TopicHit], risks: Sequence[Risk], urgent: Sequence[Match]
) -> tuple[Span, ...]:
    """Everything worth marking in the text, in its order, at most 200 pieces; risks are never the ones left out."""
    first = [Span(risk.start, risk.end, "risk", risk.kind) for risk in risks]
    first += [Span(hit.start, hit.end, "urgency", hit.key) for hit in urgent]
    first += [Span(mark.start, mark.end, "sentiment", mark.label) for mark in marks]
    first += [Span(hit.start, hit.end, "topic", hit.key) for hit in hits]
    return tuple(sorted(first[:KEPT_EVIDENCE], key=attrgetter("start", "end")))
