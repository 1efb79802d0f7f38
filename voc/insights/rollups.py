"""Keeping the rollups true: what was marked is counted again from the raw rows, whole days of a channel at a time.

Never "everything after the last id": on PostgreSQL rows become visible out of order, and old days change too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.db import Database
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights import queries
from voc.insights.marks import named, touch_places
from voc.insights.survey import snapshot, store, survey
from voc.model import RollupMark, RollupState

log = logging.getLogger(__name__)

# How many marks are looked at in one go, and how much of what they name is counted in it.
MARKS = 64
FEEDBACK = 1000
PLACES = 20
ROUNDS = 1000
# Counting takes at most a tenth of the worker's time: after a long run there is a rest of nine times its length.
REST = 9
WORTH_RESTING = timedelta(seconds=1)


class Context(Protocol):
    """What counting needs of the runtime."""

    db: Database

    @property
    def clock(self) -> Clock:
        """What time it is."""


def roll_up(context: Context, now: datetime) -> int:
    """Count again whatever was marked; returns how many marks were worked off. Safe to run twice, beside another one
    and after being killed: marks go in the transaction that writes their effect."""
    with context.db.reading() as session:
        state, waits = queries.state(session), queries.pending_since(session) is not None
        stale = state is None or state.zone != queries.zone(session).key
    if stale:
        start_over(context, now)
    elif not waits or (state is not None and state.rest_until is not None and now < state.rest_until):
        return 0
    return work_off(context)


def work_off(context: Context) -> int:
    """The same without looking at the rest that is due."""
    began, done = context.clock(), 0
    for _ in range(ROUNDS):
        found = _round(context)
        if found is None:
            break
        done += found
    end = context.clock()
    if end - began >= WORTH_RESTING:
        with context.db.writing(patience=30, durable=False) as session:
            session.execute(update(RollupState).values(rest_until=end + REST * (end - began)))
    return done


def _round(context: Context) -> int | None:
    """One go: survey without holding the database, then write; None when nothing waits or somebody else counts."""
    with snapshot(context.db) as session:
        state, marks = queries.state(session), _enough(queries.marks(session, MARKS))
        if state is None or not marks:
            return None
        ids, places = named(marks)
        found = survey(session, ids, places, queries.zone(session))
    done = [mark.id for mark in marks]
    if not store(context.db, found, version=state.version, done=done):
        log.info("somebody else counted meanwhile")
        return None
    return len(done)


def _enough(marks: Sequence[RollupMark]) -> list[RollupMark]:
    """As many marks as are counted in one go, at least one."""
    taken: list[RollupMark] = []
    feedback = places = 0
    for mark in marks:
        feedback, places = feedback + len(mark.feedback), places + len(mark.places)
        if taken and (feedback > FEEDBACK or places > PLACES):
            break
        taken.append(mark)
    return taken


def start_over(context: Context, now: datetime) -> None:
    """Mark every place there is, raw or counted: nothing was counted yet, or the house moved to another zone."""
    with snapshot(context.db) as session:
        zone, state = queries.zone(session), queries.state(session)
        places = {*queries.raw_places(session, zone), *queries.stored_places(session)}
    log.info("everything is counted from the beginning", extra={"places": len(places), "zone": zone.key})
    with context.db.writing(patience=30) as session:
        if _begin(session, state, zone.key):
            touch_places(session, places, now=now)


def _begin(session: Session, before: RollupState | None, zone: str) -> bool:
    """Set the zone; False when somebody else did meanwhile."""
    if before is None:
        bulk_insert(
            session.connection(), table_of(RollupState), [{"id": 1, "version": 0, "zone": zone, "rest_until": None}]
        )
        return True
    taken = session.execute(
        update(RollupState)
        .where(RollupState.version == before.version)
        .values(version=before.version + 1, zone=zone, rest_until=None)
        .returning(RollupState.version)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None
