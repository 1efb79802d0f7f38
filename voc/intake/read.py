"""Reading receipts through their channel plugin, in the worker: what they say, or why nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from voc.core.clock import Clock
from voc.core.errors import Busy, Temporary, TooSlow
from voc.core.text import storable
from voc.core.vocabulary import ReceiptState
from voc.db import Database
from voc.intake import queries
from voc.intake.believing import problem
from voc.intake.queries import ReceiptToRead
from voc.jobs import Item
from voc.plugin import Channel, Deleted, Delivery, Edited, Ignored, Inbound, Raw, Robot, View
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.context import view_of
from voc.security.keys import Keys

TRIES = 4
MOST_ITEMS = 1000

Said = Inbound | Edited | Deleted | Delivery


class Context(Protocol):
    """What reading needs of the runtime."""

    db: Database
    host: PluginHost
    keys: Keys

    @property
    def clock(self) -> Clock:
        """What time it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a receipt turned out to be: a state, its reason, and everything it says, in order.

    `identity` is what the ids in it belong to: one channel, or all channels of a kind.
    """

    receipt: ReceiptToRead
    state: ReceiptState
    reason: str | None = None
    said: tuple[Said, ...] = ()
    identity: bytes = b""


def read_receipts(context: Context, items: Sequence[Item]) -> Sequence[Reading | None]:
    """Let the plugins read; None for a receipt that is gone or was read before (a repeat after a crash)."""
    with context.db.reading() as session:
        known = queries.receipts_to_read(session, [item.subject for item in items])
    alone = len(items) == 1
    return [_read(context, known.get(item.subject), item.attempts, alone=alone) for item in items]


def _read(context: Context, receipt: ReceiptToRead | None, attempts: int, *, alone: bool) -> Reading | None:
    if receipt is None or receipt.state is not ReceiptState.STORED:
        return None
    return interpret(context, receipt, attempts, alone=alone)


def interpret(context: Context, receipt: ReceiptToRead, attempts: int = TRIES, *, alone: bool = False) -> Reading:
    """What its plugin says is in a receipt; after the last of its tries a failure is a reason, and not raised."""
    found = context.host.channel(receipt.kind)
    if found is None:
        return _quarantined(receipt, f"no loaded plugin reads channels of kind {receipt.kind}")
    if receipt.body is None:
        return _quarantined(receipt, "its raw body was removed when the retention period ended")
    plugin, channel = found
    raw = Raw(receipt.body, receipt.content_type, receipt.received_at, receipt.headers, receipt.delivery_id)
    try:
        read = context.host.guard.call(
            plugin, _bounded, channel, view_of(context.host, receipt.kind, receipt.options), raw
        )
    except PluginFailed as error:
        if error.paused and alone:
            # Not this receipt's fault: it waits without using up its tries.
            raise Busy(str(error)) from error
        if error.permanent or attempts >= TRIES:
            return _quarantined(receipt, str(error))
        # Paused in a batch: each is asked alone now. Else nobody shall wait for it a second time.
        raise (Temporary if error.paused else TooSlow)(str(error)) from error
    identity = receipt.kind.encode() if channel.identity == "kind" else receipt.channel_id.bytes
    return _sort_out(receipt, plugin, read, identity)


def _bounded(channel: Channel, view: View, raw: Raw) -> list[Any]:
    """What the channel reads, at most one item more than may be."""
    return list(islice(channel.read(view, raw), MOST_ITEMS + 1))


def _quarantined(receipt: ReceiptToRead, reason: str) -> Reading:
    return Reading(receipt, ReceiptState.QUARANTINED, reason)


def _sort_out(receipt: ReceiptToRead, plugin: str, read: list[Any], identity: bytes) -> Reading:
    """Believe nothing: what a plugin returned is checked before it becomes a row."""
    if len(read) > MOST_ITEMS:
        return _quarantined(receipt, f"plugin {plugin} found more than {MOST_ITEMS} items in it")
    said: list[Said] = []
    others: list[Robot | Ignored] = []
    for item in read:
        if isinstance(item, (Robot, Ignored)):
            others.append(item)
        elif not isinstance(item, (Inbound, Edited, Deleted, Delivery)):
            return _quarantined(receipt, f"plugin {plugin} returned {type(item).__name__}, which means nothing here")
        elif wrong := problem(item):
            return _quarantined(receipt, f"plugin {plugin} returned {type(item).__name__} that cannot be: {wrong}")
        else:
            said.append(item)
    if said:
        state = ReceiptState.READ if any(isinstance(item, Inbound) for item in said) else ReceiptState.NOTICE
        return Reading(receipt, state, None, tuple(said), identity)
    if not others:
        return _quarantined(receipt, f"plugin {plugin} found nothing in it")
    state = ReceiptState.ROBOT if isinstance(others[0], Robot) else ReceiptState.IGNORED
    return Reading(receipt, state, storable(str(others[0].reason))[:2000])
