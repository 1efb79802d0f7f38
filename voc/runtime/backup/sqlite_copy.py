"""Copying a SQLite database that is being written to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from voc.core.errors import VocError

# Pages per step; between two steps the interpreter and the disk are free for others.
STEP = 2000


def copy_database(source: Path, target: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy `source` as it is at this moment into the new file `target`, while others go on writing.

    The open read transaction holds one snapshot of the write-ahead log, so that a writer neither waits nor makes the
    copy begin again, and the copy is consistent. `progress` gets pages done and pages in all. Raises VocError when
    the copy is damaged, sqlite3.Error when it cannot be made.
    """
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        reading.execute("PRAGMA busy_timeout=5000")
        reading.execute("PRAGMA query_only=ON")
        reading.execute("BEGIN")
        reading.execute("PRAGMA schema_version").fetchone()
        writing.execute("PRAGMA synchronous=OFF")

        def tell(_status: int, remaining: int, total: int) -> None:
            if progress:
                progress(total - remaining, total)

        reading.backup(writing, pages=STEP, progress=tell, sleep=0.01)
        reading.execute("ROLLBACK")
        check(writing)


def check(connection: sqlite3.Connection) -> None:
    """Raise VocError when the database behind `connection` is damaged."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found is None or found[0] != "ok":
        raise VocError(f"the database is damaged ({found[0] if found else 'empty'}): see voc doctor")
