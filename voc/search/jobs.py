"""What the search does in the worker: fill the index after an upgrade or a loss, and look now and then whether it is
complete. What comes in by itself is put into the index by the pipeline, in the transaction that understands it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.db import Database
from voc.jobs import Handler, Item, Periodic, Registry, enqueue
from voc.search import queries
from voc.search.index import reindex, take_out
from voc.search.queries import BACKFILL

# Feedback in one transaction: some milliseconds, so that nobody waits for it.
CHUNK = 100


class Context(Protocol):
    """What the search needs of the runtime."""

    db: Database
    clock: Clock


def _backfill(session: Session, context: Context, pairs: Sequence[tuple[Item, None]]) -> None:
    """One chunk after the key that the work names, and the work for the next one in the same transaction: whoever
    is killed begins again with this chunk, and writing it twice changes nothing."""
    for item, _ in pairs:
        after = item.data.get("after")
        ids = queries.next_ids(session, UUID(after) if after else None, CHUNK)
        reindex(session, ids)
        if len(ids) == CHUNK:
            enqueue(session, BACKFILL, subject_id=None, now=context.clock(), data={"after": str(ids[-1])})
        else:
            _sweep(session)


def _sweep(session: Session) -> None:
    """Take out what is no feedback any more."""
    while ids := queries.first_of(session, queries.superfluous(), CHUNK):
        take_out(session, ids)


def look_after(context: Context, now: datetime) -> None:
    """Fill the index again when something is missing in it, or too much."""
    with context.db.reading() as session:
        whole = not (
            queries.first_of(session, queries.missing(), 1) or queries.first_of(session, queries.superfluous(), 1)
        )
        if whole or queries.backfilling(session):
            return
    with context.db.writing(patience=30) as session:
        enqueue(session, BACKFILL, subject_id=None, now=now)


def register(registry: Registry) -> None:
    """Declare the handler and the periodic look."""
    registry.add(
        [Handler(BACKFILL, apply=_backfill, lane="slow", durable=False)],
        [Periodic("search.complete", timedelta(hours=12), look_after)],
    )
