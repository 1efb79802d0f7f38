"""Folding finds the word however it was typed and leads back to the same place of the original."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.folding import fold, tokens
from voc.analysis.phrases import PhraseTable

NOISE = st.text(alphabet="aeño é\u0301\u200b\u00adﬁßİ😡.,!\u202e", max_size=30)


@settings(deadline=None)
@given(st.text())
def test_every_token_leads_to_an_original_span_that_folds_to_it(text: str) -> None:
    folded = fold(text)
    assert folded.origins is None or len(folded.origins) == len(folded.text)
    if folded.origins is None:
        assert len(folded.text) == len(text)
    for token in tokens(folded):
        start, end = folded.span(token.start, token.end)
        assert 0 <= start < end <= len(text)
        assert token.word in fold(text[start:end]).text


@settings(deadline=None)
@given(NOISE, NOISE, st.sampled_from(["NFC", "NFD"]))
def test_a_word_is_found_between_any_characters(before: str, after: str, form: Literal["NFC", "NFD"]) -> None:
    word = unicodedata.normalize(form, "Devolución")
    text = f"{before} {word} {after}"
    hits = PhraseTable([("returns", "devolucion")]).find(fold(text))
    assert [text[hit.start : hit.end].rstrip("\u0301\u200b\u00ad\u202e") for hit in hits] == [word]


@pytest.mark.parametrize("typed", ["PÉSSIMO", "pe\u0301ssimo", "pé\u200bssimo", "pessimo", "ｐéssimo"])
def test_spellings_fold_to_one(typed: str) -> None:
    assert fold(typed).text == "pessimo"


def test_prefix_wildcard_and_capitals() -> None:
    table = PhraseTable([("wait", "demor*"), ("card", "clonaron _ tarjeta"), ("body", "SIC")])
    text = "Demoraron; clonaron mi tarjeta. Iré a la SIC, es así (sic)."
    assert [(hit.key, text[hit.start : hit.end]) for hit in table.find(fold(text))] == [
        ("wait", "Demoraron"),
        ("card", "clonaron mi tarjeta"),
        ("body", "SIC"),
    ]


def test_a_phrase_does_not_cross_punctuation() -> None:
    table = PhraseTable([("late", "no llego")])
    assert table.find(fold("¿No? Llegó ayer")) == []


def test_of_overlapping_hits_of_one_key_the_longest_stays() -> None:
    table = PhraseTable([("k", "cancelar"), ("k", "cancelar mi cuenta")])
    text = "cancelar mi cuenta"
    assert [(hit.start, hit.end) for hit in table.find(fold(text))] == [(0, len(text))]


@pytest.mark.parametrize("pattern", ["", "  ", "_ word", "*"])
def test_a_pattern_begins_with_a_word(pattern: str) -> None:
    with pytest.raises(ValueError, match="begin with a word"):
        PhraseTable([("k", pattern)])
