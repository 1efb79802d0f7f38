"""Reading receipts through their channel plugin, in the worker: feedback, robot, ignored, or quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import Busy, Temporary
from voc.core.ids import new_id
from voc.core.text import storable
from voc.core.vocabulary import Metric, ReceiptState
from voc.db import Database
from voc.db.types import table_of
from voc.intake import queries
from voc.intake.believing import problem
from voc.intake.events import FeedbackStored
from voc.intake.queries import ReceiptToRead
from voc.intake.writer import EMPTY_FEEDBACK
from voc.jobs import Item
from voc.jobs.outbox import publish_all
from voc.model import DeliveryKey, Feedback, Receipt
from voc.plugin import Author, Channel, Ignored, Inbound, Raw, Robot, View
from voc.plugin_host import PluginFailed, PluginHost
from voc.security.keys import Keys

MAX_TEXT = 100_000
TRIES = 4
MOST_ITEMS = 1000


class Context(Protocol):
    """What reading needs of the runtime."""

    db: Database
    clock: Clock
    host: PluginHost
    keys: Keys


@dataclass(frozen=True, slots=True)
class Reading:
    """What a receipt turned out to be: a state, its reason, and the feedback in it."""

    receipt: ReceiptToRead
    state: ReceiptState
    reason: str | None = None
    inbound: tuple[Inbound, ...] = ()


def read_receipts(context: Context, items: Sequence[Item]) -> Sequence[Reading | None]:
    """Let the plugins read; None for a receipt that is gone or was read before (a repeat after a crash)."""
    with context.db.reading() as session:
        known = queries.receipts_to_read(session, [item.subject for item in items])
    alone = len(items) == 1
    return [_read(context, known.get(item.subject), item.attempts, alone=alone) for item in items]


def _read(context: Context, receipt: ReceiptToRead | None, attempts: int, *, alone: bool) -> Reading | None:
    if receipt is None or receipt.state is not ReceiptState.STORED:
        return None
    found = context.host.channel(receipt.kind)
    if found is None:
        return _quarantined(receipt, f"no loaded plugin reads channels of kind {receipt.kind}")
    if receipt.body is None:
        return _quarantined(receipt, "its raw body was removed when the retention period ended")
    plugin, channel = found
    raw = Raw(receipt.body, receipt.content_type, receipt.received_at, receipt.headers, receipt.delivery_id)
    try:
        read = context.host.guard.call(plugin, _bounded, channel, View(options=receipt.options), raw)
    except PluginFailed as error:
        if error.paused and alone:
            # Not this receipt's fault: it waits without using up its tries.
            raise Busy(str(error)) from error
        if error.permanent or attempts >= TRIES:
            return _quarantined(receipt, str(error))
        raise Temporary(str(error)) from error
    return _sort_out(receipt, plugin, read)


def _bounded(channel: Channel, view: View, raw: Raw) -> list[Any]:
    """What the channel reads, at most one item more than may be."""
    return list(islice(channel.read(view, raw), MOST_ITEMS + 1))


def _quarantined(receipt: ReceiptToRead, reason: str) -> Reading:
    return Reading(receipt, ReceiptState.QUARANTINED, reason)


def _sort_out(receipt: ReceiptToRead, plugin: str, read: list[Any]) -> Reading:
    """Believe nothing: what a plugin returned is checked before it becomes a row."""
    if len(read) > MOST_ITEMS:
        return _quarantined(receipt, f"plugin {plugin} found more than {MOST_ITEMS} items in it")
    inbound: list[Inbound] = []
    others: list[Robot | Ignored] = []
    for item in read:
        if isinstance(item, Inbound):
            if wrong := problem(item):
                return _quarantined(receipt, f"plugin {plugin} returned feedback that cannot be: {wrong}")
            inbound.append(item)
        elif isinstance(item, (Robot, Ignored)):
            others.append(item)
        else:
            return _quarantined(receipt, f"plugin {plugin} returned {type(item).__name__}, which means nothing here")
    if inbound:
        return Reading(receipt, ReceiptState.READ, None, tuple(inbound))
    if not others:
        return _quarantined(receipt, f"plugin {plugin} found nothing in it")
    state = ReceiptState.ROBOT if isinstance(others[0], Robot) else ReceiptState.IGNORED
    return Reading(receipt, state, storable(str(others[0].reason))[:2000])


def store_readings(session: Session, context: Context, pairs: Sequence[tuple[Item, Reading | None]]) -> None:
    """Write what was read; the same identity read again gives the same feedback, never a second one."""
    now = context.clock()
    readings = [reading for _, reading in pairs if reading is not None]
    keyed = [
        (reading, inbound, context.keys.hash("read", reading.receipt.channel_id.bytes, inbound.external_id))
        for reading in readings
        for inbound in reading.inbound
    ]
    known = queries.known_feedback(session, [key for _, _, key in keyed])
    feedback, keys, events = [], [], []
    for reading, inbound, key in keyed:
        if key in known:
            continue
        feedback_id = known[key] = new_id()
        feedback.append(_feedback_row(feedback_id, reading.receipt, inbound))
        keys.append(
            {
                "key": key,
                "content_hash": key,
                "receipt_id": reading.receipt.id,
                "feedback_id": feedback_id,
                "created_at": now,
            }
        )
        events.append(FeedbackStored(feedback_id))
    if feedback:
        session.execute(insert(table_of(Feedback)), feedback)
        session.execute(insert(table_of(DeliveryKey)), keys)
        publish_all(session, events, now=now)
    _mark(session, readings)


def _mark(session: Session, readings: Sequence[Reading]) -> None:
    plain: dict[ReceiptState, list[UUID]] = {}
    for reading in readings:
        if reading.reason is None:
            plain.setdefault(reading.state, []).append(reading.receipt.id)
        else:
            session.execute(
                update(Receipt)
                .where(Receipt.id == reading.receipt.id)
                .values(state=reading.state, reason=reading.reason)
            )
    for state, ids in plain.items():
        session.execute(update(Receipt).where(Receipt.id.in_(ids)).values(state=state, reason=None))


def _feedback_row(feedback_id: UUID, receipt: ReceiptToRead, inbound: Inbound) -> dict[str, Any]:
    author = inbound.author
    return {
        **EMPTY_FEEDBACK,
        "id": feedback_id,
        "receipt_id": receipt.id,
        "channel_id": receipt.channel_id,
        "text": storable(inbound.text)[:MAX_TEXT] if inbound.text else None,
        "metric": Metric(inbound.metric) if inbound.metric else None,
        "score": inbound.score,
        "language_hint": inbound.language,
        "sent_at": inbound.sent_at,
        "received_at": receipt.received_at,
        "author": author_dict(author) if author else None,
        "consent": inbound.consent,
        "facts": dict(inbound.facts),
        "unit": _unit(inbound),
    }


def author_dict(author: Author) -> dict[str, Any]:
    """The author as stored with the feedback, until the pipeline has found out who it is."""
    return {
        "name": author.name,
        "email": author.email,
        "phone": author.phone,
        "external_id": author.external_id,
        "verified": author.verified,
    }


def _unit(inbound: Inbound) -> str | None:
    unit = inbound.facts.get("unit")
    return str(unit)[:120] if unit else None
