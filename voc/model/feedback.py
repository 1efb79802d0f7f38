"""Feedback with its analyses and stance decisions. Both are only ever added; the feedback points to the present one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voc.core.vocabulary import Metric, Stance
from voc.db.types import Base, closed


class Feedback(Base):
    """What one customer said at one moment. `processed_at` is None until the pipeline has been through.

    `reply_to` is what its channel needs to answer there, `answers_id` the earlier feedback it refers to.
    `edited_at`: the words are not the first ones any more; `deleted_at`: the customer took them back, they are gone.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        Index(
            "ix_feedback_stance_id",
            "stance",
            "id",
            sqlite_where=text("stance IS NOT NULL"),
            postgresql_where=text("stance IS NOT NULL"),
        ),
        Index(
            "ix_feedback_unprocessed",
            "id",
            sqlite_where=text("processed_at IS NULL"),
            postgresql_where=text("processed_at IS NULL"),
        ),
        # Entered by the pipeline, not while accepting: one customer's feedback in order of time.
        Index(
            "ix_feedback_customer",
            "customer_id",
            "received_at",
            "id",
            sqlite_where=text("customer_id IS NOT NULL"),
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "ix_feedback_contact",
            "contact_point_id",
            sqlite_where=text("contact_point_id IS NOT NULL"),
            postgresql_where=text("contact_point_id IS NOT NULL"),
        ),
        # Entered by the pipeline, not while accepting: what the rollups count, by door and time.
        Index(
            "ix_feedback_counted",
            "channel_id",
            "received_at",
            sqlite_where=text("processed_at IS NOT NULL"),
            postgresql_where=text("processed_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipt.id"), index=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"))
    text: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    metric: Mapped[Metric | None] = mapped_column(closed(Metric))
    score: Mapped[int | None]
    language_hint: Mapped[str | None] = mapped_column(String(8))
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    author: Mapped[dict[str, Any] | None] = mapped_column(info={"personal": True})
    consent: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[str | None] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    processed_at: Mapped[datetime | None]
    stance: Mapped[Stance | None] = mapped_column(closed(Stance))
    mixed: Mapped[bool] = mapped_column(default=False)
    analysis_id: Mapped[UUID | None]
    stance_decision_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    contact_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact_point.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    subject: Mapped[str | None] = mapped_column(String(300), info={"personal": True})
    reply_to: Mapped[dict[str, Any] | None] = mapped_column(info={"personal": True})
    reach: Mapped[int | None] = mapped_column(BigInteger)
    answers_id: Mapped[UUID | None]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    analysis: Mapped[Analysis | None] = relationship(
        primaryjoin="foreign(Feedback.analysis_id) == Analysis.id", lazy="raise", viewonly=True
    )
    stance_decision: Mapped[StanceDecision | None] = relationship(
        primaryjoin="foreign(Feedback.stance_decision_id) == StanceDecision.id", lazy="raise", viewonly=True
    )


class ThreadName(Base):
    """An id by which later words may refer to a feedback or to something we sent: a keyed hash of kind and id."""

    __tablename__ = "thread_name"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    feedback_id: Mapped[UUID | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), index=True)


class FeedbackEdit(Base):
    """One later version of a feedback's words: the receipt that has it, and when the customer wrote it. `added`: there
    were none before, as when a reason is given after a score."""

    __tablename__ = "feedback_edit"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), index=True)
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipt.id"))
    edited_at: Mapped[datetime]
    added: Mapped[bool] = mapped_column(default=False)


class Attachment(Base):
    """A file that came with a feedback. `body` None: too large to keep apart from the receipt, which has it."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), info={"personal": True})
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes | None] = mapped_column(LargeBinary, info={"personal": True})


class Analysis(Base):
    """One reading of a feedback by an analyzer or, after a correction, by a person (`author_id`)."""

    __tablename__ = "analysis"
    __table_args__ = (
        # Entered by corrections only: what a company teaches.
        Index(
            "ix_analysis_by_person",
            "feedback_id",
            sqlite_where=text("author_id IS NOT NULL"),
            postgresql_where=text("author_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(8))
    label: Mapped[str] = mapped_column(String(12))
    probability: Mapped[float | None]
    result: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    analyzer: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(30))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]


class StanceDecision(Base):
    """Why a feedback has the stance it has: reasons as stored by the policy, or the person who corrected it."""

    __tablename__ = "stance_decision"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), index=True)
    stance: Mapped[Stance] = mapped_column(closed(Stance))
    mixed: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[Any]]
    policy: Mapped[str] = mapped_column(String(60))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
