"""SELECTs for making the meaning of feedback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.model import Feedback, FeedbackEmbedding
from voc.pipeline.redo.queries import with_words


def page(session: Session, since: datetime | None, before: UUID | None, limit: int) -> list[UUID]:
    """The next feedback of a run, newest first, whether its meaning was made or not."""
    statement = select(Feedback.id).where(*with_words(since)).order_by(Feedback.id.desc()).limit(limit)
    return list(session.scalars(statement.where(Feedback.id < before) if before is not None else statement))


def without(session: Session, ids: Sequence[UUID], model: str) -> list[Feedback]:
    """Those of these feedback that have words whose meaning this model has not made, the oldest first."""
    made = select(FeedbackEmbedding.feedback_id).where(
        FeedbackEmbedding.feedback_id.in_(ids), FeedbackEmbedding.model == model
    )
    rows = session.scalars(
        select(Feedback).where(Feedback.id.in_(ids), *with_words(None), Feedback.id.not_in(made)).order_by(Feedback.id)
    )
    return list(rows)


def present_words(session: Session, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """The words of these feedback at the moment of writing, locked."""
    rows = session.execute(
        select(Feedback.id, Feedback.text).where(Feedback.id.in_(ids)).order_by(Feedback.id).with_for_update()
    )
    return {row.id: row.text for row in rows}
