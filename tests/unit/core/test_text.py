"""What is blank, what can be stored, and what is left of text that cannot."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.text import is_blank, is_storable, without_unstorable

NOTHING = [
    "", " ", "\t\r\n\v\f", "\u00a0\u2003\u3000\u2028\u2029", "\u200b", "\u200b\u200c\u200d\u2060\ufeff", "\u00ad",
    "\u202e\u2066\u200f", "\u2800", "\u3164", "\u115f\u1160\uffa0", "\u034f", "\u180e\u180b", "\ufe0f",
    "\U000e0001\U000e0100", "\u17b4", "\x1b\x7f", " \u200b \u2800 ",
]  # fmt: skip
SOMETHING = [
    "0",
    ".",
    "-",
    "…",
    "a",
    "ñ",
    "👍",
    "👨\u200d👩\u200d👧",
    "\u200bMalo\u200b",
    "❤\ufe0f",
    "ㅠㅠ",
    "我",
    "\ufffd",
    "´",
]


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_to_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", SOMETHING)
def test_one_visible_character_is_something(text: str) -> None:
    assert not is_blank(text)


@given(st.text(max_size=20))
def test_the_rule_looks_at_characters_alone(text: str) -> None:
    assert is_blank(text) == all(is_blank(char) for char in text)
    assert not text.isspace() or is_blank(text), "what Python calls space is blank"


def test_letters_numbers_and_signs_are_never_blank() -> None:
    """Exceptions among them are few, known, and have no shape."""
    odd = {char for char in map(chr, range(0x11_0000)) if unicodedata.category(char)[0] in "LNPS" and is_blank(char)}
    assert {unicodedata.name(char) for char in odd} == {
        "BRAILLE PATTERN BLANK", "HALFWIDTH HANGUL FILLER", "HANGUL CHOSEONG FILLER", "HANGUL FILLER",
        "HANGUL JUNGSEONG FILLER",
    }  # fmt: skip


@given(st.text(alphabet=st.characters(categories=None), max_size=20))
def test_what_is_left_can_be_stored_and_nothing_else_is_taken(text: str) -> None:
    left = without_unstorable(text)
    assert is_storable(left)
    assert (left == text) == is_storable(text)
    assert without_unstorable("a\x00" + text + "\ud800\udfffz") == f"a{left}z"
