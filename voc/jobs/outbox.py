"""Writing, claiming, finishing and failing rows of work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, update
from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.core.vocabulary import WorkState
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.jobs import queries
from voc.jobs.registry import Event, Handler, Item, Lane, Registry
from voc.model import Work

MAX_ERROR = 2000


def row(
    handler: Handler,
    *,
    subject_id: UUID | None,
    now: datetime,
    data: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    dedupe: str | None = None,
) -> dict[str, Any]:
    """The values of one row of work, for bulk inserts on the hot path."""
    return {
        "id": new_id(),
        "kind": handler.kind,
        "lane": handler.lane,
        "subject_id": subject_id,
        "data": data or {},
        "dedupe": dedupe,
        "state": WorkState.TODO,
        "due_at": due_at or now,
        "attempts": 0,
        "worker": None,
        "lease_until": None,
        "error": None,
        "created_at": now,
    }


def registry_of(session: Session) -> Registry:
    """The registry that belongs to this session's database."""
    registry = session.info["registry"]
    assert isinstance(registry, Registry)  # noqa: S101  (tells the type checker)
    return registry


def enqueue(
    session: Session,
    kind: str,
    *,
    subject_id: UUID | None,
    now: datetime,
    data: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write one row of work in the caller's transaction."""
    handler = registry_of(session).handlers[kind]
    bulk_insert(
        session.connection(), table_of(Work), [row(handler, subject_id=subject_id, now=now, data=data, due_at=due_at)]
    )


def publish(session: Session, event: Event, *, now: datetime) -> None:
    """Report a fact: one row of work for each subscriber, in the caller's transaction."""
    publish_all(session, [event], now=now)


def publish_all(session: Session, events: Iterable[Event], *, now: datetime) -> None:
    """Report several facts with one insert."""
    registry, known = registry_of(session), list(events)
    listeners = {kind: registry.listeners(kind, session) for kind in {type(event) for event in known}}
    rows = [
        row(handler, subject_id=event.subject_id, now=now, dedupe=f"{new_id().hex}:{handler.kind}")
        for event in known
        for handler in listeners[type(event)]
    ]
    if rows:
        bulk_insert(session.connection(), table_of(Work), rows)


def claim(session: Session, *, lane: str, worker: str, now: datetime, limit: int, lease: timedelta) -> list[Item]:
    """Take up to `limit` due rows; each is given to exactly one worker."""
    return _take(session, queries.due_ids(lane, now, limit), worker, now + lease)


def _take(session: Session, ids: Select[UUID], worker: str, until: datetime) -> list[Item]:
    statement = (
        update(Work)
        .where(Work.id.in_(ids.scalar_subquery()))
        .values(state=WorkState.DOING, worker=worker, lease_until=until, attempts=Work.attempts + 1)
        .returning(Work.id, Work.kind, Work.subject_id, Work.data, Work.attempts)
        .execution_options(synchronize_session=False)
    )
    items = [Item(r.id, r.kind, r.subject_id, r.data, r.attempts) for r in session.execute(statement)]
    return sorted(items, key=lambda item: item.id)


def release_expired(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Give work back whose worker did not return in time; returns how much."""
    statement = (
        update(Work)
        .where(Work.id.in_(queries.expired_ids(now, limit).scalar_subquery()))
        .values(state=WorkState.TODO, worker=None, lease_until=None, due_at=now)
        .returning(Work.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def release_of(session: Session, *, worker: str, now: datetime) -> int:
    """Give back what a worker of this name held; its successor calls this when it starts."""
    statement = (
        update(Work)
        .where(Work.state == WorkState.DOING, Work.worker == worker)
        .values(state=WorkState.TODO, worker=None, lease_until=None, due_at=now)
        .returning(Work.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def finish(session: Session, ids: Sequence[UUID]) -> None:
    """Done: the rows go, in the transaction that holds their effect."""
    work = table_of(Work)
    session.connection().execute(delete(work).where(work.c.id.in_(ids)))


def put_back(
    session: Session,
    item: Item,
    *,
    worker: str,
    due_at: datetime,
    error: str,
    counted: bool,
    lane: Lane | None = None,
) -> None:
    """Try again at `due_at`, in another lane if one is given; `counted=False` when the failure was not the item's
    (database busy)."""
    attempts = item.attempts if counted else item.attempts - 1
    moved = {"lane": lane} if lane else {}
    _mark(
        session, item, worker, state=WorkState.TODO, due_at=due_at, error=error[:MAX_ERROR], attempts=attempts, **moved
    )


def quarantine(session: Session, item: Item, *, worker: str, error: str) -> None:
    """Give up until a person releases it; the reason stays with it."""
    _mark(session, item, worker, state=WorkState.QUARANTINED, error=error[:MAX_ERROR])


def release(session: Session, work_id: UUID, *, now: datetime) -> bool:
    """Take a row out of quarantine and try it again from the start; False when it is not there."""
    result = session.execute(
        update(Work)
        .where(Work.id == work_id, Work.state == WorkState.QUARANTINED)
        .values(state=WorkState.TODO, due_at=now, attempts=0, error=None)
        .returning(Work.id)
    )
    return result.first() is not None


def _mark(session: Session, item: Item, worker: str, **values: Any) -> None:
    session.execute(
        update(Work)
        .where(Work.id == item.id, Work.state == WorkState.DOING, Work.worker == worker)
        .values(worker=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
