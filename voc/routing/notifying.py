"""Telling colleagues that a rule acted, by e-mail or by the notifier of a plugin; what it says is on the screen too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from voc.cases.queries import lead_of
from voc.core.vocabulary import Priority
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.delivery.queue import NOTICE_KIND, NOTIFIER_KIND, notice_data, notifier_data, person_data
from voc.jobs.outbox import registry_of, row
from voc.model import Work
from voc.routing.actions import LEAD, NOTIFIER
from voc.routing.notice.queries import Noticed, noticed

if TYPE_CHECKING:
    from voc.routing.acting import Routed

TEMPLATE = "rule"


def notify(
    session: Session,
    items: Sequence[Routed],
    cases: Mapping[UUID, UUID],
    *,
    told: Set[tuple[UUID, UUID]],
    now: datetime,
) -> None:
    """Queue one notice for each feedback and colleague or notifier, in one statement; nobody is told twice of the same.
    `told` are the matches (feedback, version) that were told before."""
    if not items:
        return
    ids = [case_id for item in items if (case_id := cases.get(item.feedback_id) or item.case_id)]
    about, zone = noticed(session, ids)
    leads: dict[UUID, UUID | None] = {}
    handlers = registry_of(session).handlers
    rows = []
    for item in items:
        case_id = cases.get(item.feedback_id) or item.case_id
        case = about.get(case_id) if case_id else None
        reached: set[str] = set()
        for person, rule in item.plan.notify.items():
            if (item.feedback_id, rule.version_id) in told:
                continue
            notice = notice_data(TEMPLATE, _variables(item, case, zone, rule.name), item.feedback_id)
            if person.startswith(NOTIFIER):
                urgent = item.priority is Priority.URGENT
                data = notifier_data(person.removeprefix(NOTIFIER), notice, urgent=urgent)
                rows.append(row(handlers[NOTIFIER_KIND], subject_id=item.feedback_id, now=now, data=data))
                continue
            user_id = person
            if person == LEAD:
                team_id = case.team_id if case else item.team_id
                if team_id not in leads:
                    leads[team_id] = lead_of(session, team_id)
                user_id = str(leads[team_id] or "")
            if not user_id or user_id in reached:
                continue
            reached.add(user_id)
            data = person_data(user_id, notice)
            rows.append(row(handlers[NOTICE_KIND], subject_id=UUID(user_id), now=now, data=data))
    bulk_insert(session.connection(), table_of(Work), rows)


def _variables(item: Routed, case: Noticed | None, zone: str, rule: str) -> dict[str, Any]:
    due = case.response_due_at if case else None
    return {
        "rule": rule,
        "case_number": case.number if case else None,
        "due_text": f"{due.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})" if due else None,
        "link": f"/cases/{case.case_id}" if case else f"/feedback/{item.feedback_id}",
    }
