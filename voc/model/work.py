"""The outbox: work is a row written in the same transaction as the change that asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import WorkState
from voc.db.types import Base, closed

_TODO = text("state = 'todo'")
_DOING = text("state = 'doing'")


class Work(Base):
    """One thing to do. Finished rows are deleted; what cannot be done stays, in quarantine, with its reason."""

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_todo", "lane", "due_at", "id", sqlite_where=_TODO, postgresql_where=_TODO),
        Index("ix_work_doing", "lease_until", sqlite_where=_DOING, postgresql_where=_DOING),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    lane: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[WorkState] = mapped_column(closed(WorkState))
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    created_at: Mapped[datetime]


class Schedule(Base):
    """When a periodic piece of work ran last and runs next."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime]
    ran_at: Mapped[datetime | None]
