"""Periodic work: one row a name says when it runs next; taking it is a conditional update, so one worker wins."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from voc.db.types import table_of
from voc.jobs import queries
from voc.model import Schedule

if TYPE_CHECKING:
    from voc.jobs.engine import Context

log = logging.getLogger(__name__)


def run_due(context: Context) -> int:
    """Run what has come round and return how much. A run that fails is logged and comes round again."""
    now = context.clock()
    with context.db.reading() as session:
        missing = set(context.registry.periodic) - queries.known_schedules(session)
        due = [name for name in queries.due_schedules(session, now) if name in context.registry.periodic]
    if missing:
        with context.db.writing(patience=30) as session:
            session.execute(
                insert(table_of(Schedule)), [{"name": name, "due_at": now, "ran_at": None} for name in missing]
            )
        due = [*due, *missing]
    ran = 0
    for name in due:
        item = context.registry.periodic[name]
        with context.db.writing(patience=30, durable=False) as session:
            taken = session.execute(
                update(Schedule)
                .where(Schedule.name == name, Schedule.due_at <= now)
                .values(due_at=now + item.every, ran_at=now)
                .returning(Schedule.name)
            ).first()
        if taken is None:
            continue
        try:
            item.run(context, now)
            ran += 1
        except Exception:  # the job border
            log.exception("periodic work failed", extra={"periodic": name})
    return ran
