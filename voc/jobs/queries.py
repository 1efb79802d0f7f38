"""SELECTs of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import WorkState
from voc.db.types import table_of, word
from voc.model import Backrun, Schedule, Work

Run = TypeVar("Run", bound=Backrun)


def due_ids(lane: str, now: datetime, limit: int) -> Select[UUID]:
    """Ids of work that may be claimed, earliest first; rows another worker is claiming are passed over."""
    return (
        select(Work.id)
        .where(Work.state == word(WorkState.TODO), Work.lane == lane, Work.due_at <= now)
        .order_by(Work.due_at, Work.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def expired_ids(now: datetime, limit: int) -> Select[UUID]:
    """Ids of work whose worker did not come back before its lease ended."""
    return (
        select(Work.id)
        .where(Work.state == word(WorkState.DOING), Work.lease_until < now)
        .order_by(Work.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def any_due(session: Session, lane: str, now: datetime) -> bool:
    """Whether there is something to claim; a plain read, so that an idle worker never takes the write lock."""
    statement = (
        select(Work.id).where(Work.state == word(WorkState.TODO), Work.lane == lane, Work.due_at <= now).limit(1)
    )
    return session.execute(statement).first() is not None


def any_expired(session: Session, now: datetime) -> bool:
    """Whether some worker did not come back in time."""
    statement = select(Work.id).where(Work.state == word(WorkState.DOING), Work.lease_until < now).limit(1)
    return session.execute(statement).first() is not None


def still_mine(session: Session, ids: Sequence[UUID], worker: str) -> set[UUID]:
    """Which of `ids` this worker still holds; the others were taken over after the lease ended."""
    work = table_of(Work).c  # plain columns: on this path half the price of asking through the mapping
    statement = select(work.id).where(work.id.in_(ids), work.state == word(WorkState.DOING), work.worker == worker)
    return set(session.connection().execute(statement.with_for_update()).scalars())


def next_due(session: Session, lane: str) -> datetime | None:
    """When the next thing happens by itself in `lane`: work falls due; in the slow one also leases and schedules.

    A lane looks only at what it does itself: else it would turn in circles while the other one is busy.
    """
    moments = [
        session.execute(
            select(func.min(Work.due_at)).where(Work.state == word(WorkState.TODO), Work.lane == lane)
        ).scalar()
    ]
    if lane == "slow":
        moments += [
            session.execute(select(func.min(Work.lease_until)).where(Work.state == word(WorkState.DOING))).scalar(),
            session.execute(select(func.min(Schedule.due_at))).scalar(),
        ]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting row could have been done; for /readyz and /metrics."""
    return session.execute(
        select(func.min(Work.due_at)).where(Work.state == word(WorkState.TODO), Work.due_at <= now)
    ).scalar()


def counts(session: Session) -> dict[str, int]:
    """Rows by state."""
    return {
        row.state: row.n for row in session.execute(select(Work.state, func.count().label("n")).group_by(Work.state))
    }


def quarantined(session: Session, limit: int = 100) -> Sequence[Row[UUID, str, UUID | None, str | None, int, datetime]]:
    """Work that could not be done, newest first: (id, kind, subject_id, error, attempts, created_at)."""
    return session.execute(
        select(Work.id, Work.kind, Work.subject_id, Work.error, Work.attempts, Work.created_at)
        .where(Work.state == word(WorkState.QUARANTINED))
        .order_by(Work.id.desc())
        .limit(limit)
    ).all()


def known_schedules(session: Session) -> set[str]:
    """Names of periodic work that has a row."""
    return set(session.scalars(select(Schedule.name)))


def due_schedules(session: Session, now: datetime) -> list[str]:
    """Names of periodic work that has come round."""
    return list(session.scalars(select(Schedule.name).where(Schedule.due_at <= now)))


def unfinished_runs(session: Session, model: type[Run]) -> Sequence[Run]:
    """Runs over the past that are going on, locked."""
    return session.scalars(select(model).where(model.finished_at.is_(None)).with_for_update()).all()


def run_for_update(session: Session, model: type[Run], run_id: UUID) -> Run:
    """The run, locked; raises NotFound."""
    found = session.scalars(select(model).where(model.id == run_id).with_for_update()).first()
    if found is None:
        raise NotFound
    return found


def newest_runs(session: Session, model: type[Run], limit: int) -> Sequence[Run]:
    """The runs that were ordered last, the newest first."""
    return session.scalars(select(model).order_by(model.id.desc()).limit(limit)).all()


def latest_run(session: Session, model: type[Run]) -> Run | None:
    """The run that was ordered last."""
    return next(iter(newest_runs(session, model, 1)), None)
