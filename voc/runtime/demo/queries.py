"""SELECTs of the demo loader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import CaseState, ReceiptState
from voc.db.types import word
from voc.model import (
    Case,
    Channel,
    Feedback,
    House,
    Judgement,
    Message,
    Obligation,
    Receipt,
    Schedule,
    SlaVersion,
    Team,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A voice of the demo that the pipeline has been through. `case_id` None: no detractor."""

    feedback_id: UUID
    case_id: UUID | None


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


def submitted(session: Session, channels: Sequence[UUID]) -> dict[str, ReceiptState]:
    """State of every submission of these channels by its id."""
    rows = session.execute(select(Receipt.delivery_id, Receipt.state).where(Receipt.channel_id.in_(channels)))
    return {delivery_id: state for delivery_id, state in rows if delivery_id is not None}


def heard(session: Session, channels: Sequence[UUID]) -> dict[str, Heard]:
    """What the pipeline has been through, by submission id."""
    rows = session.execute(
        select(Receipt.delivery_id, Feedback.id, Feedback.case_id)
        .join(Feedback, Feedback.receipt_id == Receipt.id)
        .where(Receipt.channel_id.in_(channels), Feedback.processed_at.is_not(None))
    )
    return {delivery_id: Heard(feedback_id, case_id) for delivery_id, feedback_id, case_id in rows if delivery_id}


def team_of_cases(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Name of the team that answers for each of these cases."""
    rows = session.execute(select(Case.id, Team.name).join(Team, Team.id == Case.team_id).where(Case.id.in_(case_ids)))
    return {row.id: row.name for row in rows}


def any_message(session: Session, case_id: UUID) -> bool:
    """Whether somebody answered on this case."""
    return session.execute(select(Message.id).where(Message.case_id == case_id).limit(1)).first() is not None


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
