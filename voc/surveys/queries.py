"""SELECTs of surveys: what sending needs, what a customer's page needs. What screens show stands in `reading/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import InvitationState, WorkState
from voc.db.types import word
from voc.model import Channel, DeliveryKey, House, Invitation, Receipt, Suppression, Work
from voc.surveys.question import KIND

SEND_KIND = "surveys.send"
_OPEN = or_(*(Invitation.state == word(s) for s in (InvitationState.PLANNED, InvitationState.SENDING)))


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation as its page and its mail see it. `form` is the stored form of its survey, None until computed."""

    id: UUID
    channel_id: UUID
    slug: str
    active: bool
    form: dict[str, Any] | None
    form_version: int
    email: str
    name: str | None
    external_id: str | None
    facts: Mapping[str, Any]
    address_hash: bytes
    language: str
    domain: str
    state: InvitationState
    mails: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name is asked, and in which zone it is day there."""

    name: str
    short_name: str
    zone: str
    sla_version_id: UUID


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission that is stored: its tracking code, and its body while that is kept."""

    receipt_id: UUID
    tracking_code: str
    body: bytes | None


def asked(session: Session, invitation_id: UUID) -> Asked | None:
    """The invitation with its survey; None when there is none."""
    row = session.execute(
        select(Invitation, Channel.slug, Channel.active, Channel.form, Channel.form_version)
        .join(Channel, Channel.id == Invitation.channel_id)
        .where(Invitation.id == invitation_id)
    ).one_or_none()
    if row is None:
        return None
    it: Invitation = row.Invitation
    return Asked(
        id=it.id,
        channel_id=it.channel_id,
        slug=row.slug,
        active=row.active,
        form=row.form,
        form_version=row.form_version,
        email=it.email,
        name=it.name,
        external_id=it.external_id,
        facts=it.facts,
        address_hash=bytes(it.address_hash),
        language=it.language,
        domain=it.domain,
        state=it.state,
        mails=it.mails,
        expires_at=it.expires_at,
    )


def sender(session: Session) -> Sender:
    """The house; raises NotFound before it was set up."""
    house = session.get(House, 1)
    if house is None or house.sla_version_id is None:
        raise NotFound("the house was not set up")
    return Sender(house.name, house.short_name, house.zone, house.sla_version_id)


def survey_channel(session: Session, channel_id: UUID) -> Channel:
    """The survey of this id; raises NotFound, also for a channel that is no survey."""
    channel = session.get(Channel, channel_id)
    if channel is None or channel.kind != KIND:
        raise NotFound
    return channel


def survey_for_update(session: Session, channel_id: UUID) -> Channel:
    """The same, held until the transaction ends."""
    channel = session.scalars(
        select(Channel).where(Channel.id == channel_id, Channel.kind == KIND).with_for_update()
    ).one_or_none()
    if channel is None:
        raise NotFound
    return channel


def kept(session: Session, key: bytes) -> Kept | None:
    """What is stored under a delivery key."""
    row = session.execute(
        select(Receipt.id, Receipt.tracking_code, Receipt.body)
        .join(DeliveryKey, DeliveryKey.receipt_id == Receipt.id)
        .where(DeliveryKey.key == key)
    ).one_or_none()
    return Kept(row.id, row.tracking_code or "", row.body) if row else None


def receipts_by_key(session: Session, keys: Sequence[bytes]) -> dict[bytes, tuple[UUID, datetime]]:
    """(receipt id, when it came in) of those delivery keys that are known."""
    rows = session.execute(
        select(DeliveryKey.key, Receipt.id, Receipt.received_at)
        .join(Receipt, Receipt.id == DeliveryKey.receipt_id)
        .where(DeliveryKey.key.in_(list(keys)))
    )
    return {bytes(key): (receipt_id, at) for key, receipt_id, at in rows}


def batch_exists(session: Session, batch_id: UUID) -> bool:
    """Whether this list was taken already."""
    return session.execute(select(Invitation.id).where(Invitation.batch_id == batch_id).limit(1)).first() is not None


def of_person_for_update(session: Session, address_hash: bytes) -> Sequence[Invitation]:
    """Every invitation of one person, held in the order of their ids, so that of two at once one waits."""
    return session.scalars(
        select(Invitation).where(Invitation.address_hash == address_hash).order_by(Invitation.id).with_for_update()
    ).all()


def by_id_for_update(session: Session, invitation_id: UUID) -> Invitation | None:
    """One invitation, held until the transaction ends."""
    return session.scalars(select(Invitation).where(Invitation.id == invitation_id).with_for_update()).one_or_none()


def suppressed(session: Session, hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these people do not want to be asked."""
    rows = session.scalars(select(Suppression.address_hash).where(Suppression.address_hash.in_(list(hashes))))
    return {bytes(value) for value in rows}


def last_asked(session: Session, hashes: Sequence[bytes]) -> dict[bytes, datetime]:
    """When each of these people was last invited to anything."""
    rows = session.execute(
        select(Invitation.address_hash, func.max(Invitation.asked_at).label("at"))
        .where(Invitation.address_hash.in_(list(hashes)), Invitation.asked_at.is_not(None))
        .group_by(Invitation.address_hash)
    )
    return {bytes(row.address_hash): row.at for row in rows}


def due(session: Session, now: datetime, limit: int) -> list[UUID]:
    """Invitations whose next mail is due, longest waiting first."""
    return list(
        session.scalars(
            select(Invitation.id)
            .where(Invitation.next_at.is_not(None), Invitation.next_at <= now)
            .order_by(Invitation.next_at, Invitation.id)
            .limit(limit)
        )
    )


def work_waiting(session: Session, now: datetime) -> tuple[bool, int]:
    """(whether some mail could go now, how many wait in all): what is queued is no more than that."""
    todo = (Work.state == word(WorkState.TODO), Work.lane == "slow", Work.kind == SEND_KIND)
    ready = session.execute(select(Work.id).where(*todo, Work.due_at <= now).limit(1)).first() is not None
    return ready, session.execute(select(func.count(Work.id)).where(*todo)).scalar_one()


def expired(session: Session, now: datetime, limit: int) -> list[UUID]:
    """Open invitations whose time has passed."""
    open_ones = or_(_OPEN, Invitation.state == word(InvitationState.SENT))
    return list(
        session.scalars(
            select(Invitation.id)
            .where(open_ones, Invitation.expires_at <= now)
            .order_by(Invitation.expires_at, Invitation.id)
            .limit(limit)
        )
    )


def unmarked(session: Session, after: UUID | None, since: datetime, limit: int) -> list[UUID]:
    """Invitations that were mailed, end after `since` and have no answer yet, by key after `after`."""
    statement = (
        select(Invitation.id)
        .where(Invitation.receipt_id.is_(None), Invitation.begun_at.is_not(None), Invitation.expires_at > since)
        .order_by(Invitation.id)
        .limit(limit)
    )
    return list(session.scalars(statement.where(Invitation.id > after) if after is not None else statement))


def channels_of(session: Session, ids: Sequence[UUID]) -> Sequence[Row[UUID, UUID]]:
    """(id, channel_id) of these invitations."""
    return session.execute(select(Invitation.id, Invitation.channel_id).where(Invitation.id.in_(list(ids)))).all()


def abandoned(session: Session, limit: int = 100) -> Sequence[Row[UUID, str | None]]:
    """Invitations in hand that nothing stands behind: (id, error of the work in quarantine or None), oldest first."""
    live = exists().where(_work_of(), Work.state.in_((WorkState.TODO, WorkState.DOING)))
    why = (
        select(Work.error)
        .where(_work_of(), Work.state == WorkState.QUARANTINED)
        .order_by(Work.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.execute(
        select(Invitation.id, why.label("error"))
        .where(_OPEN, Invitation.next_at.is_(None), ~live)
        .order_by(Invitation.id)
        .limit(limit)
    ).all()


def _work_of() -> ColumnElement[bool]:
    return and_(Work.kind == SEND_KIND, Work.subject_id == Invitation.id)
