"""Keeping meanings, and grouping what says nearly the same within some weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from voc.analysis.embedding import vectors
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.model import FeedbackEmbedding
from voc.search.meaning import queries
from voc.search.meaning.same import LEAST, nearly_same, said

DAYS = timedelta(days=30)
COMPARED = 5_000  # groups that a feedback is compared with
LOOKED_AT = 10  # of these, the nearest, whose words are looked at


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is to be kept of one feedback."""

    feedback_id: UUID
    text: str
    received_at: datetime
    vector: bytes


@dataclass(slots=True)
class _Head:
    """A feedback that stands for a group; its words are read when they are needed."""

    feedback_id: UUID
    received_at: datetime
    vector: bytes
    words: frozenset[str] | None = None


def grouped(session: Session, model: str, made: Sequence[Meaning]) -> dict[UUID, UUID]:
    """The group of each of these: that of the nearest feedback which stands for one and says nearly the same, else its
    own. Reads only.

    Compared is only with the feedback that stands for a group, so that a group cannot wander off step by step.
    """
    if not made:
        return {}
    heads = _heads(session, model, made)
    known, fresh = vectors.unpacked([head.vector for head in heads]) if heads else None, len(heads)
    found: dict[UUID, UUID] = {}
    for one in made:
        mine = said(one.text)
        group = None
        mean = vectors.unpacked([one.vector])[0]
        near = vectors.closeness(mean, known) if known is not None else []
        if heads[fresh:]:
            near += vectors.closeness(mean, vectors.unpacked([head.vector for head in heads[fresh:]]))
        for head, close in _nearest(one, heads, near):
            if head.words is None:
                head.words = said(queries.text_of(session, head.feedback_id))
            if nearly_same(mine, head.words, close):
                group = head.feedback_id
                break
        found[one.feedback_id] = group or one.feedback_id
        if group is None:
            heads.append(_Head(one.feedback_id, one.received_at, one.vector, mine))
    return found


def _heads(session: Session, model: str, made: Sequence[Meaning]) -> list[_Head]:
    """What stands for the groups of the weeks around these."""
    since, until = min(one.received_at for one in made) - DAYS, max(one.received_at for one in made) + DAYS
    mine = {one.feedback_id for one in made}
    rows = queries.heads(session, model, since=since, until=until, limit=COMPARED)
    return [_Head(row.feedback_id, row.received_at, row.vector) for row in rows if row.feedback_id not in mine]


def _nearest(one: Meaning, heads: Sequence[_Head], near: Sequence[float]) -> Iterable[tuple[_Head, float]]:
    """The heads nearest to a feedback, of its weeks, the nearest first; `near` says how near each is."""
    fits = [
        (head, value)
        for head, value in zip(heads, near, strict=True)
        if value >= LEAST and abs(head.received_at - one.received_at) <= DAYS
    ]
    return sorted(fits, key=lambda pair: -pair[1])[:LOOKED_AT]


def put(session: Session, model: str, made: Sequence[Meaning], groups: dict[UUID, UUID], *, now: datetime) -> None:
    """Keep these, in the place of what was kept of them."""
    take_out(session, [one.feedback_id for one in made])
    rows = [
        {
            "feedback_id": one.feedback_id,
            "model": model,
            "vector": one.vector,
            "group_id": groups[one.feedback_id],
            "made_at": now,
        }
        for one in made
    ]
    bulk_insert(session.connection(), table_of(FeedbackEmbedding), rows)


def take_out(session: Session, ids: Sequence[UUID]) -> None:
    """Forget the meaning of these: after their words changed, and when they are gone. For a group that one of them
    stood for, the oldest of the others stands from now on."""
    if ids:
        for group_id in queries.stood_for(session, ids):
            head = queries.oldest_other(session, group_id, ids)
            session.execute(
                update(FeedbackEmbedding)
                .where(FeedbackEmbedding.group_id == group_id, FeedbackEmbedding.feedback_id.not_in(ids))
                .values(group_id=head)
                .execution_options(synchronize_session=False)
            )
        session.execute(
            delete(FeedbackEmbedding)
            .where(FeedbackEmbedding.feedback_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
