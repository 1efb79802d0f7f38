"""The feedback whose words mean most nearly what somebody asks, or what another one says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.embedding import vectors
from voc.search.facets import Filters
from voc.search.meaning import queries

NEWEST = 20_000  # of what the filters leave, so many are compared; older ones are not found
MOST = 50
BESIDE = 5_000  # the same for what is shown beside one feedback
# Seen from the middle of all: what is not even this near has nothing to do with it.
LEAST = 0.2
SIMILAR = 0.35


@dataclass(frozen=True, slots=True)
class Hit:
    """A feedback, and how near it is (1: the same)."""

    feedback_id: UUID
    nearness: float


def by_meaning(
    session: Session, question: vectors.Vector, model: str, filters: Filters, *, limit: int = MOST, least: float = LEAST
) -> list[Hit]:
    """The nearest of the newest 20,000 that the filters leave, the nearest first."""
    rows = queries.newest(session, model, filters, NEWEST)
    return _nearest(question, [(row.feedback_id, row.vector) for row in rows], limit, least)


def similar_to(session: Session, feedback_id: UUID, *, limit: int) -> list[Hit]:
    """What is nearest to a feedback among the newest 5,000, without what says nearly the same; nothing as long as its
    meaning is not made."""
    mine = queries.kept(session, feedback_id)
    if mine is None:
        return []
    same = set(queries.alike(session, mine.group_id, BESIDE))
    rows = queries.newest(session, mine.model, Filters(), BESIDE)
    others = [(row.feedback_id, row.vector) for row in rows if row.feedback_id not in same]
    return _nearest(vectors.unpacked([mine.vector])[0], others, limit, SIMILAR)


def _nearest(question: vectors.Vector, rows: Sequence[tuple[UUID, bytes]], limit: int, least: float) -> list[Hit]:
    if not rows:
        return []
    near = vectors.nearness(question, vectors.unpacked([vector for _, vector in rows]))
    order = sorted(range(len(rows)), key=lambda index: (-near[index], index))[:limit]
    return [Hit(rows[index][0], round(near[index], 4)) for index in order if near[index] >= least]
