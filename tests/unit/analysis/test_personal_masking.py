"""Masking: nothing is left to find, everything else stays, and offsets follow."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voc.analysis.personal import Kind, find, mask
from voc.analysis.personal.marks import MARKS

PIECES = [
    "ana@example.pe", "ana arroba example punto com", "987654321", "+51 987 654 321", "4567890", "(011) 4567-8901",
    "4111 1111 1111 1111", "4111111111111112", "12.345.678-5", "111.444.777-35", "11144477735", "12345678Z",
    "20-26756539-3", "20512333797", "1.020.304.050", "ES91 2100 0418 4502 0005 1332", "Av. Arequipa 1234",
    "calle los pinos", "Rua das Flores, 12", "1", "12", "1234", "2024-03-12", "tel", "pedido", "DNI", "RUC", "cpf", "o",
    "y", ",", "(", ")", "+", "-", ".", "@", " ", "\n", "\u200b", "#", "[teléfono]", "[e-mail]", "S/", "soles", "ñ",
    "👍",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=14)
joined = st.builds(lambda parts, sign: sign.join(parts), texts, st.sampled_from(["", " ", ", "]))
languages = st.sampled_from(["es", "pt", "en", None])


@settings(max_examples=400, deadline=None)
@given(joined, languages, st.sampled_from(["es", "pt", "en"]))
@example("tel 987654321 4567890 o 4567891", "es", "es")
def test_a_masked_text_holds_nothing_to_be_found(text: str, language: str | None, reader: str) -> None:
    done = mask(text, reader=reader, language=language, countries=("PE",))
    assert find(done.text, language=language, countries=("PE",)) == []
    assert mask(done.text, reader=reader, language=language, countries=("PE",)).text == done.text


@settings(max_examples=400, deadline=None)
@given(joined, languages)
def test_spans_rise_and_the_rest_stays(text: str, language: str | None) -> None:
    done = mask(text, reader="es", language=language)
    pieces, after = [], 0
    for item in done.found:
        assert after <= item.start < item.end <= len(text)
        pieces += [text[after : item.start], MARKS["es"][item.kind]]
        after = item.end
    assert done.text == "".join([*pieces, text[after:]])


@settings(max_examples=300, deadline=None)
@given(joined, st.data())
def test_spans_of_the_original_follow(text: str, data: st.DataObject) -> None:
    """What lies outside the marks says the same; what touches one takes it in whole."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    done = mask(text, reader="pt", language="es")
    moved = done.text[slice(*done.span(start, end))]
    touched = [item for item in done.found if item.start < end and item.end > start]
    if not touched and start < end:
        assert moved == text[start:end]
    for item in touched:
        assert MARKS["pt"][item.kind] in moved


@pytest.mark.parametrize(
    ("reader", "marks"),
    [
        ("es", "[e-mail], [teléfono], [tarjeta], [documento], [dirección]"),
        ("pt", "[e-mail], [telefone], [cartão], [documento], [endereço]"),
        ("en", "[e-mail], [phone], [card], [identity number], [address]"),
    ],
)
def test_marks_are_in_the_readers_language(reader: str, marks: str) -> None:
    text = "ana@example.pe, +51 987654321, 4111111111111111, 12.345.678-5, Av. Arequipa 1234"
    assert mask(text, reader=reader, language="es").text == marks


def test_every_language_has_a_mark_for_every_kind() -> None:
    assert {frozenset(marks) for marks in MARKS.values()} == {frozenset(Kind)}
    assert set(MARKS) == {"es", "pt", "en"}
