"""SELECTs of intake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import ReceiptState
from voc.db.types import word
from voc.intake.incoming import Accepted
from voc.model import Channel, DeliveryKey, Receipt


@dataclass(frozen=True, slots=True)
class FormChannel:
    """A public form that can be shown. `form` is a `voc.plugin.Form` as dict (`voc.intake.forms`)."""

    id: UUID
    slug: str
    name: str
    kind: str
    form: dict[str, Any]
    form_version: int


@dataclass(frozen=True, slots=True)
class ReceiptToRead:
    """A receipt with what is needed to read it."""

    id: UUID
    channel_id: UUID
    kind: str
    options: dict[str, Any]
    content_type: str
    headers: dict[str, Any]
    body: bytes | None
    received_at: datetime
    delivery_id: str | None
    state: ReceiptState


def known_keys(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, tuple[bytes, Accepted]]:
    """(content hash, what was accepted then) of those `keys` that are known."""
    if not keys:
        return {}
    rows = connection.execute(
        select(
            DeliveryKey.key,
            DeliveryKey.content_hash,
            DeliveryKey.receipt_id,
            DeliveryKey.feedback_id,
            Receipt.tracking_code,
        )
        .join(Receipt, Receipt.id == DeliveryKey.receipt_id)
        .where(DeliveryKey.key.in_(list(keys)))
    )
    return {
        bytes(row.key): (
            bytes(row.content_hash),
            Accepted(row.receipt_id, row.feedback_id, row.tracking_code or "", repeated=True),
        )
        for row in rows
    }


def form_channel(session: Session, slug: str) -> FormChannel | None:
    """The form of this public name, when it is active and its form was computed."""
    row = session.execute(
        select(Channel.id, Channel.slug, Channel.name, Channel.kind, Channel.form, Channel.form_version).where(
            Channel.slug == slug, Channel.active
        )
    ).first()
    if row is None or row.form is None:
        return None
    return FormChannel(row.id, row.slug, row.name, row.kind, row.form, row.form_version)


def first_form_slug(session: Session) -> str | None:
    """The oldest active form, for the address printed at start."""
    rows = session.execute(select(Channel.slug, Channel.form).where(Channel.active).order_by(Channel.id))
    return next((row.slug for row in rows if row.form is not None), None)


def receipts_to_read(session: Session, ids: Sequence[UUID]) -> dict[UUID, ReceiptToRead]:
    """The receipts of these ids with their channel's kind and options."""
    rows = session.execute(
        select(Receipt, Channel.kind, Channel.options)
        .join(Channel, Channel.id == Receipt.channel_id)
        .where(Receipt.id.in_(ids))
    )
    return {
        receipt.id: ReceiptToRead(
            receipt.id,
            receipt.channel_id,
            kind,
            options,
            receipt.content_type,
            receipt.headers,
            receipt.body,
            receipt.received_at,
            receipt.delivery_id,
            receipt.state,
        )
        for receipt, kind, options in rows
    }


def known_feedback(session: Session, keys: Sequence[bytes]) -> dict[bytes, UUID]:
    """Which of these feedback identities exist already, with the feedback's id."""
    if not keys:
        return {}
    rows = session.execute(select(DeliveryKey.key, DeliveryKey.feedback_id).where(DeliveryKey.key.in_(list(keys))))
    return {bytes(key): feedback_id for key, feedback_id in rows if feedback_id is not None}


def receipt_by_id(session: Session, receipt_id: UUID) -> Receipt:
    """The receipt; raises NotFound."""
    receipt = session.get(Receipt, receipt_id)
    if receipt is None:
        raise NotFound
    return receipt


def quarantined_receipts(session: Session, limit: int = 100) -> Sequence[Row[UUID, str, str | None, datetime]]:
    """Receipts that could not be read, newest first: (id, channel name, reason, received_at)."""
    return session.execute(
        select(Receipt.id, Channel.name, Receipt.reason, Receipt.received_at)
        .join(Channel, Channel.id == Receipt.channel_id)
        .where(Receipt.state == word(ReceiptState.QUARANTINED))
        .order_by(Receipt.id.desc())
        .limit(limit)
    ).all()


def channels(session: Session) -> Sequence[Channel]:
    """Every channel, oldest first."""
    return session.scalars(select(Channel).order_by(Channel.id)).all()


def channel_by_id(session: Session, channel_id: UUID) -> Channel:
    """The channel; raises NotFound."""
    channel = session.get(Channel, channel_id)
    if channel is None:
        raise NotFound
    return channel


def channel_by_slug(session: Session, slug: str) -> Channel | None:
    """The channel of this public name."""
    return session.scalars(select(Channel).where(Channel.slug == slug)).first()


def channels_of_kind(session: Session, kinds: Sequence[str]) -> Sequence[Channel]:
    """Every channel of these kinds."""
    return session.scalars(select(Channel).where(Channel.kind.in_(kinds))).all()
