"""A house in which customers speak on given days, through the writer and the pipeline as always."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import worker_of
from voc.core.ids import new_id, random_key
from voc.core.vocabulary import Door, Metric, RoleName
from voc.insights.recount import Recount, recount
from voc.intake.incoming import Incoming
from voc.model import Channel, User
from voc.runtime import Runtime
from voc.security.access import Actor


@dataclass
class Voices:
    """Lets customers speak at any moment; `work` does what is due."""

    runtime: Runtime
    work: Callable[[], None]
    channels: list[UUID] = field(default_factory=list)
    count: int = 0

    def channel(self) -> UUID:
        """One more door."""
        with self.runtime.db.writing() as session:
            made = Channel(
                id=new_id(), kind="api", name=f"Door {len(self.channels)}", slug=f"door-{len(self.channels)}",
                key=random_key(), options={}, secrets=None, form=None, created_at=self.runtime.clock(),
            )  # fmt: skip
            session.add(made)
        self.channels.append(made.id)
        return made.id

    def say(self, at: datetime, text: str | None = None, *, channel: int = 0, **score: Any) -> UUID:
        """One feedback received at `at`; `nps=0`, `csat=5`, ... is the score. It is not processed yet."""
        self.count += 1
        body = repr((at, text, score, self.count)).encode()
        (metric, value), *_ = [*score.items(), (None, None)]
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.channels[channel],
                content_type="application/json",
                body=body,
                received_at=at,
                content_hash=hashlib.sha256(body).digest(),
                key=None,
                feedback={"text": text, "metric": Metric(metric) if metric else None, "score": value, "author": None},
            )
        )
        assert accepted.feedback_id is not None
        return accepted.feedback_id

    def actor(self) -> Actor:
        """Somebody who may correct."""
        with self.runtime.db.reading() as session:
            return Actor(session.scalars(select(User.id)).one(), RoleName.ADMIN, frozenset(), "Administrator")

    def recount(self, *, fix: bool = False) -> Recount:
        """The proof."""
        return recount(self.runtime, self.runtime.clock(), fix=fix)


@pytest.fixture
def voices(runtime: Runtime, work: Callable[[], None]) -> Voices:
    found = Voices(runtime, work)
    found.channel()
    return found


@pytest.fixture
def sqlite_voices(sqlite_runtime: Runtime) -> Voices:
    """The same on SQLite only, whose plans do not depend on how much there is."""
    found = Voices(sqlite_runtime, worker_of(sqlite_runtime))
    found.channel()
    return found
