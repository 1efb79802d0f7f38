"""Keeping the stored deadlines of a case equal to what the clock says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.clock import Clocks, Moment, attention, clocks, escalation_due
from voc.cases.sla import sla_of
from voc.core.ids import new_id
from voc.core.vocabulary import CaseState, Priority
from voc.model import Case, CaseEvent


def moment_of(kind: str, at: datetime, data: dict[str, Any]) -> Moment:
    """A stored case event as the clock sees it; of a feedback that is owed no answer it sees nothing."""
    priority, feedback_id, until = data.get("priority"), data.get("feedback_id"), data.get("until")
    message_id = data.get("message_id")
    return Moment(
        kind,
        at,
        Priority(priority) if priority else None,
        UUID(feedback_id) if feedback_id and data.get("promised") is not False else None,
        datetime.fromisoformat(until) if until else None,
        UUID(message_id) if message_id else None,
        frozenset(UUID(key) for key in data.get("others") or ()),
    )


def happened(session: Session, case: Case, kind: str, *, at: datetime, actor_id: UUID | None, **data: Any) -> None:
    """Add an event to the case; ids in `data` are stored as text."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
    session.add(CaseEvent(id=new_id(), case_id=case.id, kind=kind, at=at, actor_id=actor_id, data=plain))


def retime(session: Session, case: Case) -> Clocks:
    """Compute the clock again and store what follows from it, on the case and its open obligations."""
    session.flush()
    moments = [moment_of(kind, at, data) for kind, at, data in queries.moments(session, case.id)]
    result = clocks(sla_of(session, case.sla_version_id), moments)
    told = queries.told(session, case.id)
    case.response_due_at = result.response_due_at
    case.resolution_due_at = result.resolution_due_at
    case.first_answered_at = result.first_answered_at
    case.resolved_at = result.resolved_at
    case.state = CaseState.RESOLVED if result.resolved_at else CaseState.OPEN
    case.next_due_at = result.next_due_at
    case.attention_at = attention(result.next_due_at, case.hurt, case.opened_at)
    case.escalate_at = escalation_due(result.running(), told)
    for obligation in queries.open_obligations(session, case.id):
        if due := result.waiting.get(obligation.feedback_id):
            obligation.due_at = due
    return result
