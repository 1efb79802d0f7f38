"""Tokens: derived, unguessable, and nothing but themselves."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from voc.core.ids import new_id
from voc.security.keys import Keys
from voc.surveys.address import address_hash
from voc.surveys.token import read_token, token_of

KEYS, OTHERS = Keys(b"k" * 32), Keys(b"o" * 32)


@given(st.uuids())
def test_a_token_leads_back(key: UUID) -> None:
    token = token_of(KEYS, key)
    assert token == token_of(KEYS, key)
    assert len(token) == 48
    assert read_token(KEYS, token) == key
    assert read_token(OTHERS, token) is None


@given(st.uuids(), st.integers(0, 47), st.sampled_from("ABCDEFGHabcdefgh0123456789-_"))
def test_a_changed_token_leads_nowhere(key: UUID, place: int, letter: str) -> None:
    token = token_of(KEYS, key)
    changed = token[:place] + letter + token[place + 1 :]
    assert (read_token(KEYS, changed) is None) == (changed != token)


@given(st.text(max_size=60))
def test_anything_else_leads_nowhere(text: str) -> None:
    assert read_token(KEYS, text) is None


def test_hostile_shapes() -> None:
    token = token_of(KEYS, new_id())
    for wrong in (token + "\n", token + "=", token[:-1], token.replace(token[0], "\u0130", 1), "é" * 48, "=" * 48, ""):
        assert read_token(KEYS, wrong) is None


def test_tokens_of_neighbors_share_nothing_that_helps() -> None:
    first, second = new_id(), new_id()
    assert token_of(KEYS, first)[22:] != token_of(KEYS, second)[22:]


def test_capitals_do_not_make_another_person() -> None:
    assert address_hash(KEYS, "Ana@Correo.example") == address_hash(KEYS, "ana@correo.EXAMPLE")
    assert address_hash(KEYS, "ana@correo.example") != address_hash(OTHERS, "ana@correo.example")
    assert address_hash(KEYS, "ana@correo.example") != address_hash(KEYS, "eva@correo.example")
