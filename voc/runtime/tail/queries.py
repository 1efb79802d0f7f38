"""SELECTs of looking on: all by key, none of them longer than a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import Door, MessageState, ReceiptState
from voc.model import Feedback, Message, Receipt

# Bytes of a body that are looked at.
BYTES = 16_384
# The newest messages of the house among which those of a channel are looked for.
WINDOW = 2_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A receipt with the beginning of what arrived; `size` None: its body is not kept any more."""

    id: UUID
    received_at: datetime
    door: Door
    content_type: str
    delivery_id: str | None
    size: int | None
    begin: bytes


@dataclass(frozen=True, slots=True)
class Departure:
    """An answer of ours and how it stands."""

    id: UUID
    created_at: datetime
    state: MessageState
    error: str | None
    bounced_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


def newest_receipt(session: Session) -> UUID | None:
    """The newest key of the house."""
    return session.scalars(select(Receipt.id).order_by(Receipt.id.desc()).limit(1)).first()


def newest_message(session: Session) -> UUID | None:
    """The newest key of the house."""
    return session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).first()


def receipts_since(session: Session, channel_id: UUID, after: UUID, limit: int) -> Sequence[UUID]:
    """Receipts of a channel behind this key, oldest first."""
    behind = select(Receipt.id).where(Receipt.id > after, Receipt.channel_id == channel_id)
    return session.scalars(behind.order_by(Receipt.id).limit(limit)).all()


def messages_since(session: Session, channel_id: UUID, after: UUID, limit: int) -> Sequence[UUID]:
    """Answers that left by a channel behind this key, oldest first."""
    behind = select(Message.id).where(Message.id > after, Message.channel_id == channel_id)
    return session.scalars(behind.order_by(Message.id).limit(limit)).all()


def newest_messages(session: Session, channel_id: UUID, limit: int) -> Sequence[UUID]:
    """The newest answers by a channel, newest first, among the newest of the house."""
    window = select(Message.id).order_by(Message.id.desc()).limit(WINDOW).subquery()
    found = select(Message.id).where(Message.id.in_(select(window.c.id)), Message.channel_id == channel_id)
    return session.scalars(found.order_by(Message.id.desc()).limit(limit)).all()


def arrivals(session: Session, ids: Iterable[UUID]) -> list[Arrival]:
    """These receipts, oldest first; only the beginning of a body leaves the database."""
    rows = session.execute(
        select(
            *(Receipt.id, Receipt.received_at, Receipt.door, Receipt.content_type, Receipt.delivery_id),
            func.length(Receipt.body).label("size"),
            func.substr(Receipt.body, 1, BYTES, type_=LargeBinary).label("begin"),
        )
        .where(Receipt.id.in_(list(ids)))
        .order_by(Receipt.id)
    )
    return [
        Arrival(key, at, door, content_type, delivery_id, size, bytes(begin or b""))
        for key, at, door, content_type, delivery_id, size, begin in rows
    ]


def receipt_states(session: Session, ids: Iterable[UUID]) -> dict[UUID, tuple[ReceiptState, str | None]]:
    """(state, reason) of each."""
    rows = session.execute(select(Receipt.id, Receipt.state, Receipt.reason).where(Receipt.id.in_(list(ids))))
    return {row.id: (row.state, row.reason) for row in rows}


def feedback_ids(session: Session, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The feedback that was read in each receipt."""
    rows = session.execute(
        select(Feedback.receipt_id, Feedback.id).where(Feedback.receipt_id.in_(list(ids))).order_by(Feedback.id)
    )
    found: dict[UUID, list[UUID]] = {}
    for receipt_id, feedback_id in rows:
        found.setdefault(receipt_id, []).append(feedback_id)
    return found


def departures(session: Session, ids: Iterable[UUID]) -> list[Departure]:
    """These answers as they stand now, oldest first."""
    rows = session.execute(
        select(
            *(Message.id, Message.created_at, Message.state, Message.error),
            *(Message.bounced_at, Message.delivered_at, Message.read_at),
        )
        .where(Message.id.in_(list(ids)))
        .order_by(Message.id)
    )
    return [Departure(*row) for row in rows]
