"""The states of a message: queued → sending → sent, or failed. Each step says whether it took place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from voc.core.vocabulary import MessageState, WorkState
from voc.delivery import queries
from voc.delivery.events import MessageFailed, MessageSent
from voc.delivery.queries import IN_HAND, SEND_KIND
from voc.jobs import enqueue, publish
from voc.model import Message, Work


def begin(session: Session, message_id: UUID) -> bool:
    """A try begins; committed before anybody talks to the mail server. False when it is no longer in hand."""
    return _step(session, message_id, IN_HAND, state=MessageState.SENDING, attempts=Message.attempts + 1)


def wait(session: Session, message_id: UUID, reason: str) -> bool:
    """This try failed and another will come; `reason` is shown meanwhile."""
    return _step(session, message_id, IN_HAND, state=MessageState.QUEUED, error=reason)


def succeed(session: Session, message_id: UUID, *, at: datetime, now: datetime) -> bool:
    """The server took it at `at`: the only way a mail comes to be shown as sent. Publishes MessageSent once.

    What somebody gave up meanwhile was sent nevertheless, so FAILED does not stand against it; that it came back does.
    """
    before = (*IN_HAND, MessageState.FAILED)
    if queries.came_back(session, message_id):
        return False
    done = _step(session, message_id, before, state=MessageState.SENT, sent_at=at, error=None)
    if done:
        publish(session, MessageSent(message_id), now=now)
    return done


def fail(session: Session, message_id: UUID, *, reason: str, now: datetime) -> bool:
    """It is not tried again by itself. Publishes MessageFailed once."""
    done = _step(session, message_id, IN_HAND, state=MessageState.FAILED, error=reason)
    if done:
        publish(session, MessageFailed(message_id), now=now)
    return done


def requeue(session: Session, message_id: UUID, *, now: datetime) -> bool:
    """Try a failed message again, under its old Message-ID; False when it had not failed, or was sent and came back:
    then only another answer, or another way, helps."""
    if queries.came_back(session, message_id):
        return False
    done = _step(session, message_id, (MessageState.FAILED,), state=MessageState.QUEUED, error=None)
    if done:
        forget_quarantined(session, message_id)
        enqueue(session, SEND_KIND, subject_id=message_id, now=now)
    return done


def forget_quarantined(session: Session, message_id: UUID) -> None:
    """Take the message's work out of quarantine for good: from now on the message itself says what became of it.

    A message has one row of work at most, so that it is never sent by two at once.
    """
    session.execute(
        delete(Work)
        .where(Work.kind == SEND_KIND, Work.subject_id == message_id, Work.state == WorkState.QUARANTINED)
        .execution_options(synchronize_session=False)
    )


def _step(session: Session, message_id: UUID, before: tuple[MessageState, ...], **values: Any) -> bool:
    result = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state.in_(before))
        .values(**values)
        .returning(Message.id)
        .execution_options(synchronize_session="fetch")
    )
    return result.first() is not None
