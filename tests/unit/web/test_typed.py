"""What browsers send: decoded whatever it is, counted before it is taken apart."""

from __future__ import annotations

from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from voc.core.text import is_storable, storable
from voc.web.public.typed import MOST_FIELDS, decode, fields

WORDS = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)


@given(st.dictionaries(WORDS, WORDS, max_size=8))
def test_utf_8_comes_through_unchanged(values: dict[str, str]) -> None:
    assert dict(fields(urlencode(values).encode())) == values


@given(st.binary(max_size=200))
def test_any_bytes_become_text_that_can_be_stored(body: bytes) -> None:
    for name, value in fields(body):
        assert is_storable(storable(name))
        assert is_storable(storable(value))


def test_an_old_browser_is_understood() -> None:
    body = "text=" + quote_plus("¿Por qué? 3 €", encoding="cp1252")
    assert fields(body.encode()) == [("text", "¿Por qué? 3 €")]
    assert fields("text=atención".encode("latin-1")) == [("text", "atención")]


def test_a_lone_surrogate_costs_only_itself() -> None:
    text = decode("así \ud800 fue".encode("utf-8", "surrogatepass").decode("latin-1"))
    assert text == "así \ud800 fue"


def test_two_surrogates_that_belong_together_are_what_they_stand_for() -> None:
    assert decode("así 👍".encode().decode("latin-1")) == "así 👍"
    halves = "así \ud83d\udc4d \udc4d".encode("utf-8", "surrogatepass").decode("latin-1")
    assert decode(halves) == "así 👍 \udc4d"


def test_too_many_fields_are_refused() -> None:
    assert len(fields(b"&".join([b"a=1"] * MOST_FIELDS))) == MOST_FIELDS
    with pytest.raises(RequestEntityTooLarge):
        fields(b"&".join([b"a=1"] * 20_000))
