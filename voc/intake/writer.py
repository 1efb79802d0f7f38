"""The intake writer: one transaction for everything that waits, full durability, one bad item never fails its batch.

On SQLite one thread per process writes for all request threads: whoever waits while a transaction is being made
durable goes into the next one together (group commit), so the price of the disk is shared. PostgreSQL groups
commits itself, so there the request thread writes its own transaction. This is one of the listed places that commit.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from voc.core.errors import Busy, Conflict, VocError
from voc.core.vocabulary import ReceiptState
from voc.db import Database
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.intake import queries
from voc.intake.events import FeedbackStored, ReceiptStored
from voc.intake.incoming import Accepted, Incoming
from voc.jobs import Registry
from voc.jobs.outbox import row as work_row
from voc.model import DeliveryKey, Feedback, Receipt, Work

log = logging.getLogger(__name__)

GROUP = 256
WAIT = 15.0

Outcome = Accepted | VocError


class Writer:
    """Accepts deliveries from any thread; `accept` returns when they are durable."""

    def __init__(self, db: Database, registry: Registry) -> None:
        self._db = db
        self._registry = registry
        self._waiting: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()
        self._closed = False
        self._lasting = db.lasting()

    def accept(self, item: Incoming) -> Accepted:
        """Store `item` and return when it is committed.

        Raises Conflict when its key was used for other content, Busy when the database cannot be written now;
        then nothing of it is stored that anybody was told about.
        """
        if not self._db.sqlite:
            return _unwrap(self._write([item])[0])
        if self._thread is None:
            self._begin()
        if self._closed:
            raise Busy("the server is stopping")
        ticket = _Ticket(item)
        self._waiting.put(ticket)
        if not ticket.done.wait(WAIT):
            raise Busy("the database did not answer in time")
        assert ticket.outcome is not None  # noqa: S101  (set before `done`)
        return _unwrap(ticket.outcome)

    def close(self) -> None:
        """Write what waits and end the thread."""
        with self._start:
            self._closed = True
            thread = self._thread
        if thread is not None and thread.is_alive():
            self._waiting.put(None)
            thread.join(timeout=10)

    def _begin(self) -> None:
        """Start the thread on first use: a server may fork before it serves."""
        with self._start:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            group = self._next_group()
            tickets = [ticket for ticket in group if ticket is not None]
            if tickets:
                for ticket, outcome in zip(tickets, self._write([t.item for t in tickets]), strict=True):
                    ticket.outcome = outcome
                    ticket.done.set()
            if len(tickets) < len(group):
                self._lasting.close()
                return

    def _next_group(self) -> list[_Ticket | None]:
        group = [self._waiting.get()]
        while len(group) < GROUP and group[-1] is not None:
            try:
                group.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return group

    def _write(self, items: Sequence[Incoming], *, look: bool = False, last: bool = False) -> list[Outcome]:
        """Write all in one transaction; when that fails for a reason of their own, each in its own. Never raises.

        Repeats are rare: the first try does not look for them and lets the key's own uniqueness find them.
        """
        try:
            with self._lasting.writing() if self._db.sqlite else self._db.connecting() as connection:
                return accept_all(connection, self._registry, items, look=look)
        except Busy as error:
            return [error] * len(items)
        except Exception as error:  # noqa: BLE001  the request border of the writer: nobody may wait for ever
            return self._again(items, error, look=look, last=last)

    def _again(self, items: Sequence[Incoming], error: Exception, *, look: bool, last: bool) -> list[Outcome]:
        """What to do after a failure: look for repeats, then write one by one, then give the one bad item up.

        A key that somebody else wrote between our look and our insert is found by one more look.
        """
        repeat = isinstance(error, IntegrityError)
        if repeat and not look:
            return self._write(items, look=True)
        if len(items) > 1:
            return [self._write([item], look=True)[0] for item in items]
        if repeat and not last:
            return self._write(items, look=True, last=True)
        log.error("delivery could not be stored", exc_info=error)
        return [VocError("this delivery could not be stored")]


class _Ticket:
    """One delivery on its way into the database."""

    __slots__ = ("done", "item", "outcome")

    def __init__(self, item: Incoming) -> None:
        self.item = item
        self.done = threading.Event()
        self.outcome: Outcome | None = None


def _unwrap(outcome: Outcome) -> Accepted:
    if isinstance(outcome, VocError):
        raise outcome
    return outcome


def accept_all(
    connection: Connection, registry: Registry, items: Sequence[Incoming], *, look: bool = True
) -> list[Outcome]:
    """Write the new ones among `items` in the caller's transaction; one outcome an item, in order.

    Without `look` nothing is known of earlier deliveries, and a repeat raises IntegrityError.
    """
    keys = [item.key for item in items if item.key is not None]
    known = queries.known_keys(connection, keys) if look and keys else {}
    outcomes: list[Outcome] = []
    fresh: list[Incoming] = []
    for item in items:
        seen = known.get(item.key) if item.key is not None else None
        if seen is None:
            fresh.append(item)
            accepted = _accepted(item, repeated=False)
            outcomes.append(accepted)
            if item.key is not None:
                known[item.key] = (item.content_hash, _accepted(item, repeated=True))
        elif seen[0] != item.content_hash:
            outcomes.append(Conflict("this key was used for other content"))
        else:
            outcomes.append(seen[1])
    if fresh:
        _insert(connection, registry, fresh)
    return outcomes


def _accepted(item: Incoming, *, repeated: bool) -> Accepted:
    feedback_id = item.feedback_id if item.feedback is not None else None
    return Accepted(item.receipt_id, feedback_id, item.tracking_code, repeated)


def _insert(connection: Connection, registry: Registry, items: Sequence[Incoming]) -> None:
    bulk_insert(connection, table_of(Receipt), [_receipt(item) for item in items])
    bulk_insert(connection, table_of(Feedback), [_feedback(item) for item in items if item.feedback is not None])
    bulk_insert(connection, table_of(DeliveryKey), [_key(item) for item in items if item.key is not None])
    bulk_insert(connection, table_of(Work), [row for item in items for row in _work(registry, item)])


def _receipt(item: Incoming) -> dict[str, Any]:
    return {
        "id": item.receipt_id,
        "channel_id": item.channel_id,
        "door": item.door,
        "content_type": item.content_type,
        "headers": item.headers,
        "body": item.body,
        "received_at": item.received_at,
        "delivery_id": item.delivery_id,
        "tracking_code": item.tracking_code,
        "reason": None,
        "state": ReceiptState.READ if item.feedback is not None else ReceiptState.STORED,
    }


def _feedback(item: Incoming) -> dict[str, Any]:
    return {
        **EMPTY_FEEDBACK,
        **(item.feedback or {}),
        "id": item.feedback_id,
        "receipt_id": item.receipt_id,
        "channel_id": item.channel_id,
        "received_at": item.received_at,
    }


def _key(item: Incoming) -> dict[str, Any]:
    return {
        "key": item.key,
        "content_hash": item.content_hash,
        "receipt_id": item.receipt_id,
        "feedback_id": item.feedback_id if item.feedback is not None else None,
        "created_at": item.received_at,
    }


def _work(registry: Registry, item: Incoming) -> list[dict[str, Any]]:
    if item.feedback is None:
        handlers, subject = registry.subscribers(ReceiptStored), item.receipt_id
    else:
        handlers, subject = registry.subscribers(FeedbackStored), item.feedback_id
    return [work_row(handler, subject_id=subject, now=item.received_at) for handler in handlers]


EMPTY_FEEDBACK: dict[str, Any] = {
    "text": None,
    "metric": None,
    "score": None,
    "language_hint": None,
    "sent_at": None,
    "author": None,
    "consent": False,
    "unit": None,
    "facts": {},
    "processed_at": None,
    "stance": None,
    "mixed": False,
    "analysis_id": None,
    "stance_decision_id": None,
    "customer_id": None,
    "contact_point_id": None,
    "case_id": None,
}
