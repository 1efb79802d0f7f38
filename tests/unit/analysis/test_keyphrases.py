"""Keyphrases: what a text is about in its own words, and nothing that points to a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import grows_linearly
from voc.analysis.keyphrases import LONG, LONGEST, MOST_PHRASES, keyphrases, stop_words
from voc.core.vocabulary import LANGUAGES


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "Me hicieron un cobro doble.", {"cobro", "cobro doble", "doble"}),
        ("es", "La app se CIERRA al pagar", {"app", "app se cierra", "cierra", "pagar", "cierra al pagar"}),
        ("pt", "A entrega não chegou, péssimo!", {"entrega", "chegou", "entrega nao chegou", "pessimo"}),
        ("en", "My parcel was lost in the post", {"parcel", "lost", "post", "parcel was lost"}),
        ("es", "Pedido. Cerrado", {"pedido", "cerrado"}),
        ("es", "pedido\ncerrado", {"pedido", "cerrado"}),
        ("es", "#AppCaida otra vez", {"appcaida"}),
        ("es", "Hola, muy buenos días. Gracias.", set()),
        ("de", "Die Lieferung kam zu spät", set()),
        ("es", "", set()),
        ("es", "😡😡 123 !!!", set()),
    ],
)
def test_phrases_of_a_text(language: str, text: str, wanted: set[str]) -> None:
    assert set(keyphrases(text, language)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "escríbanme a ana.perez@correo.example hoy",
        "mi pedido lo vio @anita_perez@social.example en la red",
        "miren https://ana.example/perez?x=1 y www.perez.example",
        "Saludos, Ana Pérez",
        "tarjeta 4111 1111 1111 1111, teléfono 987654321, RUT 12.345.678-K9",
    ],
)
def test_nothing_points_to_a_person(text: str) -> None:
    words = {word for phrase in keyphrases(text, "es", name="Ana Pérez") for word in phrase.split()}
    assert not words & {"ana", "perez", "anita", "correo", "social", "example", "https", "www"}
    assert not any(sign.isdigit() for word in words for sign in word)


def test_the_words_around_a_name_do_not_become_neighbors() -> None:
    assert "vendedor atendio" not in keyphrases("el vendedor Ana atendió mal", "es", name="Ana Pérez")
    assert "pedido roto" not in keyphrases("pedido 123 roto", "es")


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_whatever_is_written(text: str, language: str) -> None:
    found = keyphrases(text, language)
    assert found == sorted(set(found))
    stops = stop_words()[language]
    for phrase in found:
        words = phrase.split(" ")
        assert 1 <= len(words) <= LONGEST
        assert all(word.isalpha() and len(word) <= LONG for word in words)
        assert not {words[0], words[-1]} & stops


@pytest.mark.parametrize("piece", ["a", "pedido roto ", "a@b.co ", "@x ", "\u0301", "! "])
def test_huge_and_hostile_texts_are_cheap(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert len(keyphrases(text, "es", name="B Co")) <= MOST_PHRASES
    assert grows_linearly(lambda size: keyphrases(text[:size], "es", name="B Co"), 50_000)


def test_stop_words_are_folded_and_no_word_of_a_matter() -> None:
    for language, words in stop_words().items():
        assert language in LANGUAGES
        assert all(word == word.lower() and word.isascii() and word.isalpha() for word in words)
        assert not words & {"app", "pedido", "entrega", "delivery", "refund", "fila", "caja", "precio", "preco"}
