"""The ticket of a form page: ours or not ours, for this form or another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from voc.security.keys import Keys
from voc.web.public import ticket as tickets

KEYS = Keys(b"k" * 32)
NOW = datetime(2026, 11, 20, 12, 0, 0, 123000, tzinfo=UTC)


def test_what_was_written_is_read() -> None:
    ticket = tickets.new(7, NOW)
    assert tickets.read(KEYS, "ayuda", tickets.write(KEYS, "ayuda", ticket)) == ticket
    assert ticket.age(NOW + timedelta(seconds=3)) == timedelta(seconds=3)


def test_two_pages_have_two_identities() -> None:
    assert tickets.new(1, NOW).submission_id != tickets.new(1, NOW).submission_id


def test_another_form_or_another_key_does_not_count() -> None:
    text = tickets.write(KEYS, "ayuda", tickets.new(1, NOW))
    assert tickets.read(KEYS, "entrega", text) is None
    assert tickets.read(Keys(b"x" * 32), "ayuda", text) is None


@given(st.text(max_size=250), st.integers(0, 200))
def test_nothing_else_is_believed(text: str, place: int) -> None:
    assert tickets.read(KEYS, "ayuda", text) is None
    written = tickets.write(KEYS, "ayuda", tickets.new(1, NOW))
    changed = written[: place % len(written)] + "~" + written[place % len(written) + 1 :]
    assert tickets.read(KEYS, "ayuda", changed) is None
