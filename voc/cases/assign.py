"""Who answers for a case, and how soon."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.changing import changing, noted
from voc.cases.timing import happened, retime
from voc.core.errors import Invalid
from voc.core.vocabulary import Priority
from voc.security.access import Actor


def assign(
    session: Session,
    case_id: UUID,
    *,
    actor: Actor,
    owner_id: UUID | None,
    version: int,
    now: datetime,
    team_id: UUID | None = None,
) -> None:
    """Give the case to a person (None: to nobody in particular) and, when given, to another team."""
    case = changing(session, case_id, actor=actor, permission="case.assign", version=version)
    if owner_id is not None and not queries.user_active(session, owner_id):
        raise Invalid(fields={"owner_id": ["There is no such person here."]})
    if team_id is not None and not queries.team_exists(session, team_id):
        raise Invalid(fields={"team_id": ["There is no such team here."]})
    case.owner_id = owner_id
    case.team_id = team_id or case.team_id
    happened(session, case, "assigned", at=now, actor_id=actor.user_id, owner_id=owner_id, team_id=case.team_id)
    noted(session, case, "case.assigned", actor=actor, now=now, owner_id=str(owner_id) if owner_id else None)


def prioritize(
    session: Session, case_id: UUID, *, actor: Actor, priority: Priority, version: int, now: datetime
) -> None:
    """Change the priority; the deadlines follow from the beginning."""
    case = changing(session, case_id, actor=actor, permission="case.assign", version=version)
    case.priority = priority
    happened(session, case, "prioritized", at=now, actor_id=actor.user_id, priority=priority.value)
    retime(session, case)
    noted(session, case, "case.prioritized", actor=actor, now=now, priority=priority.value)
