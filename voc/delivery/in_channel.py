"""Answering in the customer's own channel, through its plugin."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import Permanent, Temporary, VocError
from voc.core.settings import Settings
from voc.core.text import shorten, storable
from voc.core.vocabulary import LANGUAGES
from voc.db import Database
from voc.delivery import queries, states
from voc.delivery.memory import memory_of
from voc.delivery.naming import remember
from voc.delivery.outcome import Outcome, Sent, Settled
from voc.delivery.queries import Letter
from voc.model import Channel
from voc.plugin import Misconfigured, Outbound, TryLater, Undeliverable
from voc.plugin import Sent as Left
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.context import context_of
from voc.security.keys import Keys

# Seconds one call may take: shorter than the lease of a row of work.
CALL = 75.0
LONGEST_ID = 400
GONE = "the channel it came through is gone or switched off"
NO_PLUGIN = "no loaded plugin can answer in this channel"


class Context(Protocol):
    """What answering in a channel needs of the runtime."""

    settings: Settings
    db: Database
    host: PluginHost
    keys: Keys

    @property
    def clock(self) -> Clock:
        """What time it is."""


def send_in_channel(runtime: Context, letter: Letter) -> Outcome:
    """Give the answer to the channel's plugin. Raises Permanent when it can never go this way, Temporary when a
    further try makes sense: also after a failure whose outcome nobody knows, under the same id."""
    with runtime.db.reading() as session:
        channel = queries.channel(session, letter.channel_id)
    if channel is None or not channel.active:
        raise Permanent(GONE)
    found = runtime.host.channel(channel.kind)
    if found is None or not runtime.host.capable(channel.kind, "SEND"):
        raise Permanent(NO_PLUGIN)
    with runtime.db.writing() as session:
        begun = states.begin(session, letter.id)
        # Before it goes: a report about it, or an answer to it, may be faster than the channel's own.
        remember(session, runtime.keys, message_id=letter.id, kind=channel.kind, names=[letter.header_id])
    if not begun:
        return Settled()
    plugin, implementation = found
    try:
        ctx = context_of(runtime, channel)
        left = runtime.host.guard.call(plugin, implementation.send, ctx, _outbound(letter), limit=CALL)
    except PluginFailed as error:
        if isinstance(error.__cause__, Misconfigured):
            with runtime.db.writing() as session:
                _ails(session, channel.id, _words(error))
        raise _meaning(error) from error
    except VocError as error:
        raise Temporary(str(error)) from error
    return _sent(runtime, letter, left, runtime.clock())


def _outbound(letter: Letter) -> Outbound:
    return Outbound(
        message_id=letter.header_id,
        text=letter.text,
        reply_to=letter.reply_to,
        subject=letter.subject,
        language=letter.language if letter.language in LANGUAGES else "en",
        author=letter.author,
        references=letter.earlier,
    )


def _meaning(error: PluginFailed) -> VocError:
    """What a failure means for the answer; the plugin's own words are for the agent."""
    cause = error.__cause__
    if isinstance(cause, Undeliverable):
        return Permanent(_words(error))
    return Temporary(_words(error), after=cause.after if isinstance(cause, TryLater) else None)


def _ails(session: Session, channel_id: UUID, words: str) -> None:
    """Somebody has to do something about the channel: its page says what."""
    session.execute(update(Channel).where(Channel.id == channel_id).values(health="failing", health_text=words))


def _words(error: PluginFailed) -> str:
    cause = error.__cause__
    return shorten(storable(str(cause) if cause is not None and str(cause) else error.reason), 500)


def _sent(runtime: Context, letter: Letter, left: Any, at: datetime) -> Outcome:
    """It left. What the plugin says of it is believed only as far as it can be stored."""
    name = left.external_id if isinstance(left, Left) and isinstance(left.external_id, str) else ""
    name = storable(name)[:LONGEST_ID]
    memory_of(runtime.db).taken(letter.id, at, name)
    return Sent(at, name or None)
