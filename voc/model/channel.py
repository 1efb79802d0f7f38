"""Channels: configured instances of channel plugins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base


class Channel(Base):
    """One mailbox, one form, one door of the API. `slug` is a public name, `key` a secret one.

    `cursor` is where fetching goes on, `fetched_at` when it last went well, `failures` how often it went wrong since.
    `tested_*` is what the last test of the connection said. `version` rises with every change of its settings.
    `store` is what the plugin keeps for itself.
    """

    __tablename__ = "channel"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    options: Mapped[dict[str, Any]]
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    form: Mapped[dict[str, Any] | None]
    form_version: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    health: Mapped[str] = mapped_column(String(20), default="ok")
    health_text: Mapped[str | None] = mapped_column(Text)
    cursor: Mapped[dict[str, Any] | None]
    fetched_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    tested_at: Mapped[datetime | None]
    tested_health: Mapped[str | None] = mapped_column(String(20))
    tested_text: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    store: Mapped[dict[str, Any] | None] = mapped_column(info={"personal": True})
    created_at: Mapped[datetime]
