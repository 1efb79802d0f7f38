"""Testing connections: the worker asks the plugin whether a channel could work; the answer stays with the channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.errors import NotFound, VocError
from voc.core.text import shorten, storable
from voc.intake import queries
from voc.intake.fetch import CALL, Context
from voc.jobs import Item, enqueue
from voc.model import Channel
from voc.plugin import Channel as ChannelPlugin
from voc.plugin import Health
from voc.plugin_host import PluginFailed
from voc.plugin_host.context import context_of
from voc.security.access import Actor, require

CHECK_KIND = "intake.check"


def check_channels(context: Context, items: Sequence[Item]) -> list[Health | None]:
    """Ask the plugins whether these channels could work; None for one that is gone or has no plugin."""
    return [_check(context, item) for item in items]


def _check(context: Context, item: Item) -> Health | None:
    with context.db.reading() as session:
        channel = session.get(Channel, item.subject)
    found = context.host.channel(channel.kind) if channel else None
    return check_now(context, channel, *found) if channel and found else None


def check_now(context: Context, channel: Channel, plugin: str, implementation: ChannelPlugin) -> Health:
    """Test the connection; whatever goes wrong is an answer, never an exception."""
    try:
        ctx = context_of(context, channel)
        health = context.host.guard.call(plugin, implementation.check, ctx, limit=CALL)
    except PluginFailed as error:
        return Health("failing", shorten(storable(str(error.__cause__ or error.reason)), 500))
    except VocError as error:
        return Health("failing", str(error))
    if not isinstance(health, Health) or health.state not in ("ok", "warning", "failing"):
        return Health("failing", f"plugin {plugin} gave no answer that means anything")
    return Health(health.state, shorten(storable(str(health.text)), 500))


def store_checks(session: Session, context: Context, pairs: Sequence[tuple[Item, Health | None]]) -> None:
    """Keep what the tests of the connections said: as the channel's health, and as the last test."""
    for item, health in pairs:
        channel = queries.channel_for_update(session, item.subject)
        if channel is not None and health is not None:
            channel.health, channel.health_text = health.state, health.text or None
            channel.tested_at = context.clock()
            channel.tested_health, channel.tested_text = health.state, health.text or None


def check_soon(session: Session, channel_id: UUID, *, now: datetime, actor: Actor) -> None:
    """Let the worker test the connection; the channel's page shows what came of it. Raises NotFound."""
    require(actor, "channel.edit")
    if queries.channel_for_update(session, channel_id) is None:
        raise NotFound
    order_check(session, channel_id, now=now)


def order_check(session: Session, channel_id: UUID, *, now: datetime) -> None:
    """Order a test; one that waits already is enough."""
    if not queries.waiting_kinds(session, channel_id, (CHECK_KIND,)):
        enqueue(session, CHECK_KIND, subject_id=channel_id, now=now)
