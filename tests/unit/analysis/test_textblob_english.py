"""The bundled English analyzer: unknown without ground, evidence that points at the words, negation heard."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voc_plugins.textblob_en import TextBlobEnglish, judged, voc_analyzers

from voc.analysis.host import blobber, judge
from voc.analysis.run import analyze

ENGLISH = TextBlobEnglish()
WORDS = st.sampled_from(
    ["good", "bad", "not", "n't", "isn't", "very", "!", ":)", "İ", "e\u0301", "the,", "awful", "really", "(!)"]
)


def marked(text: str) -> list[tuple[str, str]]:
    """Evidence as pieces of the text."""
    return [(text[mark.start : mark.end], mark.label) for mark in ENGLISH.analyze(text, "en").evidence]


def test_registration() -> None:
    (analyzer,) = voc_analyzers()
    assert (analyzer.name, analyzer.languages) == ("textblob-en", frozenset({"en"}))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("This is terrible, the worst shop.", "negative"),
        ("Excellent, I love it!", "positive"),
        ("It is not good", "negative"),
        ("It isn’t good", "negative"),
        ("Where is the bus stop?", "unknown"),
        ("", "unknown"),
        ("La entrega fue pésima", "unknown"),
    ],
)
def test_labels(text: str, label: str) -> None:
    said = ENGLISH.analyze(text, "en")
    assert said.label == label
    assert (said.probability is None) == (label == "unknown")


def test_another_language_is_unknown() -> None:
    assert ENGLISH.analyze("terrible", "es").label == "unknown"


def test_evidence_with_negation_and_emphasis() -> None:
    assert marked("I don't like it. Not a great place; very, very bad") == [
        ("Not a great", "negative"),
        ("very, very bad", "negative"),
    ]
    assert marked("Terrible. İ never got my amazing parcel") == [("Terrible", "negative"), ("amazing", "positive")]
    assert marked("It isn’t good") == [("n’t good", "negative")]


@settings(deadline=None)
@given(st.lists(WORDS).map(" ".join))
def test_evidence_lies_inside(text: str) -> None:
    said = ENGLISH.analyze(text, "en")
    end = 0
    for mark in said.evidence:
        assert end <= mark.start < mark.end <= len(text)
        end = mark.end


@settings(deadline=None)
@given(st.floats(min_value=-1, max_value=1))
def test_a_probability_belongs_to_a_label(polarity: float) -> None:
    label, probability = judged(polarity)
    assert label != "neutral"
    assert (label == "unknown") == (probability is None)
    assert probability is None or 0.5 < probability < 1


def test_the_blobber_is_made_once_and_honors_the_analyzer() -> None:
    assert blobber(ENGLISH, "en") is blobber(ENGLISH, "en")
    text = "The staff were awful"
    assert judge(ENGLISH, text, "en") == [ENGLISH.analyze(text, "en")]


def test_opinions_of_one_text_differ() -> None:
    text = "The delivery was terrible, but the staff were wonderful."
    analysis = analyze(text, analyzers={"en": ENGLISH})
    assert {(opinion.topic, opinion.label) for opinion in analysis.opinions} == {
        ("delivery", "negative"),
        ("staff", "positive"),
    }


def test_textblob_is_imported_only_when_a_text_is_judged() -> None:
    code = (
        "import sys, voc.analysis.run, voc_plugins.textblob_en; sys.exit(bool({'textblob', 'nltk'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
