"""The whole pipeline on one text: unknown is never neutral, spans are true, hostile text is bounded."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import grows_linearly
from voc.analysis.result import Analysis
from voc.analysis.run import ANALYZED_CHARACTERS, Spans, analyze
from voc.plugin.analyzer import Analyzer, Evidence, Sentiment


class Fixed:
    """An analyzer that always says the same and counts its calls."""

    name = "fixed"
    version = "7"
    languages = frozenset({"es", "pt", "en"})

    def __init__(self, said: Sentiment) -> None:
        self.said = said
        self.asked: list[str] = []

    def analyze(self, text: str, language: str) -> Sentiment:
        """The fixed sentiment."""
        self.asked.append(text)
        return self.said


BAD = Sentiment("negative", 0.8, -0.5, (Evidence(0, 2, "negative"),))
TEXT = "La entrega demoró mucho, pero la cajera fue amable. Voy a Indecopi, es urgente."
WORDS = st.sampled_from(
    [
        "la", "entrega", "tardó", "no", "es", "una", "estafa", "pero", "péssimo", "atendimento", "mas", "o", "frete",
        "caiu", "the", "staff", "was", "rude", "but", "scam", "Procon", "urgente", "\n", ".", ",", "!", "¿", "😡",
        "e\u0301", "\u200b", "nunca", "más", "cancelar", "minha", "conta", "delivery",
    ]
)  # fmt: skip


def check_spans(text: str, analysis: Analysis) -> None:
    """Every span lies inside the text."""
    spans = [(span.start, span.end) for span in analysis.opinions]
    spans += [(span.start, span.end) for span in analysis.risks]
    spans += [(span.start, span.end) for span in analysis.evidence]
    spans += [(span.start, span.end) for span in analysis.clauses]
    for start, end in spans:
        assert 0 <= start < end <= len(text)
    for risk in analysis.risks:
        assert text[risk.start : risk.end] == risk.word


def test_the_pipeline() -> None:
    analyzer = Fixed(BAD)
    analysis = analyze(TEXT, hint="es", analyzers={"es": analyzer})
    assert (analysis.language, analysis.analyzer, analysis.version) == ("es", "fixed", "7")
    assert (analysis.sentiment.label, analysis.sentiment.probability) == ("negative", 0.8)
    assert analyzer.asked[0] == TEXT
    said = {(opinion.topic, TEXT[opinion.start : opinion.end]) for opinion in analysis.opinions}
    assert ("delivery", "La entrega demoró mucho") in said
    assert ("staff", "pero la cajera fue amable") in said
    assert [(risk.kind, risk.word) for risk in analysis.risks] == [("authority", "Indecopi")]
    assert analysis.urgency == "high"
    assert {span.kind for span in analysis.evidence} == {"sentiment", "topic", "risk", "urgency"}
    assert analysis.topics[:2] == ("delivery", "waiting")
    check_spans(TEXT, analysis)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=200))
def test_without_an_analyzer_nothing_is_neutral(text: str) -> None:
    analysis = analyze(text, analyzers={})
    assert analysis.sentiment.label == "unknown"
    assert analysis.sentiment.probability is None
    assert all(opinion.label == "unknown" and opinion.probability is None for opinion in analysis.opinions)
    assert analysis.analyzer is None
    check_spans(text, analysis)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=200), st.sampled_from(["es", "pt", "en", None]))
def test_round_trip_and_spans(text: str, hint: str | None) -> None:
    analyzer = Fixed(BAD)
    analysis = analyze(text, hint=hint, analyzers={"es": analyzer, "pt": analyzer, "en": analyzer})
    check_spans(text, analysis)
    stored = json.loads(json.dumps(analysis.to_dict(), allow_nan=False))
    assert Analysis.from_dict(stored) == analysis


def test_topics_and_risks_without_an_analyzer() -> None:
    analysis = analyze(TEXT, analyzers={})
    assert {"delivery", "staff"} <= set(analysis.topics)
    assert analysis.risks


@pytest.mark.parametrize("text", [None, "", "  \n", "😡", "..."])
def test_no_text_is_unknown(text: str | None) -> None:
    analyzer = Fixed(BAD)
    analysis = analyze(text, hint="es", analyzers={"es": analyzer})
    assert (analysis.language, analysis.sentiment.label, analyzer.asked) == (None, "unknown", [])


@pytest.mark.parametrize(
    "lie",
    [
        Sentiment("happy", 0.9, 0.5),  # type: ignore[arg-type]
        Sentiment("positive", math.nan, 0.5),
        Sentiment("positive", 1.5, 0.5),
        Sentiment("positive", 0.5, math.inf),
        Sentiment("positive", None, 0.5),
        "positive",
    ],
)
def test_an_analyzer_that_lies_is_unknown(lie: Sentiment) -> None:
    analysis = analyze(TEXT, analyzers={"es": Fixed(lie)})
    assert analysis.sentiment.label == "unknown"
    assert analysis.sentiment.probability is None


def test_evidence_outside_the_text_is_left_out() -> None:
    said = Sentiment("negative", 0.9, -1.0, (Evidence(-1, 3, "negative"), Evidence(0, 10_000, "negative")))
    assert "sentiment" not in {span.kind for span in analyze(TEXT, analyzers={"es": Fixed(said)}).evidence}


def test_after_a_failed_call_the_analyzer_is_asked_no_more() -> None:
    asked = []

    def guarded(analyzer: Analyzer, text: str, language: str, _: Spans) -> Sequence[Sentiment] | None:
        asked.append((analyzer.name, text, language))
        return None

    analysis = analyze(TEXT, analyzers={"es": Fixed(BAD)}, call=guarded)
    assert asked == [("fixed", TEXT, "es")]
    assert analysis.sentiment.label == "unknown"
    assert analysis.risks


def test_only_the_beginning_of_a_long_text_is_analyzed() -> None:
    analyzer = Fixed(BAD)
    text = "La tienda es muy buena y el servicio también. " * 5_000
    analysis = analyze(text, analyzers={"es": analyzer})
    assert analysis.truncated
    assert max(map(len, analyzer.asked)) <= ANALYZED_CHARACTERS
    check_spans(text[:ANALYZED_CHARACTERS], analysis)
    assert not analyze("corto", analyzers={}).truncated


@pytest.mark.parametrize(
    "piece",
    ["a", "!", ".", "'", "\u200b", "e\u0301", "\u202e", "a.", "x@", "a'", "(!)", ":) ", "\ufdfa", "a, ", "\n", "no ",
     "http://", "delivery bill ", "scam ", "¿", "ok.\n"],
)  # fmt: skip
def test_hostile_text_is_bounded(piece: str) -> None:
    text = ("this is the worst shop and the staff was rude " + piece * 200_000)[:200_000]
    analysis = analyze(text, analyzers={"en": Fixed(BAD)})
    assert grows_linearly(lambda size: analyze(text[:size], analyzers={"en": Fixed(BAD)}), 5_000)
    assert len(analysis.evidence) <= 200
    check_spans(text, analysis)


@pytest.mark.parametrize(
    "change", [{"urgency": "soon"}, {"sentiment": {"label": "ok", "probability": 1, "polarity": 0}}]
)
def test_what_is_no_analysis_is_refused(change: dict[str, object]) -> None:
    data = analyze(TEXT, analyzers={}).to_dict() | change
    with pytest.raises(ValueError, match="no such"):
        Analysis.from_dict(data)
