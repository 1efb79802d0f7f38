"""Labelled lines: what is read, and that everything else is refused in one sentence with its place."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.analysis.evaluation.reading import LONGEST, Example, json_object, language_of, lines, read
from voc.core.errors import Invalid


def one(data: Any, source: str = "file") -> Example | Invalid:
    line = data if isinstance(data, bytes) else json.dumps(data).encode()
    return next(read([line], "x.jsonl", source))


def test_what_a_line_says() -> None:
    whole = {
        "text": "Llegó",
        "lang": "es-MX",
        "label": "neutral",
        "topics": ["price", "price"],
        "source": "mail",
        "x": 1,
    }
    assert one(whole) == Example("Llegó", "es", "neutral", frozenset({"price"}), "mail")
    assert one({"text": "", "lang": None}) == Example("", "und", None, None, "file")
    assert one({"text": "a", "lang": "PT_br", "topics": []}) == Example("a", "pt", None, frozenset(), "file")


def test_a_mark_at_the_beginning_and_empty_lines_are_passed_over() -> None:
    found = list(read([b'\xef\xbb\xbf{"text": "a", "lang": "en"}\r\n', b"\n", b"  \n", b"{"], "x", "x"))
    assert isinstance(found[0], Example)
    assert str(found[1]).startswith("x:4: ")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"[1]", "the line must be a JSON object, not a list"),
        (b"{", "the line is no JSON"),
        (b"\xff", "the line is not UTF-8: byte 1 cannot be read"),
        (b"[" * 100_000, "the JSON is nested too deeply"),
        (b'{"a":' * 100_000, "the JSON is nested too deeply"),
        (b'{"text": "a", "lang": "en", "x": NaN}', "NaN is no number"),
        (b'{"x": ' + b"1" * 5_000 + b"}", "the line is no JSON"),
        (b"x" * (LONGEST + 1), "the line is longer than 8 MB"),
        ({"lang": "en"}, '"text" is missing'),
        ({"text": None, "lang": "en"}, '"text" must be a text, not null'),
        ({"text": ["a"], "lang": "en"}, '"text" must be a text, not a list'),
        ({"text": "a"}, '"lang" is missing'),
        ({"text": "a", "lang": ""}, '"lang" must be a language'),
        ({"text": "a", "lang": 3}, "not a number"),
        ({"text": "a", "lang": "spanish"}, 'not "spanish"'),
        ({"text": "a", "lang": "en", "label": "mixed"}, '"label" must be negative, neutral or positive, not "mixed"'),
        ({"text": "a", "lang": "en", "label": ["negative"]}, '"label" must be'),
        ({"text": "a", "lang": "en", "label": "unknown"}, '"label" must be'),
        ({"text": "a", "lang": "en", "topics": "price"}, '"topics" must be a list of keys'),
        ({"text": "a", "lang": "en", "topics": [""]}, '"topics" must be a list of keys'),
        ({"text": "a", "lang": "en", "topics": [["price"]]}, '"topics" must be a list of keys'),
        ({"text": "a", "lang": "en", "source": "a\u001b[2J"}, '"source" must be a short text'),
        ({"text": "a", "lang": "en", "source": ""}, '"source" must be a short text'),
    ],
)
def test_what_is_refused(line: Any, sentence: str) -> None:
    found = one(line)
    assert isinstance(found, Invalid)
    assert str(found).startswith("x.jsonl:1: ")
    assert sentence in str(found)
    assert str(found).isprintable(), "nothing of a line moves the cursor of a terminal"


FIELDS = st.sampled_from(["text", "lang", "label", "topics", "source"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner),
)


@given(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_no_line_stops_reading(line: bytes) -> None:
    for found in read([line], "x", "x"):
        assert isinstance(found, (Example, Invalid))


@given(st.binary(max_size=100).map(lambda data: data.replace(b"a", b"\n")))
def test_lines_are_those_of_the_stream(data: bytes) -> None:
    assert list(lines(BytesIO(data))) == BytesIO(data).readlines()


def test_a_line_without_end_is_one_line_and_the_next_is_read() -> None:
    data = b"x" * (3 * LONGEST) + b'\n{"text": "a"}\n' + b"y" * (LONGEST + 1)
    found = list(lines(BytesIO(data)))
    assert [len(line) > LONGEST for line in found] == [True, False, True]
    assert json_object(found[1]) == {"text": "a"}
    with pytest.raises(Invalid, match="longer"):
        json_object(found[0])


@pytest.mark.parametrize(("value", "wanted"), [("es", "es"), ("pt-BR", "pt"), ("GRN", "grn"), (None, "und")])
def test_languages(value: object, wanted: str) -> None:
    assert language_of(value) == wanted
