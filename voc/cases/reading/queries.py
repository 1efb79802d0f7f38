"""SELECTs of the inbox, the queue *To judge* and the feedback list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from voc.cases.reading.cursor import read_cursor, write_cursor
from voc.cases.views import InboxRow, JudgeRow, Order, Page, Queue, TopicMention
from voc.core.text import shorten
from voc.core.vocabulary import CaseState, ClockKind, Stance
from voc.db.types import word
from voc.model import Analysis, Case, Channel, ContactPoint, Customer, Feedback, Judgement, Team, TeamMember, User
from voc.security.access import Actor, require

VOICE = 160
TO_JUDGE = "to judge"


def inbox_page(
    session: Session,
    *,
    queue: Queue,
    viewer: Actor,
    now: datetime,
    order: Order = "attention",
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """One page of a queue, one statement. `after` is the `next` of the page before; raises Invalid for another."""
    require(viewer, "case.view")
    key: Any = Case.next_due_at if order == "due" else Case.attention_at
    statement = _rows().limit(limit + 1)
    if queue == "resolved":
        key = Case.resolved_at
        statement = statement.where(Case.state == word(CaseState.RESOLVED)).order_by(key.desc(), Case.id.desc())
    else:
        statement = statement.where(Case.state == word(CaseState.OPEN)).order_by(key, Case.id)
    for condition in _queue(queue, viewer, now):
        statement = statement.where(condition)
    listed = inbox_list(queue, order)
    if cursor := read_cursor(listed, after):
        place = tuple_(key, Case.id)
        statement = statement.where(place < cursor if queue == "resolved" else place > cursor)
    rows = session.execute(statement).all()
    shown = rows[:limit]
    more = write_cursor(listed, _key_of(shown[-1], queue, order), shown[-1].id) if len(rows) > limit else None
    return Page(tuple(_inbox_row(row) for row in shown), more)


def inbox_list(queue: Queue, order: Order) -> str:
    """What the keys of a queue's pages belong to; resolved cases have one order only."""
    return f"cases {queue}" if queue == "resolved" else f"cases {queue} by {order}"


def _key_of(row: Row[*tuple[Any, ...]], queue: Queue, order: Order) -> datetime:
    moment: datetime = (
        row.resolved_at if queue == "resolved" else row.next_due_at if order == "due" else row.attention_at
    )
    return moment


def _queue(queue: Queue, viewer: Actor, now: datetime) -> list[ColumnElement[bool]]:
    """What makes a case belong to a queue, beside its state. A passed deadline is never later than its place in the
    inbox, so the second condition of *overdue* lets the index end the search."""
    if queue == "mine":
        return [Case.owner_id == viewer.user_id]
    if queue == "team":
        if len(viewer.team_ids) == 1:
            return [Case.team_id == next(iter(viewer.team_ids))]
        # Not to be looked up by an index: that would sort every case of all teams instead of reading on in order.
        return [func.coalesce(Case.team_id, Case.team_id).in_(viewer.team_ids)]
    if queue == "unassigned":
        return [Case.owner_id.is_(None)]
    if queue == "overdue":
        return [Case.next_due_at <= now, Case.attention_at <= now]
    if queue == "escalated":
        return [Case.escalated_at.is_not(None)]
    return []


def _rows() -> Select[*tuple[Any, ...]]:
    owner = aliased(User)
    other = aliased(Feedback)
    joined = select(func.count(other.id)).where(other.case_id == Case.id).correlate(Case)
    return (
        select(
            Case.id,
            Case.number,
            Case.state,
            Case.priority,
            Case.attention_at,
            Case.next_due_at,
            Case.response_due_at,
            Case.opened_at,
            Case.escalated_at,
            Case.resolved_at,
            Case.language,
            Case.owner_id,
            Feedback.text,
            Feedback.author,
            Feedback.stance,
            Feedback.mixed,
            Feedback.metric,
            Feedback.score,
            Analysis.result,
            Channel.kind,
            Team.name.label("team_name"),
            owner.name.label("owner_name"),
            Customer.name.label("customer_name"),
            ContactPoint.name.label("contact_name"),
            ContactPoint.email,
            joined.scalar_subquery().label("feedback_count"),
        )
        .join(Feedback, Feedback.id == Case.headline_id)
        .join(Channel, Channel.id == Feedback.channel_id)
        .join(Team, Team.id == Case.team_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .outerjoin(owner, owner.id == Case.owner_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(ContactPoint, ContactPoint.id == Case.contact_point_id)
    )


def _inbox_row(row: Row[*tuple[Any, ...]]) -> InboxRow:
    due_kind = None
    if row.next_due_at is not None:
        due_kind = ClockKind.FIRST_RESPONSE if row.next_due_at == row.response_due_at else ClockKind.RESOLUTION
    return InboxRow(
        id=row.id,
        number=row.number,
        state=row.state,
        priority=row.priority,
        who=row.customer_name or row.contact_name or row.email or (row.author or {}).get("handle"),
        stance=row.stance or Stance.UNKNOWN,
        mixed=row.mixed,
        metric=row.metric,
        score=row.score,
        voice=shorten(row.text or "", VOICE),
        language=row.language,
        topics=topics_of(row.result),
        channel_kind=row.kind,
        opened_at=row.opened_at,
        due_at=row.next_due_at,
        due_kind=due_kind,
        escalated_at=row.escalated_at,
        resolved_at=row.resolved_at,
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        team_name=row.team_name,
        feedback_count=row.feedback_count,
    )


def topics_of(result: dict[str, Any] | None) -> tuple[TopicMention, ...]:
    """Each topic of an analysis once, bad before good before the rest."""
    rank = {"negative": 0, "positive": 1}
    best: dict[str, str] = {}
    for opinion in (result or {}).get("opinions", []):
        key, label = opinion["topic"], opinion["label"]
        if key not in best or rank.get(label, 2) < rank.get(best[key], 2):
            best[key] = label
    return tuple(TopicMention(key, label) for key, label in sorted(best.items(), key=lambda x: rank.get(x[1], 2)))


def judge_page(session: Session, *, viewer: Actor, now: datetime, after: str | None = None, limit: int = 50) -> Page:
    """One page of the queue *To judge*, earliest deadline first."""
    require(viewer, "case.judge")
    statement = (
        select(
            Judgement.feedback_id,
            Judgement.due_at,
            Feedback.text,
            Feedback.metric,
            Feedback.score,
            Feedback.author,
            Feedback.received_at,
            Feedback.language_hint,
            Channel.kind,
            Team.name.label("team_name"),
            Analysis.language,
        )
        .join(Feedback, Feedback.id == Judgement.feedback_id)
        .join(Channel, Channel.id == Feedback.channel_id)
        .join(Team, Team.id == Judgement.team_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(Judgement.decided_at.is_(None))
        .order_by(Judgement.due_at, Judgement.feedback_id)
        .limit(limit + 1)
    )
    if cursor := read_cursor(TO_JUDGE, after):
        statement = statement.where(tuple_(Judgement.due_at, Judgement.feedback_id) > cursor)
    rows = session.execute(statement).all()
    shown = rows[:limit]
    return Page(
        tuple(
            JudgeRow(
                feedback_id=row.feedback_id,
                voice=row.text or "",
                language=row.language or row.language_hint,
                author_name=(row.author or {}).get("name"),
                metric=row.metric,
                score=row.score,
                channel_kind=row.kind,
                received_at=row.received_at,
                due_at=row.due_at,
                team_name=row.team_name,
            )
            for row in shown
        ),
        write_cursor(TO_JUDGE, shown[-1].due_at, shown[-1].feedback_id) if len(rows) > limit else None,
    )


def teams(session: Session) -> list[tuple[UUID, str]]:
    """(id, name) of every team."""
    return [(row.id, row.name) for row in session.execute(select(Team.id, Team.name).order_by(Team.name))]


def assignable(session: Session) -> list[tuple[UUID, str, tuple[str, ...]]]:
    """(id, name, team names) of everybody a case can be given to."""
    names: dict[UUID, list[str]] = {}
    pairs = select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id).order_by(Team.name)
    for user_id, team in session.execute(pairs):
        names.setdefault(user_id, []).append(team)
    people: Sequence[Row[UUID, str]] = session.execute(
        select(User.id, User.name).where(User.active).order_by(User.name)
    ).all()
    return [(user_id, name, tuple(names.get(user_id, ()))) for user_id, name in people]
