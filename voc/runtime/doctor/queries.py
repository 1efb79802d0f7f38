"""SELECTs of the doctor. Each works also on a database that an older version wrote, as far as its tables are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from voc.core.vocabulary import MessageState, ReceiptState, WorkState
from voc.db.types import word
from voc.model import Channel, DeliveryKey, Identity, Message, Receipt, User, Work


def answers(session: Session) -> None:
    """Ask the database for anything at all."""
    session.execute(text("SELECT 1"))


def integrity(session: Session) -> list[str]:
    """What SQLite finds wrong with its file; empty when nothing is."""
    rows = session.execute(text("PRAGMA integrity_check(20)")).scalars()
    return [str(row) for row in rows if row != "ok"]


def oldest_work(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting row could have been done."""
    return session.execute(
        select(func.min(Work.due_at)).where(Work.state == word(WorkState.TODO), Work.due_at <= now)
    ).scalar()


def quarantined(session: Session) -> tuple[int, int]:
    """(receipts that could not be read, work that could not be done)."""
    receipts = select(func.count()).select_from(Receipt).where(Receipt.state == word(ReceiptState.QUARANTINED))
    work = select(func.count()).select_from(Work).where(Work.state == word(WorkState.QUARANTINED))
    return session.execute(receipts).scalar_one(), session.execute(work).scalar_one()


def failed_messages(session: Session) -> int:
    """Answers that did not reach their customer."""
    return session.execute(
        select(func.count()).select_from(Message).where(Message.state == MessageState.FAILED)
    ).scalar_one()


def failing_channels(session: Session) -> list[tuple[str, str]]:
    """(public name, reason) of active channels that do not work."""
    rows = session.execute(
        select(Channel.slug, Channel.health_text)
        .where(Channel.active, Channel.health == "failing")
        .order_by(Channel.id)
    )
    return [(slug, reason or "") for slug, reason in rows]


def channels_with_secrets(session: Session) -> list[Channel]:
    """Channels whose secrets were encrypted with the key."""
    return list(session.scalars(select(Channel).where(Channel.secrets.is_not(None)).order_by(Channel.id)))


def users_with_passwords(session: Session) -> list[User]:
    """People who sign in by a password; the key is in its hash."""
    return list(session.scalars(select(User).where(User.password.is_not(None))))


def deliveries(session: Session) -> int:
    """How many deliveries are known by a keyed hash."""
    return session.execute(select(func.count()).select_from(DeliveryKey)).scalar_one()


def identities(session: Session, after: UUID | None, limit: int) -> Sequence[Row[UUID, str, str]]:
    """(id, kind, value) of verified identities in the order of their keys, beginning after `after`."""
    statement = select(Identity.id, Identity.kind, Identity.value).order_by(Identity.id).limit(limit)
    return session.execute(statement.where(Identity.id > after) if after else statement).all()
