"""Ids by which words refer to each other, as keyed hashes: what a channel read, and what we sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.delivery import queries
from voc.model import ThreadName


class Hasher(Protocol):
    """Makes keyed hashes (`voc.security.keys.Keys`)."""

    def hash(self, purpose: str, *parts: str | bytes) -> bytes:
        """A keyed hash of `parts`."""
        ...


def thread_key(keys: Hasher, kind: str, name: str) -> bytes:
    """The hash of an id by which words of channels of this kind refer to each other; angle brackets do not count."""
    return keys.hash("thread", kind, name.strip().removeprefix("<").removesuffix(">"))


def remember(session: Session, keys: Hasher, *, message_id: UUID, kind: str, names: Iterable[str | None]) -> None:
    """Let later words refer to a message of ours by these ids; what is known already stays what it is."""
    hashes = {thread_key(keys, kind, name) for name in names if name}
    known = queries.known_names(session, list(hashes))
    rows = [{"key": key, "feedback_id": None, "message_id": message_id} for key in hashes - known]
    bulk_insert(session.connection(), table_of(ThreadName), rows)
