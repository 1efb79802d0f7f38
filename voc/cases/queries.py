"""SELECTs that services of this room need. What screens show stands in `reading/` and is offered here too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from voc.cases.reading.page.queries import (
    answerable,
    attachment,
    case_view,
    contact_points,
    feedback_in_order,
    feedback_page,
    feedback_view,
    voices,
)
from voc.cases.reading.queries import assignable, inbox_page, judge_page, teams
from voc.core.errors import NotFound
from voc.core.vocabulary import CaseState, ClockKind, ObligationState, RoleName
from voc.db.types import table_of, word
from voc.model import (
    Case,
    CaseEvent,
    ContactPoint,
    Counter,
    Escalation,
    Feedback,
    Judgement,
    Message,
    Obligation,
    Role,
    SlaVersion,
    Team,
    User,
)


def sla_definition(session: Session, version_id: UUID) -> dict[str, Any]:
    """The definition of this SLA version; raises NotFound."""
    version = session.get(SlaVersion, version_id)
    if version is None:
        raise NotFound(f"there is no SLA version {version_id}")
    return version.definition


def moments(session: Session, case_id: UUID) -> list[tuple[str, datetime, dict[str, Any]]]:
    """(kind, at, data) of every event of the case, oldest first."""
    rows = session.execute(
        select(CaseEvent.kind, CaseEvent.at, CaseEvent.data).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)
    )
    return [(kind, at, data) for kind, at, data in rows]


def told(session: Session, case_id: UUID) -> set[tuple[ClockKind, datetime]]:
    """Which passed deadlines of the case were told to somebody."""
    rows = session.execute(select(Escalation.clock, Escalation.due_at).where(Escalation.case_id == case_id))
    return {(clock, due_at) for clock, due_at in rows}


def open_obligations(session: Session, case_id: UUID) -> Sequence[Obligation]:
    """The promises of the case that wait for an answer."""
    return session.scalars(
        select(Obligation).where(Obligation.case_id == case_id, Obligation.state == word(ObligationState.OPEN))
    ).all()


def answered_events(session: Session, case_id: UUID) -> Sequence[CaseEvent]:
    """The events of a case that tell of answers, oldest first."""
    return session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.kind == "answered").order_by(CaseEvent.id)
    ).all()


def obligations_met_by(session: Session, messages: Sequence[UUID]) -> Sequence[Obligation]:
    """The promises that these answers kept."""
    return session.scalars(select(Obligation).where(Obligation.message_id.in_(messages)).with_for_update()).all()


def obliged(session: Session, feedback_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Case ids of those feedback that have their obligation already; None where a rule waived it without a case."""
    promise = table_of(Obligation).c
    rows = session.connection().execute(
        select(promise.feedback_id, promise.case_id).where(promise.feedback_id.in_(feedback_ids))
    )
    return {row.feedback_id: row.case_id for row in rows}


def obligation_for_update(session: Session, obligation_id: UUID) -> Obligation:
    """The obligation, locked; raises NotFound."""
    found = session.scalars(select(Obligation).where(Obligation.id == obligation_id).with_for_update()).first()
    if found is None:
        raise NotFound
    return found


def obligation_of(session: Session, feedback_id: UUID) -> Obligation | None:
    """The obligation of this feedback."""
    return session.scalars(select(Obligation).where(Obligation.feedback_id == feedback_id).with_for_update()).first()


def open_cases_of(session: Session, customer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The newest open case of each of these customers."""
    if not customer_ids:
        return {}
    rows = session.execute(
        select(Case.customer_id, Case.id)
        .where(Case.customer_id.in_(set(customer_ids)), Case.state == word(CaseState.OPEN))
        .order_by(Case.id)
    )
    return {customer_id: case_id for customer_id, case_id in rows if customer_id is not None}


def case_for_update(session: Session, case_id: UUID) -> Case:
    """The case, locked; raises NotFound."""
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update()).first()
    if case is None:
        raise NotFound
    return case


def take_numbers(session: Session, name: str, count: int) -> int:
    """Take `count` numbers of a counter and return the last of them."""
    last = session.execute(
        update(Counter).where(Counter.name == name).values(value=Counter.value + count).returning(Counter.value)
    ).scalar()
    if last is None:
        raise NotFound(f"there is no counter {name}")
    return last


def judgements_of(session: Session, feedback_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these feedback were in the queue *To judge* already."""
    return set(session.scalars(select(Judgement.feedback_id).where(Judgement.feedback_id.in_(feedback_ids))))


def judgement_for_update(session: Session, feedback_id: UUID) -> Judgement | None:
    """The place in the queue of this feedback, locked."""
    return session.scalars(select(Judgement).where(Judgement.feedback_id == feedback_id).with_for_update()).first()


def cases_to_escalate(session: Session, now: datetime, limit: int) -> Sequence[Case]:
    """Open cases with a passed deadline nobody was told of, longest first."""
    return session.scalars(
        select(Case)
        .where(Case.state == word(CaseState.OPEN), Case.escalate_at <= now)
        .order_by(Case.escalate_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def judgements_to_escalate(session: Session, now: datetime, limit: int) -> Sequence[Judgement]:
    """Feedback that waits to be judged past its deadline and nobody was told of."""
    return session.scalars(
        select(Judgement)
        .where(Judgement.decided_at.is_(None), Judgement.escalated_at.is_(None), Judgement.due_at <= now)
        .order_by(Judgement.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def lead_of(session: Session, team_id: UUID) -> UUID | None:
    """Who is told of the team's missed deadlines: its lead, else a manager, else an administrator."""
    lead = session.scalars(
        select(User.id).join(Team, Team.lead_id == User.id).where(Team.id == team_id, User.active)
    ).first()
    if lead is not None:
        return lead
    for role in (RoleName.MANAGER, RoleName.ADMIN):
        found = session.scalars(
            select(User.id).join(User.roles).where(Role.name == role.value, User.active).order_by(User.id).limit(1)
        ).first()
        if found is not None:
            return found
    return None


def contact_of(session: Session, case: Case) -> ContactPoint | None:
    """The newest contact point with an address on this case: the customer may have left it only later."""
    points = contact_points(session, case.id)
    return next((point for point in points if point.email), points[0] if points else None)


def headline(session: Session, case: Case) -> Feedback:
    """The feedback the case is shown by; raises NotFound."""
    return feedback_of(session, case.headline_id)


def feedback_of(session: Session, feedback_id: UUID) -> Feedback:
    """The feedback; raises NotFound."""
    feedback = session.get(Feedback, feedback_id)
    if feedback is None:
        raise NotFound
    return feedback


def message_by_id(session: Session, message_id: UUID) -> Message:
    """The message; raises NotFound."""
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound
    return message


def user_active(session: Session, user_id: UUID) -> bool:
    """Whether this is somebody who works here now."""
    return session.scalars(select(User.id).where(User.id == user_id, User.active)).first() is not None


def team_exists(session: Session, team_id: UUID) -> bool:
    """Whether there is such a team."""
    return session.scalars(select(Team.id).where(Team.id == team_id)).first() is not None


__all__ = [
    "answerable",
    "assignable",
    "attachment",
    "case_view",
    "feedback_in_order",
    "feedback_page",
    "feedback_view",
    "inbox_page",
    "judge_page",
    "teams",
    "voices",
]
