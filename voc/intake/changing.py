"""What a customer changes afterwards: other words, or none at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete as delete_rows
from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.ids import new_id
from voc.intake import queries
from voc.intake.events import FeedbackChanged
from voc.jobs import publish
from voc.model import Attachment, FeedbackEdit, Receipt


def edit(
    session: Session,
    feedback_id: UUID,
    *,
    text: str | None,
    at: datetime,
    receipt_id: UUID,
    now: datetime,
    author: dict[str, Any] | None = None,
) -> bool:
    """Put `text` in the place of what was said; False when nothing is different, it is older, or it was taken back.

    Earlier words stay in their receipts. The pipeline looks at the new ones; no promise is taken back by that.
    `author` tells who it is where nobody was known to have said it.
    """
    feedback = queries.feedback_for_update(session, feedback_id)
    if feedback.deleted_at is not None:
        return False
    introduced = author is not None and feedback.author is None
    if introduced:
        feedback.author = author
    older = feedback.edited_at is not None and at < feedback.edited_at
    said = not older and feedback.text != text and (text is not None or feedback.score is not None)
    if said:
        # A reason that comes after its score changes nothing that was said.
        added = feedback.text is None and feedback.edited_at is None
        feedback.text, feedback.edited_at = text, at
        session.add(
            FeedbackEdit(id=new_id(), feedback_id=feedback_id, receipt_id=receipt_id, edited_at=at, added=added)
        )
    if said or introduced:
        publish(session, FeedbackChanged(feedback_id), now=now)
    return said or introduced


def delete(session: Session, feedback_id: UUID, *, now: datetime) -> bool:
    """Take the words away, here and in the receipts; False when they are gone already.

    That something was said, what was promised and how it was judged stays, so that nobody is left behind by it.
    """
    feedback = queries.feedback_for_update(session, feedback_id)
    if feedback.deleted_at is not None:
        return False
    feedback.deleted_at = now
    feedback.text = feedback.subject = feedback.reply_to = None
    feedback.facts = {}
    session.execute(delete_rows(Attachment).where(Attachment.feedback_id == feedback_id))
    receipts = queries.receipts_about(session, feedback_id)
    session.execute(update(Receipt).where(Receipt.id.in_(receipts)).values(body=None, headers={}))
    audit(session, actor_id=None, action="feedback.withdrawn", subject_id=feedback_id, now=now)
    publish(session, FeedbackChanged(feedback_id), now=now)
    return True
