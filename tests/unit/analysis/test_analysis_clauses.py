"""Clauses keep their offsets and are cut where a person would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.clauses import split, tokenizer

CASES = [
    ("Barato sí, pero se siente frágil.", "es", ["Barato sí", "pero se siente frágil"]),
    ("Ótimo produto mas a entrega atrasou", "pt", ["Ótimo produto", "mas a entrega atrasou"]),
    ("nunca mas compro aca", "es", ["nunca mas compro aca"]),
    ("Great doctor, chaotic waiting room.", "en", ["Great doctor", "chaotic waiting room"]),
    ("Late but worth it although pricey", "en", ["Late", "but worth it", "although pricey"]),
    ("El Sr. Pérez pagó 1.500,50 y US$ 20.30", "es", ["El Sr. Pérez pagó 1.500,50 y US$ 20.30"]),
    ("¿Y mi pedido? ¡Nada!", "es", ["Y mi pedido?", "Nada!"]),
    ("Bom hotel.Quartos limpos", "pt", ["Bom hotel", "Quartos limpos"]),
    ("linha um\nlinha dois", "pt", ["linha um", "linha dois"]),
    ("... !!! 😡", "es", []),
]


@pytest.mark.parametrize(("text", "language", "clauses"), CASES)
def test_clauses(text: str, language: str, clauses: list[str]) -> None:
    assert [text[piece.start : piece.end] for piece in split(text, language)] == clauses


@settings(deadline=None)
@given(st.text(alphabet="ab ,.;!?:¿\n()é1 pero mas but", max_size=120), st.sampled_from(["es", "pt", "en", None]))
def test_pieces_are_ordered_inside_and_lose_no_letter(text: str, language: str | None) -> None:
    pieces = split(text, language)
    end = 0
    for piece in pieces:
        assert end <= piece.start < piece.end <= len(text)
        assert not any(char.isalnum() for char in text[end : piece.start])
        end = piece.end
    assert not any(char.isalnum() for char in text[end:])


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=20))
def test_the_last_piece_takes_the_rest(limit: int) -> None:
    text = "ya. " * 30
    pieces = split(text, "es", limit=limit)
    assert len(pieces) == limit
    assert pieces[-1].end == len(text.rstrip(". "))


def test_textblob_takes_the_tokenizer() -> None:
    from textblob import TextBlob

    blob = TextBlob("Late. But cheap!", tokenizer=tokenizer())
    assert list(blob.tokens) == ["Late", "But cheap!"]
