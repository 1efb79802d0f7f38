"""Looking on: what came and went since the last look, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.vocabulary import ReceiptState
from voc.core.zones import country_of
from voc.db import Database
from voc.intake.reading.queries import newest_receipts
from voc.model import Channel
from voc.plugin_host.masking import masker
from voc.runtime.export.queries import country_and_zone
from voc.runtime.tail import queries
from voc.runtime.tail.discreet import Discreet
from voc.runtime.tail.queries import Arrival, Departure

# Keys become visible a little out of order: each look begins so many milliseconds before the newest one.
OVERLAP = 10_000
# Keys of one look, and details that are fetched at once.
MOST_KEYS = 5_000
AT_ONCE = 100
# The newest receipts and answers whose state is looked at again.
WATCHED = 200
REMEMBERED = 20_000

Event = dict[str, Any]


class Traffic:
    """One channel's traffic. Every event is a JSON object; `what` is in, out, or the state a receipt came to."""

    def __init__(self, db: Database, channel: Channel, secrets: dict[str, Any], clock: Clock) -> None:
        self._db = db
        self._channel = channel.id
        self._clock = clock
        with db.reading() as session:
            country, zone = country_and_zone(session)
            self._receipts_from = queries.newest_receipt(session)
            self._messages_from = queries.newest_message(session)
        home = country or country_of(zone)
        self._discreet = Discreet(masker({**secrets, "key": channel.key}), (home,) if home else ())
        # By key, oldest first: how each stood when it was last said; of many only the newest.
        self._receipts: dict[UUID, str] = {}
        self._messages: dict[UUID, str] = {}
        self._seen: dict[UUID, None] = {}

    def past(self, last: int) -> list[Event]:
        """The last ones, each with what became of it, in the order in which they came."""
        with self._db.reading() as session:
            receipts = [line.id for line in newest_receipts(session, self._channel, limit=last)]
            messages = queries.newest_messages(session, self._channel, last)
            found = [*self._new(session, receipts, messages), *self._changed(session, past=True)]
        # One after the other: what became of a receipt stands behind it.
        order = {event["id"]: event["at"] for event in found if event["what"] in ("in", "out")}
        return sorted(found, key=lambda event: (order.get(event["id"], ""), event["id"], event["what"] != "in"))

    def look(self) -> list[Event]:
        """What is new since the last look."""
        with self._db.reading() as session:
            came, left = _before(self._receipts_from), _before(self._messages_from)
            receipts = self._keys(queries.receipts_since(session, self._channel, came, MOST_KEYS))
            messages = self._keys(queries.messages_since(session, self._channel, left, MOST_KEYS))
            found = [*self._new(session, receipts, messages), *self._changed(session, past=False)]
            self._receipts_from = queries.newest_receipt(session) or self._receipts_from
            self._messages_from = queries.newest_message(session) or self._messages_from
        return found

    def skip(self) -> None:
        """What is here already is not new."""
        with self._db.reading() as session:
            for since, found in (
                (queries.receipts_since, self._receipts_from),
                (queries.messages_since, self._messages_from),
            ):
                self._remember(since(session, self._channel, _before(found), MOST_KEYS))

    def _keys(self, found: Iterable[UUID]) -> list[UUID]:
        return [key for key in found if key not in self._seen]

    def _remember(self, keys: Iterable[UUID]) -> None:
        self._seen.update(dict.fromkeys(keys))
        _forget(self._seen, REMEMBERED)

    def _new(self, session: Session, receipts: list[UUID], messages: Iterable[UUID]) -> Iterator[Event]:
        messages = list(messages)
        self._remember([*receipts, *messages])
        for some in _pages(sorted(receipts)):
            for arrival in queries.arrivals(session, some):
                self._receipts[arrival.id] = ReceiptState.STORED
                yield self._came(arrival)
        for key in sorted(messages):
            self._messages[key] = ""
        _forget(self._receipts, max(WATCHED, len(receipts)))
        _forget(self._messages, max(WATCHED, len(messages)))

    def _came(self, arrival: Arrival) -> Event:
        size, begin = arrival.size, arrival.begin
        whole = size is not None and size <= len(begin)
        return {
            "what": "in",
            "at": _time(arrival.received_at),
            "id": str(arrival.id),
            "bytes": size,
            "content_type": self._discreet.text(arrival.content_type),
            "delivery_id": self._discreet.text(arrival.delivery_id) or None,
            "door": arrival.door.value,
            "line": self._discreet.first_line(begin, arrival.content_type, whole=whole) if size is not None else None,
        }

    def _changed(self, session: Session, *, past: bool) -> Iterator[Event]:
        """What receipts and answers came to since it was last said."""
        now = _time(self._clock())
        changed: dict[UUID, tuple[ReceiptState, str | None]] = {}
        for some in _pages(list(self._receipts)):
            for key, (state, reason) in queries.receipt_states(session, some).items():
                if state.value != self._receipts[key]:
                    self._receipts[key] = state.value
                    changed[key] = (state, reason)
        for some in _pages(list(changed)):
            feedback = queries.feedback_ids(session, some)
            for key in some:
                state, reason = changed[key]
                ids = [str(item) for item in feedback.get(key, [])]
                event = {"what": state.value, "at": None if past else now, "id": str(key), "feedback": ids}
                yield {**event, "reason": self._discreet.text(reason) or None}
        for some in _pages(list(self._messages)):
            for item in queries.departures(session, some):
                stands = fate(item)
                if stands != self._messages[item.id]:
                    self._messages[item.id] = stands
                    at = _time(item.created_at) if past else now
                    error = self._discreet.text(item.error) or None
                    yield {"what": "out", "at": at, "id": str(item.id), "state": stands, "reason": error}


def fate(item: Departure) -> str:
    """How an answer stands, in one word."""
    if item.bounced_at is not None:
        return "came back"
    if item.read_at is not None:
        return "read"
    return "delivered" if item.delivered_at is not None else item.state.value


def _before(key: UUID | None) -> UUID:
    """The smallest key that may still become visible when this is the newest one."""
    if key is None:
        return UUID(int=0)
    return UUID(int=max(0, (key.int >> 80) - OVERLAP) << 80)


def _pages(keys: list[UUID]) -> Iterator[list[UUID]]:
    for first in range(0, len(keys), AT_ONCE):
        yield keys[first : first + AT_ONCE]


def _forget(known: dict[UUID, Any], most: int) -> None:
    """Keep the newest."""
    for key in list(known)[: max(0, len(known) - most)]:
        del known[key]


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
