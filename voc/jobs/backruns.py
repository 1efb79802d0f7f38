"""Runs over the past: something done again page by page in the background, with progress, to be stopped and resumed.

Whoever needs one brings a table with the columns of `voc.model.Backrun` and a handler that does one page. A page is
one transaction with the order for the next, so that a killed worker goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.errors import Conflict
from voc.core.ids import new_id
from voc.jobs import queries
from voc.jobs.outbox import enqueue
from voc.model import Backrun

Run = TypeVar("Run", bound=Backrun)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a page gets: it began after `start`, looked at `seen` feedback and ends with `last` (None: there was
    nothing more). `total`: how many there are in the whole run."""

    start: UUID | None
    last: UUID | None
    seen: int
    total: int


def order(
    session: Session,
    model: type[Run],
    kind: str,
    *,
    asked_by: UUID | None,
    since: datetime | None,
    now: datetime,
    **more: Any,
) -> Run:
    """Order a run over everything that came in since then (None: ever); one that is still going on is stopped."""
    for older in queries.unfinished_runs(session, model):
        older.stopped, older.finished_at = True, now
    asked: dict[str, Any] = {"since": since, "asked_by": asked_by, "asked_at": now}
    begun: dict[str, Any] = {"total": None, "seen": 0, "changed": 0, "stopped": False, "finished_at": None}
    # By keywords that the shared columns do not declare: every model has them.
    run: Run = cast("Any", model)(id=new_id(), reached_id=None, **asked, **begun, **more)
    session.add(run)
    session.flush()
    enqueue(session, kind, subject_id=run.id, now=now)
    return run


def stop(session: Session, model: type[Backrun], run_id: UUID, *, now: datetime) -> bool:
    """Stop a run; what it did stays. Raises NotFound; False when it had ended before."""
    run = queries.run_for_update(session, model, run_id)
    if run.finished_at is not None:
        return False
    run.stopped, run.finished_at = True, now
    return True


def resume(session: Session, model: type[Backrun], kind: str, run_id: UUID, *, now: datetime) -> bool:
    """Let a stopped run go on where it was. Raises NotFound, and Conflict while another one is going on or when a
    newer one was ordered; False when it was not stopped."""
    run = queries.run_for_update(session, model, run_id)
    if not run.stopped:
        return False
    newest = queries.latest_run(session, model)
    if newest is None or newest.id != run.id:
        raise Conflict("a newer run was ordered meanwhile")
    run.stopped, run.finished_at = False, None
    session.flush()
    enqueue(session, kind, subject_id=run.id, now=now)
    return True


def is_next(run: Backrun, reached: Reached) -> bool:
    """Whether this page is the one that comes next; otherwise another worker did it, or the run was stopped."""
    return run.finished_at is None and run.reached_id == reached.start


def advance(session: Session, run: Backrun, kind: str, reached: Reached, *, changed: int, now: datetime) -> None:
    """Count a page that was done, and order the next one or end the run."""
    run.total = reached.total
    run.changed += changed
    if reached.last is None:
        run.finished_at = now
        return
    run.seen += reached.seen
    run.reached_id = reached.last
    enqueue(session, kind, subject_id=run.id, now=now)
