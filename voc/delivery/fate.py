"""What became of a message after it was sent, as the other side reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from voc.core.errors import Permanent
from voc.core.vocabulary import MessageState
from voc.delivery import queries
from voc.delivery.events import MessageBounced
from voc.delivery.queries import IN_HAND
from voc.jobs import publish
from voc.model import Message
from voc.net.smtp import mailbox

CAME_BACK = "the message came back"


@dataclass(frozen=True, slots=True)
class Fate:
    """One report: `failed`, `delivered` or `read`, for whom as far as it says, and when it came in."""

    word: str
    reason: str
    recipients: tuple[str, ...]
    at: datetime


def report(session: Session, message_id: UUID, fate: Fate, *, now: datetime) -> bool:
    """Write down what a report says of a message; twice is once. False when it does not speak of whom the message was
    sent to: whoever saw its id could have made it up."""
    message = queries.message_for_update(session, message_id)
    if message is None or not concerns(fate.recipients, message.recipient, message.reply_to):
        return False
    if fate.word == "failed":
        bounced(session, message_id, reason=fate.reason, now=now)
    else:
        arrived(session, message_id, at=fate.at, read=fate.word == "read")
    return True


def concerns(recipients: tuple[str, ...], recipient: str | None, reply_to: Mapping[str, Any] | None) -> bool:
    """Whether a report for `recipients` is about what was sent there; one that names nobody rests on its id. Pure."""
    ours = {_plain(str(value)) for value in (recipient, (reply_to or {}).get("to")) if value}
    return not recipients or any(_plain(name) in ours for name in recipients)


def _plain(address: str) -> str:
    """An address as servers compare it: its domain in ASCII, small letters."""
    try:
        return mailbox(address).casefold()
    except Permanent:
        return address.strip().casefold()


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


def arrived(session: Session, message_id: UUID, *, at: datetime, read: bool) -> None:
    """The other side has it, or somebody opened it there: the first report of each counts. Keeps no promise and
    reopens none; what failed stays failed."""
    values: dict[str, Any] = {"delivered_at": func.coalesce(Message.delivered_at, at)}
    if read:
        values["read_at"] = func.coalesce(Message.read_at, at)
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state.in_((*IN_HAND, MessageState.SENT)), Message.attempts > 0)
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )
