"""Opening cases, or joining the person's open one: in bulk, because the pipeline works in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.clock import Sla, attention, judgement_due, response_due
from voc.cases.events import CaseOpened
from voc.cases.sla import sla_of
from voc.cases.timing import happened, retime
from voc.core.calendar import add_working
from voc.core.ids import new_id
from voc.core.vocabulary import CaseState, ObligationState, Priority
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.jobs.outbox import publish_all
from voc.model import Case, CaseEvent, Judgement, Obligation

COUNTER = "case"
_ORDER = [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT]


@dataclass(frozen=True, slots=True)
class Opening:
    """A feedback that needs a case. `case_id` names the case it belongs to when that is known.

    `promised`: it is owed an answer, as every detractor is; without, it stands on a case that has a deadline to be
    put right only. `promised_rule_id` is the version of the rule that promised an answer to somebody else.
    """

    feedback_id: UUID
    received_at: datetime
    customer_id: UUID | None
    contact_point_id: UUID | None
    language: str | None
    team_id: UUID
    priority: Priority
    hurt: int
    case_id: UUID | None = None
    promised: bool = True
    promised_rule_id: UUID | None = None


def open_or_join(
    session: Session, openings: Sequence[Opening], *, sla_version_id: UUID, now: datetime
) -> dict[UUID, UUID]:
    """Give each feedback a case and, when it is promised an answer, exactly one obligation; returns case ids by
    feedback id, which the caller stores on the feedback together with whatever else changes there.

    A feedback joins the open case of the same verified customer, else a new case is opened. Feedback that has its
    obligation already is left alone, so that a repeat changes nothing.
    """
    done = queries.obliged(session, [item.feedback_id for item in openings])
    # A promise that a rule waived has no case; it can get one when somebody is to be answered after all.
    bare = {feedback_id for feedback_id, case_id in done.items() if case_id is None}
    todo = [
        item for item in openings if item.feedback_id not in done or (item.feedback_id in bare and not item.promised)
    ]
    open_cases = queries.open_cases_of(session, [item.customer_id for item in todo if item.customer_id])
    fresh: list[Opening] = []
    first_of: dict[UUID, Opening] = {}
    joining: list[tuple[Opening, UUID]] = []
    new_cases: dict[UUID, UUID] = {}
    for item in todo:
        known = item.case_id or (open_cases.get(item.customer_id) if item.customer_id else None)
        if known is None and item.customer_id is not None and item.customer_id in first_of:
            known = new_cases[first_of[item.customer_id].feedback_id]
        if known is not None:
            joining.append((item, known))
            continue
        fresh.append(item)
        new_cases[item.feedback_id] = new_id()
        if item.customer_id is not None:
            first_of[item.customer_id] = item
    _open(session, fresh, new_cases, sla_version_id, now)
    session.flush()
    for item, case_id in joining:
        _join(session, item, case_id, now)
    known_cases = {feedback_id: case_id for feedback_id, case_id in done.items() if case_id is not None}
    return {**known_cases, **new_cases, **{item.feedback_id: case_id for item, case_id in joining}}


def _open(
    session: Session, fresh: Sequence[Opening], ids: dict[UUID, UUID], sla_version_id: UUID, now: datetime
) -> None:
    if not fresh:
        return
    sla = sla_of(session, sla_version_id)
    last = queries.take_numbers(session, COUNTER, len(fresh))
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    obligations: list[dict[str, Any]] = []
    for number, item in enumerate(fresh, last - len(fresh) + 1):
        due = response_due(sla, item.received_at, item.priority) if item.promised else None
        row = _case_row(item, ids[item.feedback_id], number, sla_version_id)
        resolution = _resolution(sla, item)
        next_due = min(due, resolution) if due else resolution
        row.update(
            response_due_at=due,
            resolution_due_at=resolution,
            next_due_at=next_due,
            escalate_at=next_due,
            attention_at=attention(next_due, item.hurt, item.received_at),
        )
        rows.append(row)
        events.append(_event(item, ids[item.feedback_id], "opened"))
        if due is not None:
            obligations.append(_obligation(item, ids[item.feedback_id], due, now))
    bulk_insert(session.connection(), table_of(Case), rows)
    bulk_insert(session.connection(), table_of(CaseEvent), events)
    bulk_insert(session.connection(), table_of(Obligation), obligations)
    publish_all(session, [CaseOpened(ids[item.feedback_id]) for item in fresh], now=now)


def _resolution(sla: Sla, item: Opening) -> datetime:
    return add_working(sla.calendar, item.received_at, sla.targets[item.priority].resolution)


def _case_row(item: Opening, case_id: UUID, number: int, sla_version_id: UUID) -> dict[str, Any]:
    return {
        "id": case_id,
        "number": number,
        "version": 1,
        "state": CaseState.OPEN,
        "priority": item.priority,
        "hurt": item.hurt,
        "team_id": item.team_id,
        "owner_id": None,
        "customer_id": item.customer_id,
        "contact_point_id": item.contact_point_id,
        "headline_id": item.feedback_id,
        "language": item.language,
        "sla_version_id": sla_version_id,
        "opened_at": item.received_at,
        "first_answered_at": None,
        "resolved_at": None,
        "escalated_at": None,
    }


def _event(item: Opening, case_id: UUID, kind: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case_id,
        "kind": kind,
        "at": item.received_at,
        "actor_id": None,
        "data": {"priority": item.priority.value, "feedback_id": str(item.feedback_id), **unpromised(item.promised)},
    }


def unpromised(promised: bool) -> dict[str, Any]:
    """What an event says of a feedback that is owed no answer: no clock runs for it."""
    return {} if promised else {"promised": False}


def _obligation(item: Opening, case_id: UUID, due: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "feedback_id": item.feedback_id,
        "case_id": case_id,
        "state": ObligationState.OPEN,
        "due_at": due,
        "created_at": now,
        "met_at": None,
        "message_id": None,
        "waived_at": None,
        "waived_by": None,
        "waive_reason": None,
        "promised_rule_id": item.promised_rule_id,
        "waived_rule_id": None,
    }


def _join(session: Session, item: Opening, case_id: UUID, now: datetime) -> None:
    """One more feedback on an open case: its own promise if it has one, the higher priority of the two, and a new
    version."""
    case = queries.case_for_update(session, case_id)
    priority = max(case.priority, item.priority, key=_ORDER.index)
    case.priority, case.hurt = priority, max(case.hurt, item.hurt)
    case.version += 1
    if case.state is CaseState.RESOLVED and item.promised:
        happened(session, case, "reopened", at=item.received_at, actor_id=None)
    happened(
        session,
        case,
        "joined",
        at=item.received_at,
        actor_id=None,
        feedback_id=item.feedback_id,
        priority=priority.value,
        **unpromised(item.promised),
        **({"thread": True} if item.case_id is not None else {}),
    )
    if item.promised:
        due = response_due(sla_of(session, case.sla_version_id), item.received_at, priority)
        bulk_insert(session.connection(), table_of(Obligation), [_obligation(item, case_id, due, now)])
    retime(session, case)


def await_judgement(
    session: Session, waiting: Sequence[tuple[UUID, datetime]], *, team_id: UUID, sla_version_id: UUID, now: datetime
) -> None:
    """Put feedback of unknown stance into the queue *To judge*, each with a team and a deadline; twice is once."""
    sla = sla_of(session, sla_version_id)
    known = queries.judgements_of(session, [feedback_id for feedback_id, _ in waiting])
    rows = [
        {
            "feedback_id": feedback_id,
            "team_id": team_id,
            "sla_version_id": sla_version_id,
            "due_at": judgement_due(sla, received_at),
            "created_at": now,
            "escalated_at": None,
            "decided_at": None,
            "decided_by": None,
            "decision": None,
        }
        for feedback_id, received_at in waiting
        if feedback_id not in known
    ]
    if rows:
        bulk_insert(session.connection(), table_of(Judgement), rows)
