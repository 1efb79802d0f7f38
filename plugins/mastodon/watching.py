"""Looking again at what was seen: a server tells nobody that a mention was edited or deleted.

What is watched is part of the cursor, so that it is saved together with what was found.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .client import Server, Trouble, short
from .reading import moment

# Newest mentions that are watched; older ones make room.
MOST = 500
# How many one request may ask for, and how many such requests a round makes.
BATCH = 20
BATCHES = 2
# Looked at in one round when the server knows no way to ask for several.
SINGLES = 10
# After this many seconds the rest waits for its next turn: a slow server must not cost the whole call its time.
LOOK_SECONDS = 4.0

# The new version of a status, or the id of one that is gone.
Change = dict[str, Any] | str
Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


class Watch:
    """The statuses to look at again, next ones first: id → (hours since 1970 when it was written, edited_at)."""

    def __init__(self, known: dict[str, tuple[int, str]], *, now: datetime | None, days: int) -> None:
        self._known = known if days > 0 else {}
        self._oldest = hours(now - timedelta(days=days)) if now is not None else 0
        self._on = days > 0

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None, *, now: datetime | None, days: int) -> Watch:
        """What a cursor says is watched."""
        rows = (cursor or {}).get("watch")
        return cls({row[0]: (row[1], row[2]) for row in rows or []}, now=now, days=days)

    def kept(self) -> list[list[Any]]:
        """For the cursor: the newest that are not too old, in the order in which their turn comes."""
        young = {identity: row for identity, row in self._known.items() if row[0] >= self._oldest}
        newest = set(sorted(young, key=lambda identity: young[identity][0], reverse=True)[:MOST])
        return [[identity, *row] for identity, row in young.items() if identity in newest]

    @staticmethod
    def version_of(status: Mapping[str, Any]) -> str:
        """When it was last edited, empty for never."""
        return str(status.get("edited_at") or "")

    def version(self, identity: str) -> str | None:
        """The version that was seen last, None when this status is not watched."""
        return self._known[identity][1] if identity in self._known else None

    def saw(self, status: Mapping[str, Any]) -> None:
        """Remember this version; its turn comes after all others."""
        if self._on:
            self._known.pop(status["id"], None)
            self._known[status["id"]] = (hours(moment(status.get("created_at"))), self.version_of(status))

    def look(self, server: Server, log: Log) -> tuple[list[Change], str]:
        """What changed among those whose turn it is, and a notice when looking did not work.

        A deletion is believed only when the API itself says, of this one status, that it is not there.
        """
        changes: list[Change] = []
        turn = [identity for identity, row in self._known.items() if row[0] >= self._oldest][: BATCH * BATCHES]
        until = time.monotonic() + LOOK_SECONDS
        try:
            for first in range(0, len(turn), BATCH):
                if not self._look_at(server, turn[first : first + BATCH], changes, until):
                    break
        except Trouble as trouble:
            log.warning("mentions not looked at again", extra={"reason": str(trouble)})
            # Too many requests: the rest simply waits for its next turn.
            if trouble.status != 429:
                return changes, f"Edits and deletions could not be looked for: {short(str(trouble))}"
        return changes, ""

    def _look_at(self, server: Server, turn: list[str], changes: list[Change], until: float) -> bool:
        """Look at these and add to `changes`, one by one, so that trouble in between loses none; False: enough now."""
        there = _several(server, turn)
        for identity in turn if there is not None else turn[:SINGLES]:
            if time.monotonic() > until:
                return False
            status = (there or {}).get(identity) or _one(server, identity)
            if status is None:
                del self._known[identity]
                changes.append(identity)
                continue
            if self.version(identity) != self.version_of(status):
                changes.append(status)
            self.saw(status)
        return there is not None


def _several(server: Server, identities: list[str]) -> dict[str, dict[str, Any]] | None:
    """Statuses by id, of those that are there; None when this server cannot be asked for several."""
    try:
        found = server.ask(server.api.statuses, identities)
    except Trouble as trouble:
        if trouble.status in (400, 404, 405, 422, 501):
            return None
        raise
    if not isinstance(found, list):
        return None
    return {item["id"]: item for item in found if isinstance(item, dict) and isinstance(item.get("id"), str)}


def _one(server: Server, identity: str) -> dict[str, Any] | None:
    """A status, None when the API says that it is gone. Raises Trouble when it says something else."""
    try:
        status = server.ask(server.api.status, identity)
    except Trouble as trouble:
        if trouble.gone:
            return None
        raise
    if not isinstance(status, dict) or status.get("id") != identity:
        raise Trouble(f"{server.host} sent something that is no status")
    return status


def hours(moment: datetime | None) -> int:
    """Whole hours since 1970, 0 for no time."""
    return int((moment - datetime.fromtimestamp(0, UTC)).total_seconds() // 3600) if moment is not None else 0
