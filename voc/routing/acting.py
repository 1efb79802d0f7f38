"""What the rules say becomes cases, promises, tags, notices and a record of why: in bulk, for a whole batch.

The number of statements does not grow with the batch (joining an open case excepted, as without rules).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.opening import Opening, open_or_join
from voc.cases.waive import Waiver, waive_by_rule
from voc.core.ids import new_id
from voc.core.vocabulary import Priority, Stance
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.model import FeedbackTag, RuleMatch
from voc.routing.actions import BY_SEVERITY, BY_TOPIC
from voc.routing.deeds.ordering import order_deeds
from voc.routing.notifying import notify
from voc.routing.rules import Act, Fate, Plan


@dataclass(frozen=True, slots=True)
class Routed:
    """A feedback with what the rules say of it and what would be said without them: the team of its topics, the
    priority of its severity. `since` is when its clock would start; `case_id` the case it belongs to already;
    `insisted`: a person says that somebody is unhappy, and no rule is above that."""

    feedback_id: UUID
    since: datetime
    stance: Stance
    customer_id: UUID | None
    contact_point_id: UUID | None
    language: str | None
    hurt: int
    severity: Priority
    topic_team_id: UUID
    plan: Plan
    case_id: UUID | None = None
    insisted: bool = False

    @property
    def fate(self) -> Fate | None:
        """What becomes of it. A detractor is promised an answer unless a rule waives it; others are owed nothing
        that could be waived."""
        said = self.plan.fate
        if self.stance is Stance.DETRACTOR:
            return "waived" if said == "waived" and not self.insisted else "promise"
        return None if said == "waived" else said

    @property
    def team_id(self) -> UUID:
        """The team a rule chose, else that of its topics."""
        team = self.plan.team
        return self.topic_team_id if team in (None, BY_TOPIC) else UUID(team)

    @property
    def priority(self) -> Priority:
        """The priority a rule chose, else that of its severity."""
        chosen = self.plan.priority
        return self.severity if chosen in (None, BY_SEVERITY) else Priority(chosen)


@dataclass(frozen=True, slots=True)
class Later:
    """A later look: the matches (feedback, version) and the tags there are already, and what was really done now."""

    matches: set[tuple[UUID, UUID]]
    tags: Mapping[UUID, set[str]]
    done: Mapping[UUID, set[str]]


def act(
    session: Session, items: Sequence[Routed], *, sla_version_id: UUID, now: datetime, later: Later | None = None
) -> dict[UUID, UUID]:
    """Do what the rules say of these feedback; returns case ids by feedback id, which the caller stores on the
    feedback. `later`: what there is on record of a feedback that went by the rules before."""
    cases = open_cases(session, items, sla_version_id=sla_version_id, now=now)
    conclude(session, items, cases, sla_version_id=sla_version_id, now=now, later=later)
    return cases


def conclude(
    session: Session,
    items: Sequence[Routed],
    cases: Mapping[UUID, UUID],
    *,
    sla_version_id: UUID,
    now: datetime,
    later: Later | None = None,
) -> None:
    """What follows when the cases are open: answers that are waived, tags, notices, what plugins are to do, and the
    record of why."""
    waivers = [
        Waiver(
            item.feedback_id,
            item.since,
            item.priority,
            by.version_id,
            item.plan.waive_reason(),
            cases.get(item.feedback_id),
        )
        for item in items
        if item.fate == "waived" and (by := item.plan.fate_by) is not None
    ]
    waive_by_rule(session, waivers, sla_version_id=sla_version_id, now=now)
    record(session, items, now=now, later=later)
    told = later.matches if later is not None else set()
    notify(session, [item for item in items if item.plan.notify], cases, told=told, now=now)
    order_deeds(session, [item for item in items if item.plan.deeds], told=told, now=now)


def open_cases(session: Session, items: Sequence[Routed], *, sla_version_id: UUID, now: datetime) -> dict[UUID, UUID]:
    """Open or join a case for everybody who is to have one; case ids by feedback id."""
    openings = [
        opening_of(item) for item in items if item.fate == "promise" or (item.fate == "case" and item.case_id is None)
    ]
    return open_or_join(session, openings, sla_version_id=sla_version_id, now=now) if openings else {}


def opening_of(item: Routed) -> Opening:
    """The case that this feedback asks for."""
    by = item.plan.fate_by
    ruled = item.fate == "promise" and item.stance is not Stance.DETRACTOR
    return Opening(
        feedback_id=item.feedback_id,
        received_at=item.since,
        customer_id=item.customer_id,
        contact_point_id=item.contact_point_id,
        language=item.language,
        team_id=item.team_id,
        priority=item.priority,
        hurt=item.hurt,
        case_id=item.case_id,
        promised=item.fate == "promise",
        promised_rule_id=by.version_id if ruled and by is not None else None,
    )


def record(
    session: Session,
    items: Sequence[Routed],
    *,
    now: datetime,
    later: Later | None = None,
) -> None:
    """Write down which rules acted and why, and hang the tags; `later` when the rules are run again."""
    connection = session.connection()
    matches = [
        _match_row(item, found, later, now)
        for item in items
        for found in item.plan.acts
        if later is None or (item.feedback_id, found.rule.version_id) not in later.matches
    ]
    bulk_insert(connection, table_of(RuleMatch), matches)
    hung = [
        {
            "feedback_id": item.feedback_id,
            "tag": tag,
            "rule_version_id": rule.version_id,
            "created_at": now,
        }
        for item in items
        for tag, rule in item.plan.tags.items()
        if later is None or tag not in later.tags.get(item.feedback_id, ())
    ]
    bulk_insert(connection, table_of(FeedbackTag), hung)


def _match_row(item: Routed, found: Act, later: Later | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "feedback_id": item.feedback_id,
        "rule_id": found.rule.rule_id,
        "rule_version_id": found.rule.version_id,
        "again": later is not None,
        "did": [_idle(item, one, later) for one in found.did],
        "why": found.why,
        "created_at": now,
    }


def _idle(item: Routed, one: dict[str, Any], later: Later | None) -> dict[str, Any]:
    """What it did, marked when it came to nothing: nobody was owed an answer, or it is not done a second time."""
    if one.get("late"):
        return one
    if later is None:
        idle = one["do"] == "waive" and item.fate != "waived"
    elif one["do"] == "tag":
        idle = one["value"] in later.tags.get(item.feedback_id, ())
    else:
        idle = one["do"] not in later.done.get(item.feedback_id, ())
    return {**one, "idle": True} if idle else one
