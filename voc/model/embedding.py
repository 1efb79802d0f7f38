"""What the words of feedback mean, as numbers, and runs that make them for what came in before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base
from voc.model.run import Backrun


class FeedbackEmbedding(Base):
    """The meaning of one feedback's words, as `voc.analysis.embedding` packs it; `model` made it.

    It says nearly as much as the words do, and goes when they go. `group_id` is the feedback that stands for all which
    say nearly the same within some weeks: the same one where nobody else does.
    """

    __tablename__ = "feedback_embedding"
    __table_args__ = (Index("ix_feedback_embedding_group", "group_id", "feedback_id"),)

    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(60))
    vector: Mapped[bytes] = mapped_column(LargeBinary, info={"personal": True})
    group_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"))
    made_at: Mapped[datetime]


class EmbeddingRun(Backrun, Base):
    """Past feedback gets its meaning, newest first; `made_by` is the model that makes it."""

    __tablename__ = "embedding_run"

    made_by: Mapped[str] = mapped_column(String(60))
