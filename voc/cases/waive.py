"""Waiving a promise: nobody will answer, and who decided that, and why, stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.cases import queries
from voc.cases.clock import response_due
from voc.cases.sla import sla_of
from voc.cases.timing import happened, retime
from voc.core.errors import Conflict, Invalid
from voc.core.ids import new_id
from voc.core.text import is_blank, storable
from voc.core.vocabulary import ObligationState, Priority
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.model import CaseEvent, Obligation
from voc.security.access import Actor, require


def waive(session: Session, obligation_id: UUID, *, actor: Actor, reason: str, now: datetime) -> None:
    """Waive one obligation; raises Invalid without a reason, Conflict when it is not open."""
    require(actor, "case.waive")
    clean = storable(reason).strip()[:2000]
    if is_blank(clean):
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


@dataclass(frozen=True, slots=True)
class Waiver:
    """A detractor feedback that a rule promises no answer; `priority` is the one it would have had, `case_id` the case
    to which it belongs all the same."""

    feedback_id: UUID
    since: datetime
    priority: Priority
    rule_version_id: UUID
    reason: str
    case_id: UUID | None = None


def waive_by_rule(session: Session, waivers: Sequence[Waiver], *, sla_version_id: UUID, now: datetime) -> None:
    """Write promises that are waived from the beginning, with the rule as the reason: each stands in the ledger like
    any other, mostly without a case. Feedback that has its promise already is left alone."""
    known = queries.obliged(session, [item.feedback_id for item in waivers]) if waivers else {}
    todo = [item for item in waivers if item.feedback_id not in known]
    sla = sla_of(session, sla_version_id) if todo else None
    rows = [
        {
            "id": new_id(),
            "feedback_id": item.feedback_id,
            "case_id": item.case_id,
            "state": ObligationState.WAIVED,
            "due_at": response_due(sla, item.since, item.priority),
            "created_at": now,
            "met_at": None,
            "message_id": None,
            "waived_at": now,
            "waived_by": None,
            "waive_reason": item.reason,
            "promised_rule_id": None,
            "waived_rule_id": item.rule_version_id,
        }
        for item in todo
        if sla is not None
    ]
    events = [
        {
            "id": new_id(),
            "case_id": item.case_id,
            "kind": "waived",
            "at": now,
            "actor_id": None,
            "data": {"feedback_id": str(item.feedback_id), "reason": item.reason},
        }
        for item in todo
        if item.case_id is not None
    ]
    bulk_insert(session.connection(), table_of(Obligation), rows)
    bulk_insert(session.connection(), table_of(CaseEvent), events)


def demand_again(session: Session, obligation: Obligation, *, actor: Actor, now: datetime) -> None:
    """Open a waived obligation again, because the feedback is a detractor's after all; it has a case by now."""
    if obligation.state is not ObligationState.WAIVED or obligation.case_id is None:
        return
    obligation.state = ObligationState.OPEN
    obligation.waived_at = obligation.waived_by = obligation.waive_reason = obligation.waived_rule_id = None
    case = queries.case_for_update(session, obligation.case_id)
    case.version += 1
    if case.resolved_at is not None:
        happened(session, case, "reopened", at=now, actor_id=actor.user_id)
    happened(session, case, "obliged", at=now, actor_id=actor.user_id, feedback_id=obligation.feedback_id)
    retime(session, case)
