"""What belongs to the company as a whole: brand, policy versions, counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base


class House(Base):
    """The one row about this company and this instance. `key_check` proves that the encryption key is the right one."""

    __tablename__ = "house"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    zone: Mapped[str] = mapped_column(String(60))
    key_check: Mapped[str] = mapped_column(String(64))
    sla_version_id: Mapped[UUID | None]
    default_team_id: Mapped[UUID | None]
    topic_head_id: Mapped[UUID | None]
    competitors: Mapped[list[Any]] = mapped_column(default=list)
    demo_total: Mapped[int | None]
    demo_done: Mapped[int | None]
    created_at: Mapped[datetime]


class SlaVersion(Base):
    """One version of targets and business calendar together; never changed, cases keep pointing to theirs."""

    __tablename__ = "sla_version"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Counter(Base):
    """The last number given out, for numbers that people say aloud (case C-2041)."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    value: Mapped[int]
