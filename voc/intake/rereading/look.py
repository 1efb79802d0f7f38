"""Reading a stored receipt with the code as it is now. Nothing is written: no row, no mark, no work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.errors import Invalid, NotFound
from voc.core.vocabulary import ReceiptState
from voc.delivery.naming import thread_key
from voc.intake import queries as intake
from voc.intake.queries import Earlier, ReceiptToRead
from voc.intake.read import Context, Reading, interpret
from voc.intake.rereading import queries
from voc.intake.rereading.compare import Comparison, Said, Side, compare
from voc.intake.store import REPEAT, STRANGER, UNKNOWN, UNKNOWN_EDIT, feedback_row, file_row, read_key
from voc.model import Channel, Feedback
from voc.plugin import Delivery, Edited, Inbound

# Columns of a feedback that reading fills, by the name they are shown under.
FIELDS = {
    "text": "text", "metric": "metric", "score": "score", "language": "language_hint", "sent_at": "sent_at",
    "author": "author", "consent": "consent", "unit": "unit", "facts": "facts", "subject": "subject",
    "reply_to": "reply_to", "reach": "reach",
}  # fmt: skip
# The kind of channel whose receipts no plugin reads.
API = "api"


@dataclass(frozen=True, slots=True)
class Look:
    """One receipt, compared."""

    receipt: ReceiptToRead
    comparison: Comparison


def look_again(context: Context, channel: Channel, receipt_ids: Sequence[UUID]) -> Iterator[Look]:
    """Read these receipts of `channel` again and compare; one at a time, as bodies may be large.

    Raises NotFound for a receipt that is not of this channel, Invalid for a channel that no plugin reads.
    """
    if channel.kind == API:
        raise Invalid("what programs brought is not read by a plugin: there is nothing to read again")
    for receipt_id in receipt_ids:
        with context.db.reading() as session:
            receipt = intake.receipts_to_read(session, [receipt_id]).get(receipt_id)
            if receipt is None or receipt.channel_id != channel.id:
                raise NotFound(f"there is no receipt {receipt_id} in this channel")
            reason = intake.receipt_by_id(session, receipt_id).reason
        reading = interpret(context, receipt)
        with context.db.reading() as session:
            yield Look(receipt, _compared(session, context, receipt, reason, reading))


def _compared(
    session: Session, context: Context, receipt: ReceiptToRead, reason: str | None, reading: Reading
) -> Comparison:
    stored = queries.feedback_of(session, receipt.id)
    files = queries.files_of(session, [item.id for item in stored])
    here = {item.id for item in stored}
    old = Side(receipt.state.value, reason, tuple(_stored(item, files.get(item.id, [])) for item in stored))
    if receipt.body is None:
        return Comparison("gone", (), (), (), ())
    keys = [read_key(context.keys, reading.identity, item.external_id) for item in _naming(reading)]
    known = intake.known_feedback(session, keys)
    read = [_read(context, receipt, reading, item, known) for item in reading.said if isinstance(item, Inbound)]
    # Said twice under one identity, the first counts.
    said = tuple({item.key: item for item in reversed(read)}.values())[::-1]
    elsewhere = frozenset(found.bytes for found in known.values() if found not in here)
    state, why = _outcome(session, context, old, reading, known, repeat=all(item.key in elsewhere for item in said))
    others = tuple(words for item in reading.said if (words := _in_words(item)))
    return compare(old, Side(state.value, why, said, others), elsewhere=elsewhere)


def _naming(reading: Reading) -> list[Any]:
    return [item for item in reading.said if not isinstance(item, Delivery)]


def _stored(item: Feedback, files: list[list[str | int]]) -> Said:
    moved = {"text"} if item.edited_at is not None else set()
    fields = _fields({column: getattr(item, column) for column in FIELDS.values()}, files)
    return Said(item.id.bytes, str(item.id), fields, frozenset(moved))


def _read(
    context: Context, receipt: ReceiptToRead, reading: Reading, item: Inbound, known: Mapping[bytes, UUID]
) -> Said:
    key = read_key(context.keys, reading.identity, item.external_id)
    feedback_id = known.get(key)
    row = feedback_row(receipt.id, receipt, item, Earlier(None, None))
    rows = [file_row(receipt.id, file) for file in item.attachments]
    files: list[list[str | int]] = [[file["name"], file["content_type"], file["size"]] for file in rows]
    return Said(feedback_id.bytes if feedback_id else key, item.external_id, _fields(row, files))


def _fields(row: Mapping[str, Any], files: list[list[str | int]]) -> dict[str, Any]:
    """The fields in the form in which both databases give them back."""
    plain = json.loads(json.dumps({name: row[column] for name, column in FIELDS.items()}, default=_plain))
    return {**plain, "attachments": files}


def _plain(value: Any) -> str:
    """Times and closed words."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(getattr(value, "value", value))


def _outcome(
    session: Session,
    context: Context,
    old: Side,
    reading: Reading,
    known: Mapping[bytes, UUID],
    *,
    repeat: bool,
) -> tuple[ReceiptState, str | None]:
    """The state and reason that storing it would end in, as `voc.intake.store` decides."""
    if reading.state is ReceiptState.READ and repeat and not old.said:
        return ReceiptState.IGNORED, REPEAT
    if reading.state is not ReceiptState.NOTICE:
        return reading.state, reading.reason
    if old.reason == STRANGER:
        # Whom a report must name is decided where it is stored; the plugin said the same as then.
        return ReceiptState.ROBOT, STRANGER
    missed = [item for item in reading.said if not _is_here(session, context, reading, item, known)]
    if any(isinstance(item, Edited) for item in missed):
        return ReceiptState.QUARANTINED, UNKNOWN_EDIT
    return (ReceiptState.IGNORED, UNKNOWN) if missed else (ReceiptState.NOTICE, None)


def _is_here(session: Session, context: Context, reading: Reading, item: Any, known: Mapping[bytes, UUID]) -> bool:
    """Whether what is spoken of is known."""
    if isinstance(item, Delivery):
        name = thread_key(context.keys, reading.receipt.kind, item.sent_id)
        return intake.message_by_name(session, name) is not None
    return read_key(context.keys, reading.identity, item.external_id) in known


def _in_words(item: Any) -> str:
    """An edit, a deletion, a report; of something said what it answers and by which names it is known, which are
    stored as hashes alone. Empty when there is nothing to say."""
    if isinstance(item, Inbound):
        answers = f" answers {', '.join(item.thread)}" if item.thread else ""
        named = f" is also called {', '.join(item.names)}" if item.names else ""
        return f"{item.external_id}{answers}{' and' if answers and named else ''}{named}" if answers or named else ""
    if isinstance(item, Delivery):
        return f"{item.fate}: the message {item.sent_id}"
    return f"{'other words for' if isinstance(item, Edited) else 'taken back:'} {item.external_id}"
