"""Marks: what changed is named in the transaction that changes it, and counted again soon after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights import queries
from voc.insights.counts import Place
from voc.model import FeedbackPhrase, FeedbackTopic, RollupMark

# How much one mark may name: one mark is counted in one go.
MOST_FEEDBACK = 500
MOST_PLACES = 20


def touch(session: Session, feedback_ids: Sequence[UUID], *, now: datetime) -> None:
    """Say that something about these feedback changed which is counted: stance, score, topics, or whether they count
    at all. One small row for a whole batch; call it in the transaction of the change, twice is harmless."""
    chunks = [feedback_ids[start : start + MOST_FEEDBACK] for start in range(0, len(feedback_ids), MOST_FEEDBACK)]
    rows = [
        {"id": new_id(), "feedback": [key.hex for key in chunk], "places": [], "created_at": now} for chunk in chunks
    ]
    bulk_insert(session.connection(), table_of(RollupMark), rows)


def touch_places(session: Session, places: Collection[Place], *, now: datetime) -> None:
    """Have whole days of channels counted again from the raw rows."""
    named = [[place.day.isoformat(), place.channel_id.hex] for place in sorted(places)]
    rows = [
        {"id": new_id(), "feedback": [], "places": named[start : start + MOST_PLACES], "created_at": now}
        for start in range(0, len(named), MOST_PLACES)
    ]
    bulk_insert(session.connection(), table_of(RollupMark), rows)


def remove(session: Session, feedback_ids: Sequence[UUID], *, now: datetime) -> None:
    """Before the rows of these feedback are deleted: their topics and phrases go, and their days are counted again
    without them."""
    touch_places(session, queries.places_of(session, feedback_ids, queries.zone(session)), now=now)
    for table in (FeedbackTopic, FeedbackPhrase):
        session.execute(
            delete(table).where(table.feedback_id.in_(feedback_ids)).execution_options(synchronize_session=False)
        )


def named(marks: Iterable[RollupMark]) -> tuple[list[UUID], set[Place]]:
    """The feedback and the places that marks name."""
    ids: dict[UUID, None] = {}
    places: set[Place] = set()
    for mark in marks:
        ids.update((UUID(hex=key), None) for key in mark.feedback)
        places.update(Place(date.fromisoformat(day), UUID(hex=channel)) for day, channel in mark.places)
    return list(ids), places
