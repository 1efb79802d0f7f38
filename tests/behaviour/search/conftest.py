"""A house in which people say things, and asking it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from voc.cases.queries import feedback_page
from voc.core.vocabulary import Door, Metric
from voc.intake.incoming import Incoming
from voc.runtime import Runtime
from voc.search.asked import Asked
from voc.search.facets import Filters
from voc.security import tokens


@dataclass
class Voices:
    """What was said, by the order it was said in."""

    runtime: Runtime
    work: Callable[[], None]
    channel_id: UUID
    count: int = 0

    def say(
        self, text: str | None, score: int | None = None, *, language: str | None = None, at: datetime | None = None
    ) -> UUID:
        """One feedback through the API door, not worked off."""
        self.count += 1
        body = repr((self.count, text)).encode()
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.channel_id,
                content_type="application/json",
                body=body,
                received_at=at or self.runtime.clock(),
                content_hash=hashlib.sha256(body).digest(),
                feedback={
                    "text": text,
                    "metric": Metric.NPS if score is not None else None,
                    "score": score,
                    "language_hint": language,
                    "author": None,
                },
            )
        )
        assert accepted.feedback_id is not None
        return accepted.feedback_id

    def ask(self, typed: str = "", *, limit: int = 50, **filters: Any) -> list[UUID]:
        """Everything that is found, page by page."""
        found: list[UUID] = []
        after = None
        while True:
            with self.runtime.db.reading() as session:
                page = feedback_page(session, Asked(typed, Filters(**filters)), after=after, limit=limit)
            assert len(page.rows) <= limit
            found += [row.id for row in page.rows]
            if page.next is None:
                return found
            assert page.rows
            after = page.next


@pytest.fixture
def voices(runtime: Runtime, work: Callable[[], None]) -> Voices:
    """On both databases in turn."""
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    return Voices(runtime, work, found.channel_id)
