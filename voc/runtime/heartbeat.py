"""The worker's sign of life: one row that every worker touches now and then, whatever its lanes are busy with."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from voc.core.errors import Busy
from voc.db import Database
from voc.model import Schedule

if TYPE_CHECKING:
    from voc.runtime.build import Runtime

log = logging.getLogger(__name__)

NAME = "worker.alive"
EVERY = timedelta(seconds=30)
# Without a sign for so long no worker is alive: four were missed.
SILENT = timedelta(minutes=2)
# The row says when it ran; it never runs next, and must not be what a lane wakes up for.
_NEVER = timedelta(days=36_500)
# What the engine calls its threads begins so.
_LANE = "lane-"


def beat(db: Database, now: datetime) -> None:
    """Write that a worker is alive; raises Busy. On SQLite it does not wait for the disk."""
    with db.writing(durable=False) as session:
        mark = session.get(Schedule, NAME)
        if mark is None:
            session.add(Schedule(name=NAME, due_at=now + _NEVER, ran_at=now))
        elif mark.ran_at is None or mark.ran_at < now:
            mark.ran_at, mark.due_at = now, now + _NEVER


def seen(session: Session) -> datetime | None:
    """When a worker gave its last sign of life; None when none ever did."""
    mark = session.get(Schedule, NAME)
    return mark.ran_at if mark else None


def is_silent(seen: datetime | None, *, since: datetime, now: datetime) -> bool:
    """Whether no worker is alive. `since` is when whoever asks began: a worker that starts with him needs a moment."""
    return now - max(seen or since, since) > SILENT


def keep_beating(runtime: Runtime, stop: threading.Event, *, pause: float = 5.0) -> None:
    """Beat until `stop`, as long as a lane of this process is at work: without one it is as good as dead."""
    last: float | None = None
    while True:
        due = last is None or time.monotonic() - last >= EVERY.total_seconds()
        if due and any(thread.name.startswith(_LANE) for thread in threading.enumerate()):
            try:
                beat(runtime.db, runtime.clock())
                last = time.monotonic()
            except (Busy, DBAPIError) as error:
                log.warning("the sign of life could not be written", extra={"reason": str(error)})
        if stop.wait(pause if last is not None else min(pause, 0.5)):
            return
