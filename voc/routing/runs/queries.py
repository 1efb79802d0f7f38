"""SELECTs for running the rules again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import CaseState, Stance
from voc.db.types import word
from voc.model import Case, CaseEvent, Feedback, House, Obligation
from voc.routing.queries import AnyRow, voices


@dataclass(frozen=True, slots=True)
class Place:
    """What the house says for whoever gets no answer from a rule."""

    sla_version_id: UUID
    default_team_id: UUID


def house(session: Session) -> Place:
    """The targets and the team of the house; raises NotFound when it was never set up."""
    row = session.execute(select(House.sla_version_id, House.default_team_id)).first()
    if row is None or row.sla_version_id is None or row.default_team_id is None:
        raise NotFound("this house was never set up: run voc serve once")
    return Place(row.sla_version_id, row.default_team_id)


def page(session: Session, since: datetime | None, before: UUID | None, limit: int) -> Sequence[AnyRow]:
    """The next feedback of a run, newest first."""
    statement = voices(limit)
    if since is not None:
        statement = statement.where(Feedback.received_at >= since)
    if before is not None:
        statement = statement.where(Feedback.id < before)
    return session.execute(statement).all()


def how_many(session: Session, since: datetime | None) -> int:
    """How many feedback a run goes through."""
    statement = select(func.count(Feedback.id)).where(Feedback.processed_at.is_not(None))
    if since is not None:
        statement = statement.where(Feedback.received_at >= since)
    return session.execute(statement).scalar_one()


@dataclass(frozen=True, slots=True)
class Present:
    """How a feedback stands at the moment of writing."""

    stance: Stance | None
    analysis_id: UUID | None
    case_id: UUID | None


def present(session: Session, ids: Sequence[UUID]) -> dict[UUID, Present]:
    """These feedback as they stand, locked."""
    rows = session.execute(
        select(Feedback.id, Feedback.stance, Feedback.analysis_id, Feedback.case_id)
        .where(Feedback.id.in_(ids))
        .order_by(Feedback.id)
        .with_for_update()
    )
    return {row.id: Present(row.stance, row.analysis_id, row.case_id) for row in rows}


def promised(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these feedback have their place in the ledger, open, met or waived."""
    return set(session.scalars(select(Obligation.feedback_id).where(Obligation.feedback_id.in_(ids))))


def states(session: Session, case_ids: Sequence[UUID]) -> dict[UUID | None, CaseState]:
    """The state of each of these cases."""
    rows = session.execute(select(Case.id, Case.state).where(Case.id.in_(case_ids)))
    return {row.id: row.state for row in rows}


def untouched(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The feedback by which each of those cases is shown that are open, have nobody, hold one feedback only, and on
    which no person has done anything."""
    touched = exists().where(CaseEvent.case_id == Case.id, CaseEvent.actor_id.is_not(None))
    others = exists().where(Feedback.case_id == Case.id, Feedback.id != Case.headline_id)
    rows = session.execute(
        select(Case.id, Case.headline_id).where(
            Case.id.in_(case_ids), Case.state == word(CaseState.OPEN), Case.owner_id.is_(None), ~touched, ~others
        )
    )
    return {row.id: row.headline_id for row in rows}
