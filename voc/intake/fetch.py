"""Fetching: what channels pull from other people's servers, a page at a time, stored together with its cursor.

Every active channel that can fetch has one row of work. It is done again and again: soon when there is more, after
its pause when there is not, later and later while it goes wrong. What went wrong is the channel's visible health;
nothing of it ends in quarantine, because a mailbox that was down for a week is simply fetched when it is back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import VocError
from voc.core.settings import Settings
from voc.core.text import shorten, storable
from voc.core.vocabulary import Door
from voc.db import Database
from voc.intake import queries
from voc.intake.arrive import incoming
from voc.intake.writer import accept_all
from voc.jobs import Item, Registry, enqueue
from voc.model import Channel
from voc.plugin import Misconfigured, Page, Pulled, TryLater
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.context import context_of
from voc.security.keys import Keys

log = logging.getLogger(__name__)

KIND = "intake.fetch"
# One call may talk to a slow server; shorter than the lease of its row of work.
CALL = 90.0
MOST_ITEMS = 500
MOST_BYTES = 64_000_000
MOST_CURSOR = 100_000
PAUSE = timedelta(seconds=60)
LONGEST = timedelta(minutes=15)


class Context(Protocol):
    """What fetching needs of the runtime."""

    settings: Settings
    db: Database
    host: PluginHost
    keys: Keys
    registry: Registry

    @property
    def clock(self) -> Clock:
        """What time it is."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a page could not be had. `after`: when the source itself said to come back; `person`: somebody must act."""

    reason: str
    after: float | None = None
    person: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The page of one channel, asked for with `cursor`."""

    cursor: dict[str, Any] | None
    result: Page | Trouble


def fetch(context: Context, items: Sequence[Item]) -> list[Fetched | None]:
    """Ask each channel for its next page; None for one that is gone, switched off, or fetches nothing."""
    return [_fetch(context, item) for item in items]


def _fetch(context: Context, item: Item) -> Fetched | None:
    with context.db.reading() as session:
        channel = queries.active_channel(session, item.subject)
    if channel is None or not polled(channel.options):
        return None
    found = context.host.channel(channel.kind)
    if found is None:
        return Fetched(channel.cursor, Trouble(f"no loaded plugin offers channels of kind {channel.kind}", person=True))
    if not context.host.capable(channel.kind, "FETCH"):
        return None
    return Fetched(channel.cursor, _page(context, channel, *found))


def _page(context: Context, channel: Channel, plugin: str, implementation: Any) -> Page | Trouble:
    try:
        ctx = context_of(context, channel)
        page = context.host.guard.call(plugin, implementation.fetch, ctx, channel.cursor, limit=CALL)
    except PluginFailed as error:
        cause = error.__cause__
        reason = shorten(storable(str(cause) or error.reason), 500)
        if isinstance(cause, TryLater):
            return Trouble(reason, after=cause.after)
        return Trouble(reason, person=isinstance(cause, Misconfigured))
    except VocError as error:
        return Trouble(str(error), person=True)
    wrong = _problem(page)
    return Trouble(f"plugin {plugin} returned a page that cannot be: {wrong}", person=True) if wrong else page


def _problem(page: Any) -> str | None:
    """What is wrong with a page; a plugin is not believed."""
    if not isinstance(page, Page):
        return f"it is a {type(page).__name__}"
    if len(page.items) > MOST_ITEMS:
        return f"it has more than {MOST_ITEMS} items"
    for item in page.items:
        if not isinstance(item, Pulled) or not isinstance(item.body, bytes) or not item.delivery_id:
            return "every item must be a Pulled with bytes and a delivery_id"
    if sum(len(item.body) for item in page.items) > MOST_BYTES:
        return f"its items are longer than {MOST_BYTES} bytes together"
    try:
        written = json.dumps(page.cursor, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return "its cursor is not what JSON can hold"
    return "its cursor is too long" if len(written) > MOST_CURSOR or "\\u0000" in written else None


def store_pages(session: Session, context: Context, pairs: Sequence[tuple[Item, Fetched | None]]) -> None:
    """Store each page with its cursor, in one transaction, and say when to look again."""
    for item, fetched in pairs:
        if fetched is None:
            continue
        channel = queries.channel_for_update(session, item.subject)
        now = context.clock()
        if channel is None or not channel.active:
            continue
        if isinstance(fetched.result, Trouble):
            due = now + _failed(channel, fetched.result)
        else:
            due = now + _succeeded(session, context, channel, fetched, fetched.result, now)
        if not queries.other_work(session, KIND, channel.id, item.id):
            enqueue(session, KIND, subject_id=channel.id, now=now, due_at=due)


def _succeeded(
    session: Session, context: Context, channel: Channel, fetched: Fetched, page: Page, now: datetime
) -> timedelta:
    """Receipts and cursor; the pause until the next page. A page asked for with another cursor moves no cursor."""
    accepted = accept_all(
        session.connection(),
        context.registry,
        [
            incoming(
                context.keys,
                door=Door.FETCH,
                channel_id=channel.id,
                body=item.body,
                content_type=item.content_type,
                now=now,
                delivery_id=item.delivery_id,
                headers=item.headers,
            )
            for item in page.items
        ],
    )
    if any(not getattr(outcome, "repeated", True) for outcome in accepted):
        channel.arrived_at = now
    if page.cursor is not None and channel.cursor == fetched.cursor:
        channel.cursor = dict(page.cursor)
    channel.fetched_at, channel.failures = now, 0
    channel.health = "warning" if page.notice else "ok"
    channel.health_text = shorten(storable(page.notice), 500) or None
    return timedelta() if page.more else pause_of(channel)


def _failed(channel: Channel, trouble: Trouble) -> timedelta:
    """Health that says so, and a pause that grows; a single miss of a server that comes back is only a warning."""
    channel.failures += 1
    channel.health = "failing" if trouble.person or channel.failures > 2 else "warning"
    channel.health_text = trouble.reason
    log.warning("fetching failed", extra={"channel": channel.slug, "reason": trouble.reason})
    if trouble.after is not None:
        return timedelta(seconds=min(max(trouble.after, 1.0), 86_400.0))
    grown: timedelta = pause_of(channel) * 2 ** min(channel.failures - 1, 10)
    return min(grown, LONGEST)


def pause_of(channel: Channel) -> timedelta:
    """Seconds between two looks: the channel's option `poll_seconds`, else a minute."""
    seconds = channel.options.get("poll_seconds")
    return timedelta(seconds=min(max(int(seconds), 1), 86_400)) if isinstance(seconds, int) else PAUSE


def fetches(host: PluginHost, channel: Channel) -> bool:
    """Whether voc looks for what is new in this channel; else what it brings comes by itself."""
    return host.capable(channel.kind, "FETCH") and polled(channel.options)


def polled(options: Mapping[str, Any]) -> bool:
    """Whether a channel is looked into by itself; with a pause of 0 it only takes what is brought."""
    return options.get("poll_seconds") != 0


def schedule(context: Context, now: datetime) -> None:
    """Give every active channel that can fetch its row of work, if it has none; safe to run at any time."""
    kinds = [kind for kind in context.host.kinds() if context.host.capable(kind, "FETCH")]
    with context.db.reading() as session:
        idle = _unscheduled(session, kinds)
    if not idle:
        return
    with context.db.writing(patience=30) as session:
        for channel_id in _unscheduled(session, kinds):
            enqueue(session, KIND, subject_id=channel_id, now=now)


def _unscheduled(session: Session, kinds: Sequence[str]) -> list[UUID]:
    found = queries.unscheduled(session, KIND, kinds)
    return [channel_id for channel_id, options in found if polled(options)]


def fetch_soon(session: Session, channel_id: UUID, *, now: datetime) -> None:
    """Look at this channel now, in its turn."""
    waiting = queries.waiting_work(session, KIND, channel_id)
    if waiting is None:
        enqueue(session, KIND, subject_id=channel_id, now=now)
    else:
        waiting.due_at = now
