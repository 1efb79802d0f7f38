"""Waiving a promise: nobody will answer, and who decided that, and why, stays on record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.cases import queries
from voc.cases.timing import happened, retime
from voc.core.errors import Conflict, Invalid
from voc.core.text import storable
from voc.core.vocabulary import ObligationState
from voc.model import Obligation
from voc.security.access import Actor, require


def waive(session: Session, obligation_id: UUID, *, actor: Actor, reason: str, now: datetime) -> None:
    """Waive one obligation; raises Invalid without a reason, Conflict when it is not open."""
    require(actor, "case.waive")
    clean = storable(reason).strip()[:2000]
    if not clean:
        raise Invalid(fields={"reason": ["Please say why."]})
    settle(session, queries.obligation_for_update(session, obligation_id), actor=actor, reason=clean, now=now)


def settle(session: Session, obligation: Obligation, *, actor: Actor, reason: str, now: datetime) -> None:
    """Mark the obligation waived and stop its clock."""
    if obligation.state is not ObligationState.OPEN:
        raise Conflict("this promise is not open")
    obligation.state = ObligationState.WAIVED
    obligation.waived_at, obligation.waived_by, obligation.waive_reason = now, actor.user_id, reason
    if obligation.case_id is not None:
        case = queries.case_for_update(session, obligation.case_id)
        case.version += 1
        happened(
            session, case, "waived", at=now, actor_id=actor.user_id, feedback_id=obligation.feedback_id, reason=reason
        )
        retime(session, case)
    audit(session, actor_id=actor.user_id, action="obligation.waived", subject_id=obligation.id, now=now)


def demand_again(session: Session, obligation: Obligation, *, actor: Actor, now: datetime) -> None:
    """Open a waived obligation again, because the feedback is a detractor's after all."""
    if obligation.state is not ObligationState.WAIVED or obligation.case_id is None:
        return
    obligation.state = ObligationState.OPEN
    obligation.waived_at = obligation.waived_by = obligation.waive_reason = None
    case = queries.case_for_update(session, obligation.case_id)
    case.version += 1
    if case.resolved_at is not None:
        happened(session, case, "reopened", at=now, actor_id=actor.user_id)
    happened(session, case, "obliged", at=now, actor_id=actor.user_id, feedback_id=obligation.feedback_id)
    retime(session, case)
