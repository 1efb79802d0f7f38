"""Cases: the work of following up, with the events its clock is a function of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import CaseState, ClockKind, Priority
from voc.db.types import Base, closed

_OPEN = text("state = 'open'")
_RESOLVED = text("state = 'resolved'")
_ESCALATED = text("state = 'open' AND escalated_at IS NOT NULL")


class Case(Base):
    """One follow-up. `version` rises with every change, so that nobody answers a state he has not seen.

    `next_due_at` is the earliest running deadline, None when no clock runs; `attention_at` orders the inbox
    (`voc.cases.clock.attention`); `escalate_at` is the earliest deadline whose passing was not yet told to
    anybody; `headline_id` is the feedback shown in lists.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_attention", "attention_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_case_due", "next_due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_case_owner", "owner_id", "attention_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_case_escalate", "escalate_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_case_team", "team_id", "attention_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # What a team has to do today is counted from the index alone.
        Index("ix_case_team_due", "team_id", "next_due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_case_escalated", "attention_at", "id", sqlite_where=_ESCALATED, postgresql_where=_ESCALATED),
        Index("ix_case_resolved", "resolved_at", "id", sqlite_where=_RESOLVED, postgresql_where=_RESOLVED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[CaseState] = mapped_column(closed(CaseState))
    priority: Mapped[Priority] = mapped_column(closed(Priority))
    hurt: Mapped[int]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"), index=True)
    contact_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact_point.id"))
    headline_id: Mapped[UUID]
    language: Mapped[str | None] = mapped_column(String(8))
    sla_version_id: Mapped[UUID] = mapped_column(ForeignKey("sla_version.id"))
    opened_at: Mapped[datetime]
    first_answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    response_due_at: Mapped[datetime | None]
    resolution_due_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    attention_at: Mapped[datetime]
    escalate_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]


class CaseEvent(Base):
    """Something that happened to a case; its clock is a pure function of these rows and the SLA version."""

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case_id_id", "case_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    data: Mapped[dict[str, Any]]


class Note(Base):
    """What colleagues write to each other on a case; never seen by the customer."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(Text, info={"personal": True})
    created_at: Mapped[datetime]


class Escalation(Base):
    """Proof that a missed deadline was told to somebody: once per case or feedback, clock, due time and rung."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("subject_id", "clock", "due_at", "rung"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    clock: Mapped[ClockKind] = mapped_column(closed(ClockKind))
    rung: Mapped[int]
    due_at: Mapped[datetime]
    told_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
