"""Schedules of plugins: work that comes round by itself, ordered as work so that one worker at a time does each.

A schedule is looked up whenever it is ordered and whenever it is done: what was switched off meanwhile is not called,
and what was switched on is, without a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.errors import Temporary, VocError
from voc.core.text import one_line, shorten, storable
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
# When one that no worker survived is tried again at the latest: it may end the next one too.
AGAIN = timedelta(hours=1)


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
        known = {row.name: row for row in plugins.schedules(session)}
        new = {
            name: plugin for name, (plugin, _) in offered.items() if getattr(known.get(name), "plugin", "") != plugin
        }
        due = [name for name in offered if name in known and name not in new and known[name].due_at <= now]
        away = due or any(_is_away(known[name], offer) for name, (_, offer) in offered.items() if name in known)
        given_up = queries.given_up(session, KIND) if away else ()
        lost = {str(work.data.get("name")) for work in given_up} & offered.keys()
    if not new and not due and not lost:
        return
    with context.db.writing(patience=30) as session:
        if lost:
            _take_back(session, lost, now)
        for name in (*new, *dict.fromkeys((*due, *lost))):
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
            if not any(work.data.get("name") == name for work in queries.ordered(session, KIND)):
                enqueue(session, KIND, subject_id=None, now=now, data={"name": name})


def _is_away(row: PluginSchedule, offer: Scheduled) -> bool:
    """Whether it was ordered after it ran last, so that it is worth looking for: only then is work read through."""
    return row.ran_at is None or row.due_at - timedelta(minutes=offer.minutes) > row.ran_at


def _take_back(session: Session, names: Collection[str], now: datetime) -> None:
    """Put on record what was given up, because no worker survived it, and let it come round again before long: of one
    that comes once a day nobody would hear until tomorrow."""
    for work in queries.given_up(session, KIND, locked=True):
        name = str(work.data.get("name"))
        row = plugins.schedule_for_update(session, name) if name in names else None
        if row is not None:
            _note(row, Ran("failed", work.error or "", 0), now)
            row.due_at = min(row.due_at, now + AGAIN)
            session.execute(delete(Work).where(Work.id == work.id))


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
        if row is None:
            continue
        if ran is None:
            # It was switched off on the way: it comes round as soon as somebody offers it again.
            row.due_at = now
            continue
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
