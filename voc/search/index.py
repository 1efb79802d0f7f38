"""Keeping the index: what the pipeline has understood goes in, what was changed or is gone follows.

On SQLite the words stand in a table of their own, which triggers keep the full-text index equal to; its key is made
from the feedback's, so that the index is in the order of the list without ever being sorted. On PostgreSQL words and
facets are one `tsvector`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from voc.core.vocabulary import Stance
from voc.search import queries
from voc.search.facets import facets
from voc.search.place import place_of
from voc.search.syntax import tsvector
from voc.search.words import searched

_PUT_SQLITE = (
    "INSERT INTO feedback_search (id, feedback_id, words, facets) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (feedback_id) DO UPDATE SET words = excluded.words, facets = excluded.facets"
    " WHERE words <> excluded.words OR facets <> excluded.facets"
)
_PUT_POSTGRESQL = (
    "INSERT INTO feedback_search (feedback_id, words) VALUES (%s, CAST(%s AS tsvector))"
    " ON CONFLICT (feedback_id) DO UPDATE SET words = excluded.words WHERE feedback_search.words <> excluded.words"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One feedback as it stands in the index: folded words in their order, and facets."""

    feedback_id: UUID
    words: tuple[str, ...]
    facets: tuple[str, ...]


def entry(
    feedback_id: UUID,
    said: Sequence[str],
    *,
    stance: Stance,
    channel_id: UUID,
    language: str | None,
    received_at: datetime,
) -> Entry:
    """The entry of a feedback whose words (`voc.search.words.searched`) are `said`."""
    kinds = facets(stance=stance, channel_id=channel_id, language=language, received_at=received_at)
    return Entry(feedback_id, tuple(said), kinds)


def put(session: Session, entries: Sequence[Entry]) -> None:
    """Write these entries, whether they were there before or not; what has not changed is left alone."""
    if not entries:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        places = _places(connection, [item.feedback_id for item in entries])
        rows = [
            (places[item.feedback_id], item.feedback_id.bytes, " ".join(item.words), " ".join(item.facets))
            for item in entries
        ]
        # Rising keys: FTS5 then writes one segment for all of them.
        connection.exec_driver_sql(_PUT_SQLITE, sorted(rows))
    else:
        pairs = [(item.feedback_id, tsvector(item.words, item.facets)) for item in entries]
        connection.exec_driver_sql(_PUT_POSTGRESQL, pairs)


def reindex(session: Session, ids: Sequence[UUID]) -> None:
    """Bring these feedback up to date: call it after their words, stance, language or channel changed, and after
    they were deleted. What is gone, or not yet understood, leaves the index."""
    found = queries.sources(session, ids)
    put(session, [_entry_of(row) for row in found])
    known = {row.id for row in found}
    take_out(session, [feedback_id for feedback_id in ids if feedback_id not in known])


def _entry_of(row: Row[*tuple[Any, ...]]) -> Entry:
    return entry(
        row.id,
        searched(row.subject, row.text),
        stance=row.stance,
        channel_id=row.channel_id,
        language=row.language or row.language_hint,
        received_at=row.received_at,
    )


def stale(session: Session, ids: Sequence[UUID]) -> list[UUID]:
    """Which of these feedback stand in the index otherwise than they are; reads only."""
    entries = [_entry_of(row) for row in queries.sources(session, ids, lock=False)]
    if session.connection().dialect.name == "sqlite":
        return queries.stale(session, [(e.feedback_id, " ".join(e.words), " ".join(e.facets)) for e in entries])
    return queries.stale(session, [(e.feedback_id, tsvector(e.words, e.facets), "") for e in entries])


def take_out(session: Session, ids: Sequence[UUID]) -> None:
    """Remove these from the index; those that are not in it are passed over."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = [(feedback_id.bytes,) for feedback_id in ids]
        statement = "DELETE FROM feedback_search WHERE feedback_id = ?"
    else:
        rows = [(feedback_id,) for feedback_id in ids]  # type: ignore[misc]
        statement = "DELETE FROM feedback_search WHERE feedback_id = %s"
    if rows:
        connection.exec_driver_sql(statement, rows)


def squeeze(session: Session) -> None:
    """Rewrite the full-text index without what was removed from it: SQLite keeps removed words in old segments until
    they are merged. For after an erasure; at a million feedback it takes seconds. PostgreSQL does it by vacuum."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO feedback_fts (feedback_fts) VALUES ('optimize')")


def _places(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """The key of each feedback in the index. Two processes may give the same moment and number: then the later comer
    takes a free place nearby."""
    found = queries.places(connection, ids)
    wanted = {feedback_id: place_of(feedback_id) for feedback_id in ids if feedback_id not in found}
    step = 1
    while wanted:
        taken = queries.taken(connection, list(wanted.values())) | set(found.values())
        for feedback_id, place in list(wanted.items()):
            if place in taken:
                wanted[feedback_id] = place + step
            else:
                taken.add(place)
                found[feedback_id] = place
                del wanted[feedback_id]
        step *= 2
    return found
