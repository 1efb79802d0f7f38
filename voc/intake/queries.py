"""SELECTs of intake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import ReceiptState, WorkState
from voc.db.types import word
from voc.intake.incoming import Accepted
from voc.model import Channel, DeliveryKey, Feedback, FeedbackEdit, Message, Receipt, ThreadName, Work
from voc.plugin_host.queries import channel_for_update as channel_for_update


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


@dataclass(frozen=True, slots=True)
class Earlier:
    """What somebody refers to: a feedback (None: an answer of ours) and the case it belongs to, if any."""

    feedback_id: UUID | None
    case_id: UUID | None


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


def earlier_by_name(session: Session, names: Sequence[bytes]) -> dict[bytes, Earlier]:
    """What these names stand for: a feedback, or an answer that we sent, each with its case."""
    if not names:
        return {}
    rows = session.execute(
        select(ThreadName.key, ThreadName.feedback_id, Feedback.case_id, Message.case_id)
        .outerjoin(Feedback, Feedback.id == ThreadName.feedback_id)
        .outerjoin(Message, Message.id == ThreadName.message_id)
        .where(ThreadName.key.in_(list(names)))
    )
    return {
        bytes(key): Earlier(feedback_id, of_message or of_feedback)
        for key, feedback_id, of_feedback, of_message in rows
    }


def known_names(session: Session, names: Sequence[bytes]) -> set[bytes]:
    """Which of these names stand for something already."""
    if not names:
        return set()
    return {bytes(key) for key in session.scalars(select(ThreadName.key).where(ThreadName.key.in_(list(names))))}


def message_by_name(session: Session, name: bytes) -> UUID | None:
    """The message of ours that this name stands for."""
    return session.execute(select(ThreadName.message_id).where(ThreadName.key == name)).scalar()


def feedback_for_update(session: Session, feedback_id: UUID) -> Feedback:
    """The feedback, locked; raises NotFound."""
    found = session.scalars(select(Feedback).where(Feedback.id == feedback_id).with_for_update()).first()
    if found is None:
        raise NotFound
    return found


def any_feedback_of(session: Session, receipt_id: UUID) -> bool:
    """Whether a feedback was read from this receipt."""
    return session.execute(select(Feedback.id).where(Feedback.receipt_id == receipt_id).limit(1)).first() is not None


def receipts_about(session: Session, feedback_id: UUID) -> list[UUID]:
    """The receipts that hold words of this feedback: the first, and every later version."""
    later = select(FeedbackEdit.receipt_id).where(FeedbackEdit.feedback_id == feedback_id)
    return [*session.scalars(select(Feedback.receipt_id).where(Feedback.id == feedback_id)), *session.scalars(later)]


def receipt_by_id(session: Session, receipt_id: UUID) -> Receipt:
    """The receipt; raises NotFound."""
    receipt = session.get(Receipt, receipt_id)
    if receipt is None:
        raise NotFound
    return receipt


def quarantined_receipts(session: Session, limit: int = 100) -> Sequence[Row[UUID, Channel, str | None, datetime]]:
    """Receipts that could not be read, newest first: (id, channel, reason, received_at)."""
    return session.execute(
        select(Receipt.id, Channel, Receipt.reason, Receipt.received_at)
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


def active_channel(session: Session, channel_id: UUID) -> Channel | None:
    """The channel, when it is there and switched on."""
    return session.scalars(select(Channel).where(Channel.id == channel_id, Channel.active)).first()


def channel_by_key(session: Session, key: str) -> Channel | None:
    """The active channel with this secret key."""
    return session.scalars(select(Channel).where(Channel.key == key, Channel.active)).first()


def other_work(session: Session, kind: str, subject_id: UUID, work_id: UUID) -> bool:
    """Whether another row of work of this kind stands for the same subject."""
    found = session.execute(
        select(Work.id).where(Work.kind == kind, Work.subject_id == subject_id, Work.id != work_id).limit(1)
    )
    return found.first() is not None


def unscheduled(session: Session, kind: str, kinds: Sequence[str]) -> list[tuple[UUID, dict[str, Any]]]:
    """(id, options) of active channels of these kinds that no row of work of `kind` stands for."""
    waiting = select(Work.subject_id).where(Work.kind == kind, Work.subject_id.is_not(None))
    rows = session.execute(
        select(Channel.id, Channel.options).where(Channel.active, Channel.kind.in_(kinds), Channel.id.not_in(waiting))
    )
    return [(row.id, row.options) for row in rows]


def waiting_work(session: Session, kind: str, subject_id: UUID) -> Work | None:
    """The row of work of this kind that waits for its time."""
    return session.scalars(
        select(Work)
        .where(Work.kind == kind, Work.subject_id == subject_id, Work.state == word(WorkState.TODO))
        .with_for_update()
    ).first()


def due_of(session: Session, kind: str, subject_id: UUID) -> datetime | None:
    """When work of this kind that waits for its time is due; None while it is being done, and when there is none."""
    waits = select(Work.due_at).where(
        Work.kind == kind, Work.subject_id == subject_id, Work.state == word(WorkState.TODO)
    )
    return session.scalars(waits.order_by(Work.due_at).limit(1)).first()


def waiting_kinds(session: Session, subject_id: UUID, kinds: Sequence[str]) -> set[str]:
    """Which of these kinds of work wait or are being done for a subject."""
    rows = session.scalars(
        select(Work.kind)
        .where(Work.subject_id == subject_id, Work.kind.in_(kinds), Work.state != word(WorkState.QUARANTINED))
        .distinct()
    )
    return set(rows)


def newest_quarantined(session: Session, channel_id: UUID) -> UUID | None:
    """The newest receipt of a channel that could not be read."""
    return session.scalars(_quarantined_of(channel_id).order_by(Receipt.id.desc()).limit(1)).first()


def quarantined_between(
    session: Session, channel_id: UUID, *, after: UUID | None, until: UUID, limit: int
) -> Sequence[UUID]:
    """Receipts of a channel that could not be read, oldest first: those after one, up to another."""
    found = _quarantined_of(channel_id).where(Receipt.id <= until)
    if after is not None:
        found = found.where(Receipt.id > after)
    return session.scalars(found.order_by(Receipt.id).limit(limit)).all()


def _quarantined_of(channel_id: UUID) -> Select[UUID]:
    return select(Receipt.id).where(Receipt.channel_id == channel_id, Receipt.state == word(ReceiptState.QUARANTINED))


def channel_by_slug(session: Session, slug: str) -> Channel | None:
    """The channel of this public name."""
    return session.scalars(select(Channel).where(Channel.slug == slug)).first()


def channel_by_name(session: Session, name: str) -> Channel | None:
    """The only channel that people call this; None when there is none, or more than one."""
    found = session.scalars(select(Channel).where(Channel.name == name).limit(2)).all()
    return found[0] if len(found) == 1 else None


def channels_of_kind(session: Session, kinds: Sequence[str]) -> Sequence[Channel]:
    """Every channel of these kinds."""
    return session.scalars(select(Channel).where(Channel.kind.in_(kinds))).all()


def channel_names(session: Session) -> list[tuple[UUID, str, str]]:
    """(id, public name, name) of every channel, to choose from."""
    rows = session.execute(select(Channel.id, Channel.slug, Channel.name).order_by(Channel.name, Channel.id))
    return [(row.id, row.slug, row.name) for row in rows]
