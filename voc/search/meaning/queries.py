"""SELECTs about kept meanings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from voc.model import Analysis, EmbeddingRun, Feedback, FeedbackEmbedding
from voc.search.facets import NO_LANGUAGE, Filters


def understood() -> Select[Any]:
    """Ids of the feedback that has words and was understood, newest first."""
    return (
        select(Feedback.id)
        .where(Feedback.processed_at.is_not(None), Feedback.text.is_not(None), Feedback.deleted_at.is_(None))
        .order_by(Feedback.id.desc())
    )


def newest(session: Session, model: str, filters: Filters, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """(feedback_id, vector) of the newest feedback that the filters leave."""
    statement = (
        select(FeedbackEmbedding.feedback_id, FeedbackEmbedding.vector)
        .join(Feedback, Feedback.id == FeedbackEmbedding.feedback_id)
        .where(FeedbackEmbedding.model == model, Feedback.deleted_at.is_(None))
        .order_by(FeedbackEmbedding.feedback_id.desc())
        .limit(limit)
    )
    return session.execute(_filtered(statement, filters)).all()


def _filtered(statement: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    if filters.stance is not None:
        statement = statement.where(Feedback.stance == filters.stance)
    if filters.channel_id is not None:
        statement = statement.where(Feedback.channel_id == filters.channel_id)
    if filters.since is not None:
        statement = statement.where(Feedback.received_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(Feedback.received_at < filters.until)
    if filters.language is not None:
        told = func.coalesce(Analysis.language, Feedback.language_hint, NO_LANGUAGE)
        statement = statement.outerjoin(Analysis, Analysis.id == Feedback.analysis_id).where(told == filters.language)
    return statement


def kept(session: Session, feedback_id: UUID) -> FeedbackEmbedding | None:
    """What is kept of one feedback."""
    return session.get(FeedbackEmbedding, feedback_id)


def heads(
    session: Session, model: str, *, since: datetime, until: datetime, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """(feedback_id, vector, received_at) of the feedback that stands for a group and arrived in between."""
    return session.execute(
        select(FeedbackEmbedding.feedback_id, FeedbackEmbedding.vector, Feedback.received_at)
        .join(Feedback, Feedback.id == FeedbackEmbedding.feedback_id)
        .where(
            FeedbackEmbedding.group_id == FeedbackEmbedding.feedback_id,
            FeedbackEmbedding.model == model,
            Feedback.received_at >= since,
            Feedback.received_at <= until,
        )
        .order_by(FeedbackEmbedding.feedback_id.desc())
        .limit(limit)
    ).all()


def text_of(session: Session, feedback_id: UUID) -> str:
    """The words of a feedback; empty when they are gone."""
    return session.scalars(select(Feedback.text).where(Feedback.id == feedback_id)).first() or ""


def alike(session: Session, group_id: UUID, limit: int) -> list[UUID]:
    """The newest feedback of a group."""
    return list(
        session.scalars(
            select(FeedbackEmbedding.feedback_id)
            .where(FeedbackEmbedding.group_id == group_id)
            .order_by(FeedbackEmbedding.feedback_id.desc())
            .limit(limit)
        )
    )


def stood_for(session: Session, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these feedback that stand for a group in which others are."""
    return list(
        session.scalars(
            select(FeedbackEmbedding.group_id)
            .where(FeedbackEmbedding.group_id.in_(ids), FeedbackEmbedding.feedback_id.not_in(ids))
            .distinct()
        )
    )


def oldest_other(session: Session, group_id: UUID, ids: Sequence[UUID]) -> UUID:
    """The oldest feedback of a group that is none of these; there is one."""
    return session.scalars(
        select(FeedbackEmbedding.feedback_id)
        .where(FeedbackEmbedding.group_id == group_id, FeedbackEmbedding.feedback_id.not_in(ids))
        .order_by(FeedbackEmbedding.feedback_id)
        .limit(1)
    ).one()


def how_many_alike(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many others say nearly the same as each of these; those alone are left out."""
    other = aliased(FeedbackEmbedding)
    rows = session.execute(
        select(FeedbackEmbedding.feedback_id, func.count().label("n"))
        .join(other, other.group_id == FeedbackEmbedding.group_id)
        .where(FeedbackEmbedding.feedback_id.in_(ids))
        .group_by(FeedbackEmbedding.feedback_id)
    )
    return {row.feedback_id: row.n - 1 for row in rows if row.n > 1}


def first_without(session: Session, model: str, before: datetime) -> UUID | None:
    """A feedback from before that moment whose meaning this model has not made."""
    made = exists().where(FeedbackEmbedding.feedback_id == Feedback.id, FeedbackEmbedding.model == model)
    return session.scalars(understood().where(Feedback.received_at < before, ~made).limit(1)).first()


def latest_run_of(session: Session, model: str) -> EmbeddingRun | None:
    """The run of this model that was ordered last."""
    return session.scalars(
        select(EmbeddingRun).where(EmbeddingRun.made_by == model).order_by(EmbeddingRun.id.desc()).limit(1)
    ).first()


def how_many_kept(session: Session) -> int:
    """How many feedback have their meaning."""
    return session.execute(select(func.count(FeedbackEmbedding.feedback_id))).scalar_one()
