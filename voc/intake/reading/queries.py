"""SELECTs of the pages about channels: each costs the same whatever came in, and counts no further than it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.text import storable
from voc.core.vocabulary import Door, ReceiptState
from voc.db.types import word
from voc.model import Channel, Feedback, Receipt

# Receipts in quarantine that are counted.
MOST = 10_000
# The newest receipts of the house among which those of a channel are looked for.
WINDOW = 2_000
# What is shown of a raw body: characters, and the bytes that are enough for them.
PREVIEW = 2_000
_BYTES = 4 * PREVIEW


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel and when something last came through it (None: never)."""

    channel: Channel
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A receipt that could not be read. `raw`: the beginning of what arrived, None when it is not kept any more."""

    id: UUID
    received_at: datetime
    reason: str | None
    content_type: str
    size: int | None
    raw: str | None


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt and what became of it."""

    id: UUID
    received_at: datetime
    door: Door
    state: ReceiptState
    reason: str | None


def channel_lines(session: Session) -> list[ChannelLine]:
    """Every channel, by name."""
    rows = session.execute(_lines().order_by(func.lower(Channel.name), Channel.id))
    return [_line(channel, heard_at) for channel, heard_at in rows]


def channel_line(session: Session, channel_id: UUID) -> ChannelLine:
    """One of them; raises NotFound."""
    row = session.execute(_lines().where(Channel.id == channel_id)).first()
    if row is None:
        raise NotFound
    return _line(*row)


def _lines() -> Select[Channel, datetime]:
    return select(Channel, _heard_at())


def _heard_at() -> ScalarSelect[datetime]:
    """When the newest understood feedback of a channel came in: one look into an index."""
    return (
        select(Feedback.received_at)
        .where(Feedback.channel_id == Channel.id, Feedback.processed_at.is_not(None))
        .order_by(Feedback.received_at.desc())
        .limit(1)
        .correlate(Channel)
        .scalar_subquery()
    )


def _line(channel: Channel, heard_at: datetime | None) -> ChannelLine:
    known = [at for at in (channel.arrived_at, heard_at) if at is not None]
    return ChannelLine(channel, max(known, default=None))


def held_counts(session: Session) -> dict[UUID, int]:
    """How many receipts of each channel could not be read; of the whole house at most MOST are counted."""
    some = select(Receipt.channel_id).where(Receipt.state == word(ReceiptState.QUARANTINED)).limit(MOST).subquery()
    rows = session.execute(select(some.c.channel_id, func.count().label("n")).group_by(some.c.channel_id))
    return {row.channel_id: row.n for row in rows}


def held_page(session: Session, channel_id: UUID, *, before: UUID | None, limit: int) -> list[Held]:
    """Receipts of a channel that could not be read, newest first, from the one before this key on."""
    rows = session.execute(
        select(
            Receipt.id,
            Receipt.received_at,
            Receipt.reason,
            Receipt.content_type,
            func.length(Receipt.body).label("size"),
            # Only the beginning leaves the database: a body can be as large as a mail with its files.
            func.substr(Receipt.body, 1, _BYTES, type_=LargeBinary).label("begin"),
        )
        .where(
            Receipt.channel_id == channel_id,
            Receipt.state == word(ReceiptState.QUARANTINED),
            *([Receipt.id < before] if before is not None else []),
        )
        .order_by(Receipt.id.desc())
        .limit(limit)
    )
    return [
        Held(row.id, row.received_at, row.reason, row.content_type, row.size, _raw(row.size, row.begin)) for row in rows
    ]


def _raw(size: int | None, begin: bytes | None) -> str | None:
    """SQLite has NULL for the beginning of nothing: only the length tells that an empty body is there."""
    return None if size is None else preview(begin or b"")


def preview(begin: bytes) -> str:
    """The beginning of a body as plain text: what is no text shows as such, nothing of it acts."""
    return storable(bytes(begin).decode("utf-8", "replace"))[:PREVIEW]


def newest_receipts(session: Session, channel_id: UUID, *, limit: int) -> Sequence[ReceiptLine]:
    """The newest receipts of a channel: those among the newest of the house, and those of its newest feedback.

    Receipts have no index by channel, which every acceptance would pay for; what lies further back and gave no
    feedback is not found here.
    """
    window = select(Receipt.id).order_by(Receipt.id.desc()).limit(WINDOW).subquery()
    heard = (
        select(Feedback.receipt_id)
        .where(Feedback.channel_id == channel_id, Feedback.processed_at.is_not(None))
        .order_by(Feedback.received_at.desc())
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select(Receipt.id, Receipt.received_at, Receipt.door, Receipt.state, Receipt.reason)
        .where(
            Receipt.channel_id == channel_id,
            or_(Receipt.id.in_(select(window.c.id)), Receipt.id.in_(select(heard.c.receipt_id))),
        )
        .order_by(Receipt.id.desc())
        .limit(limit)
    )
    return [ReceiptLine(*row) for row in rows]
