"""What became of a message after it was sent, as the other side reports it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from voc.core.vocabulary import MessageState
from voc.delivery.events import MessageBounced
from voc.delivery.queries import IN_HAND
from voc.jobs import publish
from voc.model import Message

CAME_BACK = "the message came back"


def bounced(session: Session, message_id: UUID, *, reason: str, now: datetime) -> bool:
    """The message came back: it failed after all, and what it had settled is open again. Twice is once.

    False when it failed before or is gone. A report that overtakes our own mark counts as well.
    """
    result = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state.in_((*IN_HAND, MessageState.SENT)))
        .values(
            state=MessageState.FAILED,
            bounced_at=now,
            sent_at=func.coalesce(Message.sent_at, now),
            error=f"{CAME_BACK}: {reason}" if reason else CAME_BACK,
        )
        .returning(Message.id)
        .execution_options(synchronize_session="fetch")
    )
    if result.first() is None:
        return False
    publish(session, MessageBounced(message_id), now=now)
    return True
