"""Webhooks to other people's programs: where they go, and the log of what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import HookEvent, HookState
from voc.db.types import Base, closed

_WAITING = text("state = 'waiting'")


class WebhookEndpoint(Base):
    """One address that wants to hear of `events` (words of `HookEvent`). `secret` is encrypted.

    After failures in a row it is left alone until `paused_until`. `off_reason` says why voc itself switched it off.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    events: Mapped[list[Any]]
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    off_reason: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    created_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event told to one endpoint. Its id is the message's id for ever: a repeat is recognized by it.

    `path` is where the subject is looked at in voc, `status` the last HTTP status, `error` why the last try failed.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_log", "endpoint_id", "id"),
        Index("ix_webhook_delivery_waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event: Mapped[HookEvent] = mapped_column(closed(HookEvent))
    subject_id: Mapped[UUID]
    path: Mapped[str] = mapped_column(String(200))
    state: Mapped[HookState] = mapped_column(closed(HookState))
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
