"""What this process remembers about sending, for each database: what was taken but not yet marked, and a dead server.

Neither is truth; losing it costs a repeat with the same Message-ID, or one more try at a server that is down.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from voc.db import Database
from voc.net.smtp import Unreachable

KEPT = 1000
PAUSE = timedelta(seconds=30)


class Memory:
    """Used by the lanes of one worker, each for messages of its own."""

    def __init__(self) -> None:
        self._taken: OrderedDict[UUID, tuple[datetime, str]] = OrderedDict()
        self._closed_until: datetime | None = None
        self._why = ""

    def taken(self, key: UUID, at: datetime, external_id: str = "") -> None:
        """The other side took this message at `at`, under an id of its own or none. When the mark in the database
        fails, it must not go again."""
        self._taken[key] = (at, external_id)
        while len(self._taken) > KEPT:
            self._taken.popitem(last=False)

    def taken_at(self, key: UUID) -> datetime | None:
        """When the other side took this message; None when this process knows nothing of it."""
        known = self._taken.get(key)
        return known[0] if known else None

    def external_id(self, key: UUID) -> str | None:
        """The other side's id of a message that it took."""
        known = self._taken.get(key)
        return known[1] or None if known else None

    def server_down(self, error: Unreachable, now: datetime) -> None:
        """Leave the server alone for a while: each try at a dead one holds up all other work of the lane."""
        self._closed_until, self._why = now + PAUSE, str(error)

    def require_server(self, now: datetime) -> None:
        """Raise Unreachable at once while the server is left alone."""
        if self._closed_until is not None and now < self._closed_until:
            raise Unreachable(self._why)


_memories: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()


def memory_of(db: Database) -> Memory:
    """The memory that belongs to this database."""
    return _memories.setdefault(db, Memory())
