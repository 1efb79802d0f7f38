"""Loading cases chunk by chunk, with everything that happened on each; plain rows, closed words as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, String, select, type_coerce
from sqlalchemy.orm import Session

from voc.model import Case, CaseEvent, Escalation, Feedback, Message, Obligation, Work

AnyRow = Row[*tuple[Any, ...]]
TELLING = ("cases.answered", "cases.answer_failed", "cases.answer_bounced")


@dataclass(slots=True)
class Thread:
    """One case. Events and messages are oldest first; `telling` holds messages whose outcome is still being told."""

    row: AnyRow
    events: list[AnyRow] = field(default_factory=list)
    obligations: list[AnyRow] = field(default_factory=list)
    messages: list[AnyRow] = field(default_factory=list)
    escalations: list[AnyRow] = field(default_factory=list)
    feedback: list[AnyRow] = field(default_factory=list)
    telling: frozenset[UUID | None] = frozenset()


def threads(session: Session, ids: Sequence[UUID]) -> list[Thread]:
    """The cases of these ids."""
    telling = frozenset(session.scalars(select(Work.subject_id).where(Work.kind.in_(TELLING))))
    found = {row.id: Thread(row, telling=telling) for row in session.execute(_cases(ids))}
    for name, statement in _belongings(ids).items():
        for row in session.execute(statement):
            if row.case_id in found:
                getattr(found[row.case_id], name).append(row)
    return list(found.values())


def _cases(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id,
            type_coerce(Case.state, String).label("state"),
            type_coerce(Case.priority, String).label("priority"),
            Case.hurt,
            Case.team_id,
            Case.owner_id,
            Case.customer_id,
            Case.contact_point_id,
            Case.headline_id,
            Case.sla_version_id,
            Case.opened_at,
            Case.first_answered_at,
            Case.resolved_at,
            Case.response_due_at,
            Case.resolution_due_at,
            Case.next_due_at,
            Case.attention_at,
            Case.escalate_at,
            Case.escalated_at,
        )
        .where(Case.id.in_(ids))
        .order_by(Case.id)
    )


def _belongings(ids: Sequence[UUID]) -> dict[str, Select[Any]]:
    return {
        "events": select(
            CaseEvent.id, CaseEvent.case_id, CaseEvent.kind, CaseEvent.at, CaseEvent.actor_id, CaseEvent.data
        )
        .where(CaseEvent.case_id.in_(ids))
        .order_by(CaseEvent.id),
        "obligations": select(
            Obligation.id,
            Obligation.case_id,
            Obligation.feedback_id,
            type_coerce(Obligation.state, String).label("state"),
            Obligation.due_at,
            Obligation.waived_at,
            Obligation.waived_by,
            Obligation.waive_reason,
        ).where(Obligation.case_id.in_(ids)),
        "messages": select(
            Message.id,
            Message.case_id,
            Message.author_id,
            type_coerce(Message.state, String).label("state"),
            Message.header_id,
            Message.created_at,
            Message.sent_at,
            Message.bounced_at,
        )
        .where(Message.case_id.in_(ids))
        .order_by(Message.id),
        "escalations": select(
            Escalation.case_id,
            type_coerce(Escalation.clock, String).label("clock"),
            Escalation.due_at,
            Escalation.created_at,
        ).where(Escalation.case_id.in_(ids)),
        "feedback": select(
            Feedback.id, Feedback.case_id, Feedback.received_at, Feedback.customer_id, Feedback.contact_point_id
        ).where(Feedback.case_id.in_(ids)),
    }
