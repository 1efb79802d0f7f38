"""Missed deadlines: everybody's is told, a great backlog bit by bit, and others get their turn in between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

import pytest

from voc.cases import escalate
from voc.core.vocabulary import Door
from voc.intake.incoming import Incoming
from voc.runtime import Runtime
from voc.security import tokens


def _say(runtime: Runtime, channel_id: UUID, text: str) -> None:
    body = text.encode()
    runtime.writer.accept(
        Incoming(
            door=Door.API,
            channel_id=channel_id,
            content_type="application/json",
            body=body,
            received_at=runtime.clock(),
            content_hash=hashlib.sha256(body).digest(),
            key=None,
            feedback={"text": text, "metric": None, "score": None},
        )
    )


def test_a_backlog_is_told_bit_by_bit_and_whole(
    runtime: Runtime, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    for number in range(5):
        _say(runtime, found.channel_id, f"Pésima atención, nunca más vuelvo ({number})")
    work()
    runtime.clock.forward(days=30)  # type: ignore[attr-defined]
    monkeypatch.setattr(escalate, "BATCH", 1)
    monkeypatch.setattr(escalate, "MOST_BATCHES", 2)
    told = [escalate.sweep(runtime, runtime.clock()) for _ in range(4)]
    assert told == [2, 2, 1, 0]
