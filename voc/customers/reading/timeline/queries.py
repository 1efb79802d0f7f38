"""SELECTs of the timeline: one statement for each kind of thing, a page of each, put together in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from voc.core.paging import Page, read_cursor, write_cursor
from voc.core.text import shorten
from voc.customers.views import Moment
from voc.model import Analysis, Case, CaseEvent, Channel, Feedback, Message, Note, StanceDecision, User
from voc.security.access import Actor, require

LONGEST_TEXT = 400
CASE_EVENTS = ("opened", "resolved", "reopened")

Place = tuple[datetime, UUID]


def timeline_page(
    session: Session, customer_id: UUID, *, viewer: Actor, after: str | None = None, limit: int = 30
) -> Page:
    """One page of everything that happened between the company and this customer, newest first, in five statements.

    Rows are `Moment`; of two at the same instant the one with the greater key comes first. Raises Invalid when
    `after` is no key of this list.
    """
    require(viewer, "customer.view")
    listed = f"timeline of {customer_id}"
    below = read_cursor(listed, after)
    moments = [
        *_feedback(session, customer_id, below, limit + 1),
        *_messages(session, customer_id, below, limit + 1),
        *_notes(session, customer_id, below, limit + 1),
        *_case_events(session, customer_id, below, limit + 1),
        *_decisions(session, customer_id, below, limit + 1),
    ]
    moments.sort(key=lambda item: (item.at, item.id), reverse=True)
    shown = moments[:limit]
    more = write_cursor(listed, shown[-1].at, shown[-1].id) if len(moments) > limit else None
    return Page(tuple(shown), more)


def _newest(
    statement: Select[*tuple[Any, ...]],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    below: Place | None,
    limit: int,
) -> Select[*tuple[Any, ...]]:
    if below is not None:
        statement = statement.where(tuple_(at, key) < below)
    return statement.order_by(at.desc(), key.desc()).limit(limit)


def _feedback(session: Session, customer_id: UUID, below: Place | None, limit: int) -> Iterator[Moment]:
    statement = (
        select(Feedback, Analysis.language, Channel.kind, Channel.name, Case.number)
        .join(Channel, Channel.id == Feedback.channel_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .outerjoin(Case, Case.id == Feedback.case_id)
        .where(Feedback.customer_id == customer_id)
    )
    for item, language, kind, name, number in session.execute(
        _newest(statement, Feedback.received_at, Feedback.id, below, limit)
    ):
        yield Moment(
            "feedback",
            item.id,
            item.received_at,
            case_id=item.case_id,
            case_number=number,
            feedback_id=item.id,
            text=shorten(item.text, LONGEST_TEXT) if item.text else None,
            language=language or item.language_hint,
            stance=item.stance,
            metric=item.metric,
            score=item.score,
            channel_kind=kind,
            channel_name=name,
        )


def _messages(session: Session, customer_id: UUID, below: Place | None, limit: int) -> Iterator[Moment]:
    statement = (
        select(Message, Case.number, Case.language, User.name)
        .join(Case, Case.id == Message.case_id)
        .join(User, User.id == Message.author_id)
        .where(Case.customer_id == customer_id)
    )
    for item, number, language, name in session.execute(
        _newest(statement, Message.created_at, Message.id, below, limit)
    ):
        yield Moment(
            "message",
            item.id,
            item.created_at,
            case_id=item.case_id,
            case_number=number,
            actor_name=name,
            text=shorten(item.text, LONGEST_TEXT),
            language=language,
            via=item.via,
            state=item.state,
        )


def _notes(session: Session, customer_id: UUID, below: Place | None, limit: int) -> Iterator[Moment]:
    statement = (
        select(Note, Case.number, User.name)
        .join(Case, Case.id == Note.case_id)
        .join(User, User.id == Note.author_id)
        .where(Case.customer_id == customer_id)
    )
    for item, number, name in session.execute(_newest(statement, Note.created_at, Note.id, below, limit)):
        text = shorten(item.text, LONGEST_TEXT)
        yield Moment(
            "note", item.id, item.created_at, case_id=item.case_id, case_number=number, actor_name=name, text=text
        )


def _case_events(session: Session, customer_id: UUID, below: Place | None, limit: int) -> Iterator[Moment]:
    statement = (
        select(CaseEvent.id, CaseEvent.kind, CaseEvent.at, CaseEvent.case_id, Case.number, User.name)
        .join(Case, Case.id == CaseEvent.case_id)
        .outerjoin(User, User.id == CaseEvent.actor_id)
        .where(Case.customer_id == customer_id, CaseEvent.kind.in_(CASE_EVENTS))
    )
    for row in session.execute(_newest(statement, CaseEvent.at, CaseEvent.id, below, limit)):
        yield Moment(row.kind, row.id, row.at, case_id=row.case_id, case_number=row.number, actor_name=row.name)


def _decisions(session: Session, customer_id: UUID, below: Place | None, limit: int) -> Iterator[Moment]:
    """Stances that a person decided; what the policy said stands with the feedback."""
    statement = (
        select(StanceDecision, User.name, Feedback.case_id, Case.number)
        .join(Feedback, Feedback.id == StanceDecision.feedback_id)
        .join(User, User.id == StanceDecision.author_id)
        .outerjoin(Case, Case.id == Feedback.case_id)
        .where(Feedback.customer_id == customer_id)
    )
    for item, name, case_id, number in session.execute(
        _newest(statement, StanceDecision.created_at, StanceDecision.id, below, limit)
    ):
        before = next((reason.get("before") for reason in item.reasons if reason.get("kind") == "person"), None)
        yield Moment(
            "stance",
            item.id,
            item.created_at,
            case_id=case_id,
            case_number=number,
            feedback_id=item.feedback_id,
            actor_name=name,
            stance=item.stance,
            before=before,
        )
