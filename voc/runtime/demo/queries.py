"""SELECTs of the demo loader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import CaseState, ReceiptState, WorkState
from voc.db.types import word
from voc.model import (
    Case,
    Channel,
    Customer,
    Feedback,
    House,
    Invitation,
    Judgement,
    Message,
    Obligation,
    Receipt,
    Rule,
    RuleMatch,
    RuleVersion,
    Schedule,
    SlaVersion,
    Team,
    Topic,
    Work,
)
from voc.runtime.demo.data import Voice


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier voice, its feedback unless it comes in together with what answers it, and the ids of our last answer
    to it; empty where we had not answered."""

    voice: Voice
    feedback_id: UUID | None = None
    header_id: str = ""
    external_id: str = ""


def house(session: Session) -> House:
    """The house; raises NotFound before the first start."""
    found = session.get(House, 1)
    if found is None:
        raise NotFound("this house was never set up: run voc serve once")
    return found


def any_receipt(session: Session) -> bool:
    """Whether anything ever came in."""
    return session.execute(select(Receipt.id).limit(1)).first() is not None


def sla_version(session: Session, version_id: UUID | None) -> SlaVersion:
    """The SLA version of this id; raises NotFound."""
    found = session.get(SlaVersion, version_id) if version_id else None
    if found is None:
        raise NotFound("this house has no targets: run voc serve once")
    return found


def started_at(session: Session, name: str) -> datetime:
    """When the demo was begun: its SLA version was made then. Raises NotFound when it never was."""
    found = session.scalars(
        select(SlaVersion.created_at).where(SlaVersion.name == name).order_by(SlaVersion.id).limit(1)
    ).first()
    if found is None:
        raise NotFound("the demo was never begun")
    return found


def teams(session: Session) -> dict[str, Team]:
    """Every team by name."""
    return {team.name: team for team in session.scalars(select(Team))}


def topics(session: Session, keys: Sequence[str]) -> Sequence[Topic]:
    """The topics of these keys."""
    return session.scalars(select(Topic).where(Topic.key.in_(keys))).all()


def channel_ids(session: Session, slugs: Sequence[str]) -> dict[str, UUID]:
    """Channel ids by public name."""
    rows = session.execute(select(Channel.slug, Channel.id).where(Channel.slug.in_(slugs)))
    return {row.slug: row.id for row in rows}


def submitted(session: Session, channels: Sequence[UUID]) -> dict[str, UUID]:
    """Ids of the receipts of these channels by what they are known by."""
    rows = session.execute(select(Receipt.delivery_id, Receipt.id).where(Receipt.channel_id.in_(channels)))
    return {delivery_id: receipt_id for delivery_id, receipt_id in rows if delivery_id is not None}


def heard(session: Session, channels: Sequence[UUID]) -> dict[str, UUID]:
    """Ids of the feedback that the pipeline has been through, by what their receipts are known by."""
    rows = session.execute(
        select(Receipt.delivery_id, Feedback.id)
        .join(Feedback, Feedback.receipt_id == Receipt.id)
        .where(Receipt.channel_id.in_(channels), Feedback.processed_at.is_not(None))
    )
    return {delivery_id: feedback_id for delivery_id, feedback_id in rows if delivery_id}


def unread(session: Session, channels: Sequence[UUID], now: datetime) -> int:
    """How much of what came in through these channels was not read by `now`."""
    stored = select(func.count(Receipt.id)).where(
        Receipt.channel_id.in_(channels), Receipt.state == word(ReceiptState.STORED), Receipt.received_at <= now
    )
    return session.execute(stored).scalar_one()


def unheard(session: Session, channels: Sequence[UUID], now: datetime) -> int:
    """The same with what was not understood yet, and what waits in the lane that does it."""
    raw = select(func.count(Feedback.id)).where(Feedback.channel_id.in_(channels), Feedback.processed_at.is_(None))
    work = select(func.count(Work.id)).where(
        Work.lane == "flow", Work.state.in_((WorkState.TODO, WorkState.DOING)), Work.due_at <= now
    )
    return unread(session, channels, now) + sum(session.execute(count).scalar_one() for count in (raw, work))


def newest_answer(session: Session, feedback_id: UUID, until: datetime) -> Message | None:
    """The last answer that was written on the case of this feedback by `until`."""
    return session.scalars(
        select(Message)
        .join(Feedback, Feedback.case_id == Message.case_id)
        .where(Feedback.id == feedback_id, Message.created_at <= until)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(1)
    ).first()


def kind_of(session: Session, channel_id: UUID | None) -> str:
    """The kind of a channel; raises NotFound."""
    channel = session.get(Channel, channel_id) if channel_id is not None else None
    if channel is None:
        raise NotFound
    return channel.kind


def invitation_of(session: Session, batch_id: UUID) -> Invitation:
    """The only invitation of this list."""
    return session.scalars(select(Invitation).where(Invitation.batch_id == batch_id)).one()


def invitation_ids(session: Session, batches: Sequence[UUID]) -> dict[UUID, UUID]:
    """Ids of invitations by the lists they stand on."""
    rows = session.execute(select(Invitation.batch_id, Invitation.id).where(Invitation.batch_id.in_(batches)))
    return {row.batch_id: row.id for row in rows}


def first_versions(session: Session, names: Sequence[str]) -> dict[str, tuple[UUID, dict[str, Any]]]:
    """(id, actions) by name of those rules that still have their first version."""
    rows = session.execute(
        select(RuleVersion.name, Rule.id, RuleVersion.actions)
        .join(Rule, Rule.version_id == RuleVersion.id)
        .where(RuleVersion.name.in_(names), RuleVersion.number == 1)
    )
    return {row.name: (row.id, row.actions) for row in rows}


def known_since(session: Session, since: datetime) -> dict[UUID, datetime]:
    """When those customers who were written after `since` said something for the first time."""
    rows = session.execute(
        select(Customer.id, func.min(Feedback.received_at).label("at"))
        .join(Feedback, Feedback.customer_id == Customer.id)
        .where(Customer.created_at > since)
        .group_by(Customer.id)
    )
    return {row.id: row.at for row in rows}


def acted_at(session: Session, since: datetime) -> dict[UUID, datetime]:
    """When the words came in on which rules acted, by the record of it, of what was written after `since`."""
    rows = session.execute(
        select(RuleMatch.id, Feedback.received_at)
        .join(Feedback, Feedback.id == RuleMatch.feedback_id)
        .where(RuleMatch.created_at > since)
    )
    return {row.id: row.received_at for row in rows}


def obligation_id(session: Session, feedback_id: UUID) -> UUID | None:
    """The promise to this feedback."""
    return session.scalars(select(Obligation.id).where(Obligation.feedback_id == feedback_id)).first()


def next_untold(session: Session, until: datetime) -> datetime | None:
    """The earliest deadline that passed by `until` and that nobody was told of."""
    moments = [
        session.execute(
            select(func.min(Case.escalate_at)).where(Case.state == word(CaseState.OPEN), Case.escalate_at <= until)
        ).scalar(),
        session.execute(
            select(func.min(Judgement.due_at)).where(
                Judgement.decided_at.is_(None), Judgement.escalated_at.is_(None), Judgement.due_at <= until
            )
        ).scalar(),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def scheduled(session: Session, name: str) -> bool:
    """Whether this periodic work has come round before."""
    return session.execute(select(Schedule.name).where(Schedule.name == name)).first() is not None
