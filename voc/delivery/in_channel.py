"""Answering in the customer's own channel, through its plugin."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.core.errors import Permanent, Temporary, VocError
from voc.core.text import storable
from voc.core.vocabulary import LANGUAGES
from voc.delivery import queries, states
from voc.delivery.calling import Context, meaning, words
from voc.delivery.memory import memory_of
from voc.delivery.naming import remember
from voc.delivery.outcome import Outcome, Sent, Settled
from voc.delivery.queries import Letter
from voc.model import Channel
from voc.plugin import Misconfigured, Outbound
from voc.plugin import Sent as Left
from voc.plugin_host import PluginFailed
from voc.plugin_host.context import context_of

# Seconds one call may take: shorter than the lease of a row of work.
CALL = 75.0
LONGEST_ID = 400
GONE = "the channel it came through is gone or switched off"
NO_PLUGIN = "no loaded plugin can answer in this channel"


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
    except VocError as error:
        raise Temporary(str(error)) from error
    try:
        left = runtime.host.guard.call(plugin, implementation.send, ctx, _outbound(letter), limit=CALL)
    except PluginFailed as error:
        if isinstance(error.__cause__, Misconfigured):
            with runtime.db.writing() as session:
                _ails(session, channel.id, words(error, ctx))
        raise meaning(error, ctx) from error
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


def _ails(session: Session, channel_id: UUID, why: str) -> None:
    """Somebody has to do something about the channel: its page says what."""
    session.execute(update(Channel).where(Channel.id == channel_id).values(health="failing", health_text=why))


def _sent(runtime: Context, letter: Letter, left: Any, at: datetime) -> Outcome:
    """It left. What the plugin says of it is believed only as far as it can be stored."""
    name = left.external_id if isinstance(left, Left) and isinstance(left.external_id, str) else ""
    name = storable(name)[:LONGEST_ID]
    memory_of(runtime.db).taken(letter.id, at, name)
    return Sent(at, name or None)
