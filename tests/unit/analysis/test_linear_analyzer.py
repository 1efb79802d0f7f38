"""The analyzer that ships: evidence that carries, honest unknowns, one pass for clauses, TextBlob's door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.folding import fold, tokens
from voc.analysis.host import blobber
from voc.analysis.linear import artifact
from voc.analysis.linear.analyzer import LinearAnalyzer, shipped_analyzer
from voc.analysis.linear.artifact import shipped
from voc.analysis.training.feeling import feeling_row

CORPUS = Path(__file__).parents[3] / "voc" / "analysis" / "corpus"
LANGUAGES = ("es", "pt", "en")


def held_out(language: str, count: int) -> list[str]:
    lines = (CORPUS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["text"] for row in map(json.loads, lines) if row["split"] == "test"][:count]


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("Pésima atención, nunca más vuelvo", "es", "negative"),
        ("Péssimo atendimento, ninguém resolve meu problema", "pt", "negative"),
        ("Nobody answers the phone and my parcel is lost", "en", "negative"),
        ("Me encantó, volveré sin duda", "es", "positive"),
        ("Adorei, recomendo demais", "pt", "positive"),
        ("Lovely staff and a great room", "en", "positive"),
        ("¿A qué hora abren los domingos?", "es", "neutral"),
        ("Qual é o horário de funcionamento?", "pt", "neutral"),
        ("What time do you close on Sundays?", "en", "neutral"),
    ],
)
def test_plain_cases(text: str, language: str, label: str) -> None:
    said = shipped_analyzer().analyze(text, language)
    assert said.label == label
    assert said.probability is not None
    assert said.negative is not None
    assert (said.polarity < 0) == (label == "negative") or label == "neutral"


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_its_evidence_a_text_is_nearer_to_neutral(language: str) -> None:
    analyzer, moved, judged = shipped_analyzer(), 0, 0
    for text in held_out(language, 300):
        said = analyzer.analyze(text, language)
        if said.label in ("neutral", "unknown"):
            assert said.evidence == ()
            continue
        assert said.evidence, text
        judged += 1
        rest, last = "", 0
        for mark in said.evidence:
            assert last <= mark.start < mark.end <= len(text)
            rest, last = rest + text[last : mark.start], mark.end
        after = analyzer.analyze(rest + text[last:], language)
        moved += after.polarity > said.polarity if said.label == "negative" else after.polarity < said.polarity
    assert judged > 80
    assert moved >= 0.99 * judged


@pytest.mark.parametrize(
    "text", ["", "   ", "María López", "Juan Pérez Soto", "123 456", "xkcd qwrtp", "https://example.com/", "\U0001f937"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_ground_is_unknown(text: str, language: str) -> None:
    said = shipped_analyzer().analyze(text, language)
    assert (said.label, said.probability, said.polarity, said.evidence) == ("unknown", None, 0.0, ())


def test_another_language_is_unknown() -> None:
    assert shipped_analyzer().analyze("Sehr schlecht", "de").label == "unknown"


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_and_answering_see_the_same_text(language: str) -> None:
    analyzer, table = LinearAnalyzer(shipped()), shipped().tables["sentiment"]
    for text in held_out(language, 60):
        row = feeling_row(text, language)
        expected = [
            sum(value * table.columns[k][place] for place, value in row) * table.scale + table.bias[k] for k in range(3)
        ]
        folded = fold(text)
        weighed = analyzer.weigh(folded, tokens(folded), language)
        assert analyzer.scores(weighed, language, 0, len(weighed.words), text) == pytest.approx(expected)


def test_clauses_are_judged_in_the_same_pass() -> None:
    text = "El hotel es precioso, pero el desayuno llegó frío y tarde."
    spans = [(0, 20), (22, len(text))]
    whole, first, second = shipped_analyzer().analyze_clauses(text, "es", spans)
    assert whole == shipped_analyzer().analyze(text, "es")
    assert (first.label, second.label) == ("positive", "negative")
    assert first.evidence == second.evidence == ()


def test_textblob_is_a_door_to_it() -> None:
    text = "Pésima atención, nunca más vuelvo"
    assert blobber(shipped_analyzer(), "es")(text).sentiment == shipped_analyzer().analyze(text, "es")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_judged_alike_twice(text: str, language: str) -> None:
    analyzer = shipped_analyzer()
    said = analyzer.analyze(text, language)
    assert said == analyzer.analyze(text, language)
    assert -1 <= said.polarity <= 1


def test_a_changed_or_cut_file_is_refused() -> None:
    manifest, bodies = artifact.unpack(Path(artifact.__file__).with_name(artifact.FILE).read_bytes())
    whole = artifact.pack({k: v for k, v in manifest.items() if k not in ("bodies", "weights_sha256")}, bodies)
    assert artifact.load(whole).tables.keys() == {"sentiment", "language"}
    for damaged in (b"", b"VOCMODEL\n", whole[:-40], b"X" + whole, whole.replace(b'"format": 1', b'"format": 2')):
        with pytest.raises(artifact.Damaged):
            artifact.load(damaged)
    assert len(whole) <= artifact.LARGEST
