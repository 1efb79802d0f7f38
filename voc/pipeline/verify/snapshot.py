"""Reading so that what several statements say belongs together, while the house goes on working."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import InstrumentedAttribute, Session

from voc.db import Database
from voc.pipeline.verify import queries

CHUNK = 500

Open = Callable[[], AbstractContextManager[Session]]


class Reader(Protocol):
    """What a verification needs of a database."""

    @property
    def sqlite(self) -> bool:
        """Whether this is SQLite."""
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """A session that cannot write."""
        ...


@contextmanager
def snapshot(db: Database | Reader) -> Iterator[Session]:
    """A reading session whose statements all see the same moment. SQLite gives that by itself."""
    with db.reading() as session:
        if not db.sqlite:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield session


def chunks(opened: Open, key: InstrumentedAttribute[UUID], since: UUID | None) -> Iterator[tuple[Session, list[UUID]]]:
    """Walk over a table by key; each chunk in a snapshot of its own, so that nothing is held for long."""
    after: UUID | None = None
    while True:
        with opened() as session:
            ids = queries.keys_after(session, key, after, since, CHUNK)
            if not ids:
                return
            yield session, ids
        after = ids[-1]
