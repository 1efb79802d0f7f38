"""Judging: a person says what the machine could not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries as case_queries
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.vocabulary import Stance
from voc.pipeline import queries
from voc.pipeline.correct import decide_as
from voc.security.access import Actor, require


def judge(session: Session, feedback_id: UUID, *, actor: Actor, stance: Stance, now: datetime) -> None:
    """Decide the stance of a feedback from the queue *To judge*; a detractor gets its case at once.

    Raises NotFound when it never was in the queue, Conflict when somebody else judged it already.
    """
    require(actor, "case.judge")
    if stance is Stance.UNKNOWN:
        raise Invalid(fields={"stance": ["Please choose one of the answers shown."]})
    judgement = case_queries.judgement_for_update(session, feedback_id)
    if judgement is None:
        raise NotFound
    if judgement.decided_at is not None:
        raise Conflict("somebody judged this already")
    decide_as(session, queries.feedback_by_id(session, feedback_id), actor=actor, stance=stance, now=now)
