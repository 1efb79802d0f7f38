"""SELECTs of reading once more: what is stored from each receipt."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.model import Attachment, Feedback


def feedback_of(session: Session, receipt_id: UUID) -> Sequence[Feedback]:
    """Everything that was first read in this receipt, oldest first."""
    return session.scalars(select(Feedback).where(Feedback.receipt_id == receipt_id).order_by(Feedback.id)).all()


def files_of(session: Session, feedback_ids: Sequence[UUID]) -> dict[UUID, list[list[str | int]]]:
    """Name, content type and size of the files of each."""
    rows = session.execute(
        select(Attachment.feedback_id, Attachment.name, Attachment.content_type, Attachment.size)
        .where(Attachment.feedback_id.in_(list(feedback_ids)))
        .order_by(Attachment.id)
    )
    found: dict[UUID, list[list[str | int]]] = {}
    for feedback_id, name, content_type, size in rows:
        found.setdefault(feedback_id, []).append([name, content_type, size])
    return found
