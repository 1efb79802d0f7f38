"""Running the rules again over what came in before, page by page in the background, newest first.

It adds and never takes away: what a rule says now and no version of it said before is done where that is still
possible. A case is opened and a promise given (its clock starts now), tags are hung; team and priority change only
on an open case that nobody has touched by hand. No case is opened again, no promise waived, nobody is mailed.
Each page is one transaction with the order for the next, so that a killed worker goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.cases.reroute import reroute
from voc.core.clock import Clock
from voc.core.vocabulary import CaseState, Stance
from voc.db import Database
from voc.db.bulk import bulk_update
from voc.db.types import table_of
from voc.jobs import Item, backruns
from voc.jobs import queries as job_queries
from voc.jobs.backruns import Reached
from voc.model import Feedback, RuleRun
from voc.routing import queries as rules
from voc.routing.acting import Later, Routed, open_cases, record
from voc.routing.actions import BY_SEVERITY
from voc.routing.book import Book, rule_book
from voc.routing.facts import facts_of
from voc.routing.rules import walk
from voc.routing.runs import queries
from voc.routing.saving import PERMISSION
from voc.routing.severity import hurt, priority
from voc.routing.teams import team_for
from voc.routing.trying import facts_of_row
from voc.security.access import Actor, require

KIND = "routing.again"
PAGE = 100


class Context(Protocol):
    """What running again needs of the runtime."""

    db: Database
    clock: Clock


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of feedback with what the rules say of it; `analyses` tells whether somebody corrected it meanwhile."""

    items: tuple[Routed, ...]
    analyses: dict[UUID, UUID | None]
    sla_version_id: UUID | None
    reached: Reached


def ask_again(session: Session, *, actor: Actor, since: datetime | None, now: datetime) -> UUID:
    """Order a run over everything that came in since then (None: ever); one that is still going on is stopped."""
    require(actor, PERMISSION)
    run = backruns.order(session, RuleRun, KIND, asked_by=actor.user_id, since=since, now=now)
    audit(session, actor_id=actor.user_id, action="rules.run_again", subject_id=run.id, now=now)
    return run.id


def stop_run(session: Session, run_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop a run; what it did stays. Raises NotFound; stopping one that has ended changes nothing."""
    require(actor, PERMISSION)
    if backruns.stop(session, RuleRun, run_id, now=now):
        audit(session, actor_id=actor.user_id, action="rules.run_stopped", subject_id=run_id, now=now)


def ask_pages(context: Context, items: Sequence[Item]) -> list[Asked | None]:
    """Read and ask the next page of each run without holding the database; None when it has ended."""
    found: list[Asked | None] = []
    for item in items:
        with context.db.reading() as session:
            run = session.get(RuleRun, item.subject)
            found.append(_ask(session, run) if run is not None and run.finished_at is None else None)
    return found


def _ask(session: Session, run: RuleRun) -> Asked:
    book, rows = rule_book(session), queries.page(session, run.since, run.reached_id, PAGE)
    total = queries.how_many(session, run.since) if run.total is None else run.total
    if not rows:
        return Asked((), {}, None, Reached(run.reached_id, None, 0, total))
    house, teams = queries.house(session), rules.team_by_topic(session)
    tags = rules.tags_of(session, [row.Feedback.id for row in rows])
    routed = tuple(_route(row, book, tags.get(row.Feedback.id, set()), teams, house.default_team_id) for row in rows)
    analyses = {row.Feedback.id: row.Feedback.analysis_id for row in rows}
    reached = Reached(run.reached_id, rows[-1].Feedback.id, len(rows), total)
    return Asked(routed, analyses, house.sla_version_id, reached)


def _route(row: Any, book: Book, tags: set[str], teams: dict[str, UUID], default_team_id: UUID) -> Routed:
    """One stored feedback as the rules see it now."""
    feedback: Feedback = row.Feedback
    simple = facts_of(feedback, row.result)
    facts = facts_of_row(row, zone=book.zone, tags=tags)
    return Routed(
        feedback_id=feedback.id,
        since=feedback.received_at,
        stance=feedback.stance or Stance.UNKNOWN,
        customer_id=feedback.customer_id,
        contact_point_id=feedback.contact_point_id,
        language=facts["language"],
        hurt=hurt(simple),
        severity=priority(simple),
        topic_team_id=team_for(row.result, teams, default_team_id),
        plan=walk(book.rules, facts),
        case_id=feedback.case_id,
    )


def act_pages(session: Session, context: Context, pairs: Sequence[tuple[Item, Asked | None]]) -> None:
    """Do what a page says, and order the next one."""
    for item, asked in pairs:
        run = job_queries.run_for_update(session, RuleRun, item.subject)
        if asked is None or not backruns.is_next(run, asked.reached):
            continue
        now = context.clock()
        changed = _act(session, asked, asked.sla_version_id, now) if asked.sla_version_id else 0
        backruns.advance(session, run, KIND, asked.reached, changed=changed, now=now)


def _act(session: Session, asked: Asked, sla_version_id: UUID, now: datetime) -> int:
    """Do what is new in this page; returns for how many feedback there was something."""
    ids = [item.feedback_id for item in asked.items if item.plan.acts]
    present = queries.present(session, ids)
    matches = rules.matched_versions(session, ids)
    items = []
    for item in asked.items:
        now_is = present.get(item.feedback_id)
        if now_is is None or (now_is.stance, now_is.analysis_id) != (item.stance, asked.analyses[item.feedback_id]):
            continue
        if any((item.feedback_id, found.rule.version_id) not in matches for found in item.plan.acts):
            items.append(replace(item, case_id=now_is.case_id))
    ids = [item.feedback_id for item in items]
    done: dict[UUID, set[str]] = {feedback_id: set() for feedback_id in ids}
    _open(session, items, done, sla_version_id, now)
    _reroute(session, items, done, now)
    later = Later(matches, rules.tags_of(session, ids), done)
    record(session, items, now=now, later=later)
    return len(items)


def _open(
    session: Session, items: Sequence[Routed], done: dict[UUID, set[str]], sla_version_id: UUID, now: datetime
) -> None:
    """Open a case, or promise an answer on the open one, where there was none."""
    promised = queries.promised(session, [item.feedback_id for item in items])
    states = queries.states(session, [item.case_id for item in items if item.case_id])
    wanted = []
    for item in items:
        state = states.get(item.case_id) if item.case_id else None
        fresh = state is None and item.case_id is None
        answer = item.fate == "promise" and state in (None, CaseState.OPEN)
        if item.feedback_id not in promised and (answer or (fresh and item.fate == "case")):
            wanted.append(replace(item, since=now))
            done[item.feedback_id] |= {"open_case"} if fresh else set()
            done[item.feedback_id] |= {"start_clock"} if item.fate == "promise" else set()
            done[item.feedback_id] |= {"team", "priority"} if fresh else set()
    cases = open_cases(session, wanted, sla_version_id=sla_version_id, now=now)
    changes = [{"id": feedback_id, "case_id": case_id} for feedback_id, case_id in cases.items()]
    bulk_update(session.connection(), table_of(Feedback), changes)


def _reroute(session: Session, items: Sequence[Routed], done: dict[UUID, set[str]], now: datetime) -> None:
    """Another team or priority, on open cases of one voice that nobody has touched."""
    wanted = [item for item in items if item.case_id and (item.plan.team or item.plan.priority)]
    untouched = queries.untouched(session, [item.case_id for item in wanted if item.case_id])
    for item in wanted:
        if item.case_id is None or untouched.get(item.case_id) != item.feedback_id:
            continue
        team_id = item.team_id if item.plan.team else None
        level = item.priority if item.plan.priority and item.plan.priority != BY_SEVERITY else None
        by = next((found.rule.name for found in reversed(item.plan.acts)), "")
        done[item.feedback_id] |= reroute(session, item.case_id, team_id=team_id, priority=level, rule=by, now=now)
