"""Resolving and reopening."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.changing import changing, noted
from voc.cases.events import CaseResolved
from voc.cases.note import add_note
from voc.cases.timing import happened, retime
from voc.core.errors import Conflict
from voc.core.text import is_blank
from voc.core.vocabulary import CaseState
from voc.jobs import publish
from voc.security.access import Actor


def resolve(
    session: Session, case_id: UUID, *, actor: Actor, version: int, now: datetime, note: str | None = None
) -> None:
    """Close the follow-up. Raises Conflict while a promise is open: answer or waive it first."""
    case = changing(session, case_id, actor=actor, permission="case.resolve", version=version)
    if case.state is CaseState.RESOLVED:
        raise Conflict("the case is resolved already")
    if queries.open_obligations(session, case.id):
        raise Conflict("somebody on this case still waits for an answer")
    if note and not is_blank(note):
        add_note(session, case.id, actor=actor, text=note, now=now)
    happened(session, case, "resolved", at=now, actor_id=actor.user_id)
    retime(session, case)
    publish(session, CaseResolved(case.id), now=now)
    noted(session, case, "case.resolved", actor=actor, now=now)


def reopen(session: Session, case_id: UUID, *, actor: Actor, version: int, now: datetime) -> None:
    """Open a resolved case again; its resolution clock starts anew."""
    case = changing(session, case_id, actor=actor, permission="case.resolve", version=version)
    if case.state is not CaseState.RESOLVED:
        raise Conflict("the case is open already")
    happened(session, case, "reopened", at=now, actor_id=actor.user_id)
    retime(session, case)
    noted(session, case, "case.reopened", actor=actor, now=now)
