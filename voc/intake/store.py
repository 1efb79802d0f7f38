"""Writing what receipts say: new feedback, changed and withdrawn words, and what became of our own messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.core.errors import Temporary
from voc.core.ids import new_id
from voc.core.text import is_blank, one_line, storable
from voc.core.vocabulary import Metric, ReceiptState
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.delivery.fate import Fate, report
from voc.delivery.naming import thread_key
from voc.intake import queries
from voc.intake.changing import delete, edit
from voc.intake.events import FeedbackStored
from voc.intake.queries import Earlier, ReceiptToRead
from voc.intake.read import TRIES, Context, Reading
from voc.intake.writer import EMPTY_FEEDBACK
from voc.jobs import Item
from voc.jobs.outbox import publish_all
from voc.model import Attachment, DeliveryKey, Feedback, Receipt, ThreadName
from voc.plugin import Author, Deleted, Delivery, Edited, Inbound
from voc.security.keys import Keys

MAX_TEXT = 100_000
MAX_SUBJECT = 300
# Larger files stay in the receipt only.
MAX_FILE = 2_000_000
UNKNOWN = "what it speaks of is not here"
UNKNOWN_EDIT = "it changes what was said before, and that is not here"
STRANGER = "a report about a message of ours that does not speak of whom it was sent to: it counts for nothing"
REPEAT = "everything in it was read before, from another receipt"


@dataclass
class _Batch:
    """The rows of one transaction. `ids`: feedback by identity, known or new; `earlier`: what names stand for."""

    ids: dict[bytes, UUID]
    earlier: dict[bytes, Earlier]
    feedback: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    names: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    fresh: list[UUID] = field(default_factory=list)
    receipts: set[UUID] = field(default_factory=set)


def store_readings(session: Session, context: Context, pairs: Sequence[tuple[Item, Reading | None]]) -> None:
    """Write what was read; the same identity read again gives the same feedback, never a second one."""
    now = context.clock()
    readings = [reading for _, reading in pairs if reading is not None]
    batch = _Batch(*_known(session, context.keys, readings))
    for reading in readings:
        for item in reading.said:
            if isinstance(item, Inbound):
                _take_in(batch, context.keys, reading, item, now)
    _insert(session, batch, now)
    _wait_for_earlier(context.keys, batch, pairs)
    done = []
    for reading in readings:
        later = [item for item in reading.said if not isinstance(item, Inbound)]
        missed = [_follow(session, context.keys, batch, reading, item, now) for item in later]
        done.append(_again(session, _unmet(reading, missed), batch))
    _mark(session, done)


def _again(session: Session, reading: Reading, batch: _Batch) -> Reading:
    """A receipt that only repeats what another one said is put aside, and says so."""
    if reading.state is not ReceiptState.READ or reading.receipt.id in batch.receipts:
        return reading
    if queries.any_feedback_of(session, reading.receipt.id):
        return reading
    return Reading(reading.receipt, ReceiptState.IGNORED, REPEAT)


def read_key(keys: Keys, identity: bytes, external_id: str) -> bytes:
    """The identity of a feedback that was read: what makes two readings one."""
    return keys.hash("read", identity, external_id)


def _known(session: Session, keys: Keys, readings: Sequence[Reading]) -> tuple[dict[bytes, UUID], dict[bytes, Earlier]]:
    """(feedback ids by identity, what is answered by its name), for everything these readings speak of."""
    identities: set[bytes] = set()
    names: set[bytes] = set()
    for reading in readings:
        for item in reading.said:
            if not isinstance(item, Delivery):
                identities.add(read_key(keys, reading.identity, item.external_id))
            if isinstance(item, Inbound):
                names.update(thread_key(keys, reading.receipt.kind, name) for name in item.thread)
    return queries.known_feedback(session, list(identities)), queries.earlier_by_name(session, list(names))


def _take_in(batch: _Batch, keys: Keys, reading: Reading, item: Inbound, now: datetime) -> None:
    """The rows of one new feedback; nothing for one that is known."""
    key, kind = read_key(keys, reading.identity, item.external_id), reading.receipt.kind
    if key in batch.ids:
        return
    feedback_id = batch.ids[key] = new_id()
    found = (batch.earlier.get(thread_key(keys, kind, name)) for name in item.thread)
    answered = next((earlier for earlier in found if earlier is not None), Earlier(None, None))
    batch.feedback.append(feedback_row(feedback_id, reading.receipt, item, answered))
    batch.keys.append(
        {
            "key": key,
            "content_hash": key,
            "receipt_id": reading.receipt.id,
            "feedback_id": feedback_id,
            "created_at": now,
        }
    )
    for name in dict.fromkeys((item.external_id, *item.names)):
        name_key = thread_key(keys, kind, name)
        batch.names.setdefault(name_key, {"key": name_key, "feedback_id": feedback_id, "message_id": None})
        batch.earlier.setdefault(name_key, Earlier(feedback_id, answered.case_id))
    batch.files += [file_row(feedback_id, file) for file in item.attachments]
    batch.fresh.append(feedback_id)
    batch.receipts.add(reading.receipt.id)


def _insert(session: Session, batch: _Batch, now: datetime) -> None:
    if not batch.feedback:
        return
    connection = session.connection()
    bulk_insert(connection, table_of(Feedback), batch.feedback)
    bulk_insert(connection, table_of(DeliveryKey), batch.keys)
    taken = queries.known_names(session, list(batch.names))
    bulk_insert(connection, table_of(ThreadName), [row for key, row in batch.names.items() if key not in taken])
    bulk_insert(connection, table_of(Attachment), batch.files)
    publish_all(session, [FeedbackStored(feedback_id) for feedback_id in batch.fresh], now=now)


def _wait_for_earlier(keys: Keys, batch: _Batch, pairs: Sequence[tuple[Item, Reading | None]]) -> None:
    """Other words for something that is not here: its own receipt may still wait to be read.

    Raises Temporary while that may be so; then the receipt waits in quarantine.
    """
    for work, reading in pairs:
        if reading is None or work.attempts >= TRIES:
            continue
        edits = [item for item in reading.said if isinstance(item, Edited)]
        if any(read_key(keys, reading.identity, item.external_id) not in batch.ids for item in edits):
            raise Temporary(f"{UNKNOWN_EDIT} yet")


def _follow(
    session: Session, keys: Keys, batch: _Batch, reading: Reading, item: Edited | Deleted | Delivery, now: datetime
) -> str | None:
    """What is said about something earlier; why it counts for nothing, None when it counts."""
    if isinstance(item, Delivery):
        message_id = queries.message_by_name(session, thread_key(keys, reading.receipt.kind, item.sent_id))
        if message_id is None:
            return UNKNOWN
        fate = Fate(item.fate, storable(item.reason)[:1000], item.recipients, reading.receipt.received_at)
        return None if report(session, message_id, fate, now=now) else STRANGER
    feedback_id = batch.ids.get(read_key(keys, reading.identity, item.external_id))
    if feedback_id is None:
        return UNKNOWN_EDIT if isinstance(item, Edited) else UNKNOWN
    if isinstance(item, Deleted):
        delete(session, feedback_id, now=now)
    else:
        words = None if item.text is None or is_blank(item.text) else storable(item.text)[:MAX_TEXT]
        edit(
            session,
            feedback_id,
            text=words,
            at=item.edited_at or reading.receipt.received_at,
            receipt_id=reading.receipt.id,
            now=now,
            author=author_dict(item.author) if item.author else None,
        )
    return None


def _unmet(reading: Reading, missed: Sequence[str | None]) -> Reading:
    """A receipt that speaks of nothing we have. New words wait: what they change may still be read. A report that does
    not fit what it speaks of is kept as a machine's."""
    if not any(missed) or reading.state is not ReceiptState.NOTICE:
        return reading
    if UNKNOWN_EDIT in missed:
        return Reading(reading.receipt, ReceiptState.QUARANTINED, UNKNOWN_EDIT)
    if STRANGER in missed:
        return Reading(reading.receipt, ReceiptState.ROBOT, STRANGER)
    return Reading(reading.receipt, ReceiptState.IGNORED, UNKNOWN)


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


def feedback_row(feedback_id: UUID, receipt: ReceiptToRead, inbound: Inbound, answered: Earlier) -> dict[str, Any]:
    """The columns of a feedback that was read."""
    author = inbound.author
    return {
        **EMPTY_FEEDBACK,
        "id": feedback_id,
        "receipt_id": receipt.id,
        "channel_id": receipt.channel_id,
        "text": None if is_blank(inbound.text or "") else storable(inbound.text or "")[:MAX_TEXT],
        "metric": Metric(inbound.metric) if inbound.metric else None,
        "score": inbound.score,
        "language_hint": inbound.language,
        "sent_at": inbound.sent_at,
        "received_at": receipt.received_at,
        "author": author_dict(author) if author else None,
        "consent": inbound.consent,
        "facts": dict(inbound.facts),
        "unit": _unit(inbound),
        "case_id": answered.case_id,
        "answers_id": answered.feedback_id,
        "subject": one_line(storable(inbound.subject))[:MAX_SUBJECT] if inbound.subject else None,
        "reply_to": dict(inbound.reply_to) if inbound.reply_to else None,
        "reach": inbound.reach,
    }


def file_row(feedback_id: UUID, file: Any) -> dict[str, Any]:
    """The columns of a file that came with it."""
    return {
        "id": new_id(),
        "feedback_id": feedback_id,
        "name": one_line(storable(file.name))[:200] or "attachment",
        "content_type": file.content_type[:120],
        "size": file.size,
        "body": file.body if file.body and len(file.body) <= MAX_FILE else None,
    }


def author_dict(author: Author) -> dict[str, Any]:
    """The author as stored with the feedback, until the pipeline has found out who it is."""
    return {
        "name": author.name,
        "email": author.email,
        "phone": author.phone,
        "external_id": author.external_id,
        "handle": author.handle,
        "verified": author.verified,
    }


def _unit(inbound: Inbound) -> str | None:
    unit = inbound.facts.get("unit")
    return str(unit)[:120] if unit else None
