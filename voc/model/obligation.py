"""The ledger: obligations to detractors, and feedback that waits for a person to judge it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import ObligationState
from voc.db.types import Base, closed

_OPEN = text("state = 'open'")
_WAITING = text("decided_at IS NULL")


class Obligation(Base):
    """The promise that one detractor feedback gets a human answer by `due_at`; exactly one per such feedback.

    A rule may promise an answer to somebody else too (`promised_rule_id`), or waive one (`waived_rule_id`): then it
    names the version of the rule, which stands on record with the feedback as a match.
    """

    __tablename__ = "obligation"
    __table_args__ = (Index("ix_obligation_open", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), unique=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    state: Mapped[ObligationState] = mapped_column(closed(ObligationState))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    waived_at: Mapped[datetime | None]
    waived_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    waive_reason: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    promised_rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("rule_version.id"))
    waived_rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("rule_version.id"))


class Judgement(Base):
    """A place in the queue *To judge*: feedback of unknown stance, with an owner team and a deadline."""

    __tablename__ = "judgement"
    __table_args__ = (
        Index("ix_judgement_waiting", "due_at", "feedback_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    sla_version_id: Mapped[UUID] = mapped_column(ForeignKey("sla_version.id"))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    escalated_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    decision: Mapped[str | None] = mapped_column(String(24))
