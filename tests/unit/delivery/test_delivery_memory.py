"""What the process remembers of sending, and the texts that say why something did not go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from voc.delivery.jobs import SEND_RETRY
from voc.delivery.memory import KEPT, PAUSE, Memory
from voc.delivery.outcome import NOT_CONFIGURED, split_reason
from voc.net.smtp import Reason, Unreachable

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def test_a_dead_server_is_left_alone_for_a_while() -> None:
    memory = Memory()
    memory.require_server(NOW)
    memory.server_down(Unreachable("gone"), NOW)
    with pytest.raises(Unreachable, match="gone"):
        memory.require_server(NOW + PAUSE - timedelta(seconds=1))
    memory.require_server(NOW + PAUSE)


def test_what_was_taken_is_remembered_within_bounds() -> None:
    memory = Memory()
    for number in range(KEPT + 1):
        memory.taken(UUID(int=number), NOW)
    assert memory.taken_at(UUID(int=0)) is None
    assert memory.taken_at(UUID(int=KEPT)) == NOW


def test_tries_go_on_for_about_a_day() -> None:
    waits = [SEND_RETRY.wait(attempt) for attempt in range(1, SEND_RETRY.attempts + 1)]
    assert waits[-1] is None
    total = sum((wait for wait in waits if wait), timedelta())
    assert timedelta(hours=20) < total < timedelta(hours=30)


def test_reasons_come_apart_into_text_and_detail() -> None:
    assert split_reason(f"{Reason.RECIPIENT_REFUSED}: 550 no: really") == (Reason.RECIPIENT_REFUSED, "550 no: really")
    assert split_reason(Reason.CUT) == (Reason.CUT, "")
    assert split_reason(NOT_CONFIGURED)[0] == "no mail is sent"
    assert all(": " not in reason for reason in Reason)
