"""Schedules of plugins: work that comes round by itself, ordered as work so that one worker at a time does each.

A schedule is looked up whenever it is ordered and whenever it is done: what was switched off meanwhile is not called,
and what was switched on is, without a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.errors import Temporary, VocError
from voc.core.text import one_line, shorten, storable
from voc.core.vocabulary import WorkState
from voc.jobs import Handler, Item, Periodic, Registry, enqueue
from voc.jobs.retry import Retry
from voc.model import PluginSchedule, Work
from voc.plugin import Scheduled, TryLater
from voc.plugin_host import PluginFailed
from voc.plugin_host import queries as plugins
from voc.plugin_host.context import House, Unset, plugin_context
from voc.runtime import queries

log = logging.getLogger(__name__)

KIND = "plugin.schedule"
LOOK = timedelta(seconds=20)
# Seconds that one run may take: less than the lease of work.
LIMIT = 30.0
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one run; `minutes` until the next."""

    outcome: str
    text: str
    minutes: float


def order(context: House, now: datetime) -> None:
    """Order what is due, and what a plugin brought newly; what nobody offers now stays as it was."""
    offered = _offered(context)
    with context.db.reading() as session:
        known = {row.name: (row.plugin, row.due_at) for row in plugins.schedules(session)}
    new = {name: plugin for name, (plugin, _) in offered.items() if known.get(name, ("",))[0] != plugin}
    due = [name for name in offered if name in known and name not in new and known[name][1] <= now]
    if not new and not due:
        return
    with context.db.writing(patience=30) as session:
        for name in (*new, *due):
            row = plugins.schedule_for_update(session, name)
            if row is None:
                row = PluginSchedule(
                    name=name, plugin=new[name], due_at=now, ran_at=None, outcome="", text="", failures=0
                )  # fmt: skip
                session.add(row)
                session.flush()
            row.plugin = offered[name][0]
            if row.due_at > now:
                continue
            row.due_at = now + timedelta(minutes=offered[name][1].minutes)
            if _free(session, row, now):
                enqueue(session, KIND, subject_id=None, now=now, data={"name": name})


def _free(session: Session, row: PluginSchedule, now: datetime) -> bool:
    """Whether nothing of this schedule waits or runs. What was given up, because no worker survived it, is put on
    record and tried again."""
    for work in queries.ordered(session, KIND):
        if work.data.get("name") != row.name:
            continue
        if work.state is not WorkState.QUARANTINED:
            return False
        _note(row, Ran("failed", work.error or "", 0), now)
        session.execute(delete(Work).where(Work.id == work.id))
    return True


def _offered(context: House) -> dict[str, tuple[str, Scheduled]]:
    found = context.host.offered("schedules")
    return {name: (plugin, offer) for name, (plugin, offer) in found.items() if isinstance(offer, Scheduled)}


def run(context: House, items: Sequence[Item]) -> list[Ran | None]:
    """Do what was ordered; None for what nobody offers any more. Whatever goes wrong is an answer."""
    return [_run(context, str(item.data.get("name"))) for item in items]


def _run(context: House, name: str) -> Ran | None:
    found = _offered(context).get(name)
    if found is None:
        return None
    plugin, offer = found
    try:
        ctx = plugin_context(context, plugin)
        told = {wish: _TELLING[wish](context) for wish in offer.wants if wish in _TELLING}
        text = context.host.guard.call(plugin, offer.run, ctx, told, limit=LIMIT)
    except PluginFailed as error:
        wish = Temporary(after=error.__cause__.after).after if isinstance(error.__cause__, TryLater) else None
        minutes = offer.minutes if wish is None else min(max(wish / 60, 1), offer.minutes)
        return Ran("failed", _sentence(error.__cause__ or error.reason), minutes)
    except Unset as error:
        return Ran("unset", _sentence(error), offer.minutes)
    except VocError as error:
        return Ran("failed", _sentence(error), offer.minutes)
    if text is not None and not isinstance(text, str):
        return Ran("failed", f"plugin {plugin} gave no answer that means anything", offer.minutes)
    masked = getattr(ctx.log, "masked", str)
    return Ran("done", _sentence(masked(text or "")), offer.minutes)


def _sentence(text: object) -> str:
    return shorten(one_line(storable(str(text))), LONGEST_TEXT)


def store(session: Session, context: House, pairs: Sequence[tuple[Item, Ran | None]]) -> None:
    """Keep what became of the runs, and when they come round again."""
    now = context.clock()
    for item, ran in pairs:
        row = plugins.schedule_for_update(session, str(item.data.get("name")))
        if row is not None and ran is not None:
            _note(row, ran, now)
            row.due_at = now + timedelta(minutes=ran.minutes)


def _note(row: PluginSchedule, ran: Ran, now: datetime) -> None:
    row.ran_at, row.outcome, row.text = now, ran.outcome, ran.text
    row.failures = row.failures + 1 if ran.outcome == "failed" else 0
    if ran.outcome == "failed":
        log.warning("schedule failed", extra={"schedule": row.name, "plugin": row.plugin, "failures": row.failures})


def figures(context: House) -> Mapping[str, Any]:
    """How the house stands: promises that are open, those that are overdue, people left behind as the last proof
    counted them (None before the first), when that was, work that is due, and work in quarantine."""
    with context.db.reading() as session:
        return queries.standing(session, context.clock())


_TELLING = {"figures": figures}


def register(registry: Registry) -> None:
    """Declare the work."""
    registry.add(
        [Handler(KIND, store, run, lane="door", retry=Retry(attempts=3))], [Periodic("plugins.schedules", LOOK, order)]
    )
