"""SELECTs for understanding again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from voc.model import Analysis, Feedback


@dataclass(frozen=True, slots=True)
class Past:
    """A feedback with its present analysis; `by_person`: somebody corrected it, so it is left alone."""

    feedback: Feedback
    result: dict[str, Any]
    analyzer: str
    version: str
    by_person: bool


def with_words(since: datetime | None) -> list[ColumnElement[bool]]:
    """What a run goes through: whatever was understood and still has its words."""
    wanted: list[ColumnElement[bool]] = [
        Feedback.processed_at.is_not(None),
        Feedback.text.is_not(None),
        Feedback.deleted_at.is_(None),
    ]
    return [*wanted, Feedback.received_at >= since] if since is not None else wanted


def page(session: Session, since: datetime | None, before: UUID | None, limit: int) -> list[Past]:
    """The next feedback of a run, newest first."""
    statement = (
        select(Feedback, Analysis.result, Analysis.analyzer, Analysis.version, Analysis.author_id)
        .join(Analysis, Analysis.id == Feedback.analysis_id)
        .where(*with_words(since))
        .order_by(Feedback.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Feedback.id < before)
    return [
        Past(row.Feedback, row.result, row.analyzer, row.version, row.author_id is not None)
        for row in session.execute(statement)
    ]


def how_many(session: Session, since: datetime | None) -> int:
    """How many feedback a run goes through."""
    statement = select(func.count(Feedback.id)).join(Analysis, Analysis.id == Feedback.analysis_id)
    return session.execute(statement.where(*with_words(since))).scalar_one()


def present(session: Session, ids: Sequence[UUID]) -> dict[UUID, Feedback]:
    """These feedback as they stand at the moment of writing, locked."""
    rows = session.scalars(
        select(Feedback)
        .where(Feedback.id.in_(ids))
        .order_by(Feedback.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {feedback.id: feedback for feedback in rows}
