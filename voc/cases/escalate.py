"""Escalation: a missed deadline is told to the team's lead, on screen and by mail, and by the notifiers of plugins that
the house set for it. Each deadline is on record by itself; many at once are one notice."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.sla import sla_of
from voc.cases.timing import retime
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import ClockKind
from voc.db import Database
from voc.delivery.deadlines import Missed, tell_lead, tell_notifiers
from voc.model import Case, Escalation, Judgement

log = logging.getLogger(__name__)

BATCH = 100
# Batches of one sweep: after a great backlog (a house that stood still for weeks) others want to write too, and the
# next sweep goes on.
MOST_BATCHES = 10

# Whom a missed deadline is told to, None for a team without a lead.
Told = tuple[UUID | None, Missed]


class Context(Protocol):
    """What the sweep needs of the runtime."""

    db: Database
    settings: Settings


def sweep(context: Context, now: datetime) -> int:
    """Escalate what is overdue and untold, the longest waiting first, about a thousand at a time; returns how much.
    Safe to run twice."""
    count = 0
    for _ in range(MOST_BATCHES):
        with context.db.writing(patience=30, durable=False) as session:
            told = escalate_due(session, context.settings, now)
        count += told
        # A full batch of one kind may not be all there is.
        if told < BATCH:
            break
    if count:
        log.info("deadlines escalated", extra={"count": count})
    return count


def escalate_due(session: Session, settings: Settings, now: datetime) -> int:
    """Escalate up to a batch of cases and one of judgements in the caller's transaction; returns how many."""
    cases = queries.cases_to_escalate(session, now, BATCH)
    judgements = queries.judgements_to_escalate(session, now, BATCH)
    told = [line for case in cases for line in _escalate_case(session, case, now)]
    told += [_escalate_judgement(session, judgement, now) for judgement in judgements]
    _tell(session, settings, told, now)
    return len(cases) + len(judgements)


def _escalate_case(session: Session, case: Case, now: datetime) -> list[Told]:
    known = queries.told(session, case.id)
    both = ((ClockKind.FIRST_RESPONSE, case.response_due_at), (ClockKind.RESOLUTION, case.resolution_due_at))
    lead_id = queries.lead_of(session, case.team_id)
    found = []
    for clock, due_at in both:
        if due_at is None or due_at > now or (clock, due_at) in known:
            continue
        _record(session, subject_id=case.id, case_id=case.id, clock=clock, due_at=due_at, told_id=lead_id, now=now)
        case.escalated_at = now
        when = _when(due_at, sla_of(session, case.sla_version_id).calendar.zone)
        found.append((lead_id, Missed(clock, when, f"/cases/{case.id}", case.number, case.headline_id)))
    retime(session, case)
    return found


def _escalate_judgement(session: Session, judgement: Judgement, now: datetime) -> Told:
    lead_id = queries.lead_of(session, judgement.team_id)
    _record(
        session,
        subject_id=judgement.feedback_id,
        case_id=None,
        clock=ClockKind.JUDGEMENT,
        due_at=judgement.due_at,
        told_id=lead_id,
        now=now,
    )
    judgement.escalated_at = now
    when = _when(judgement.due_at, sla_of(session, judgement.sla_version_id).calendar.zone)
    return lead_id, Missed(ClockKind.JUDGEMENT, when, f"/feedback/{judgement.feedback_id}")


def _when(at: datetime, zone: str) -> str:
    """A moment as colleagues read it in every language: local date and time with the zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def _record(
    session: Session,
    *,
    subject_id: UUID,
    case_id: UUID | None,
    clock: ClockKind,
    due_at: datetime,
    told_id: UUID | None,
    now: datetime,
) -> None:
    session.add(
        Escalation(
            id=new_id(),
            subject_id=subject_id,
            case_id=case_id,
            clock=clock,
            rung=1,
            due_at=due_at,
            told_id=told_id,
            created_at=now,
        )
    )


def _tell(session: Session, settings: Settings, told: Sequence[Told], now: datetime) -> None:
    """The teams' leads by mail, each once for all of theirs, and whatever notifiers the house set for it."""
    for lead_id in dict.fromkeys(lead_id for lead_id, _ in told if lead_id is not None):
        tell_lead(session, lead_id, [missed for whom, missed in told if whom == lead_id], now=now)
    if told:
        tell_notifiers(session, settings.notifiers, [missed for _, missed in told], now=now)
