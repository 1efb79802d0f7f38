"""Engines. One gate for all write transactions of a SQLite database: BEGIN IMMEDIATE with our own short retry.

The driver's own transaction handling is switched off so that savepoints and BEGIN IMMEDIATE mean what they say.
A gate in the process orders our own threads; other processes are met by the retry (a long busy timeout waits in
growing steps and costs p99; half a millisecond does not).
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from voc.core.errors import Busy

WRITE_PATIENCE = 5.0
_RETRY = 0.0005

# What a connection is set to before it reads, writes durably, or writes what is done again after a power cut.
MODES = {
    "read": ("busy_timeout=200", "query_only=ON"),
    "full": ("busy_timeout=0", "query_only=OFF", "synchronous=FULL"),
    "relaxed": ("busy_timeout=0", "query_only=OFF", "synchronous=NORMAL"),
}


class Gate:
    """Orders the writers of one process; entered before BEGIN IMMEDIATE, left after COMMIT or ROLLBACK.

    `met` counts how often another process held the database when this one wanted to write.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.met = 0

    def enter(self, patience: float) -> None:
        """Wait for the turn; raises Busy after `patience` seconds."""
        if not self._lock.acquire(timeout=patience):
            raise Busy

    def leave(self) -> None:
        """Let the next one in."""
        self._lock.release()


def make_engine(url: str, gate: Gate, *, pool_size: int = 24) -> Engine:
    """An engine for `url` (sqlite or postgresql+psycopg) with voc's pragmas and begin rules; `gate` counts.

    Parameters are kept out of error texts: they are what customers said, and errors are logged.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, gate, pool_size)
    return create_engine(
        url, pool_size=pool_size, max_overflow=8, pool_pre_ping=True, pool_timeout=WRITE_PATIENCE, hide_parameters=True
    )


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether this is SQLite."""
    return bind.dialect.name == "sqlite"


def _sqlite(url: str, gate: Gate, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        pool_timeout=WRITE_PATIENCE,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 0.2},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-8000",
            "temp_store=MEMORY",
            "journal_size_limit=67108864",
        ):
            _patient(connection, f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (tells the type checker)
        options = connection.get_execution_options()
        if options.get("voc_lasting"):
            return  # its owner has begun
        mode = "read" if options.get("voc_read") else "relaxed" if options.get("voc_relaxed") else "full"
        # Each pragma gives the interpreter lock away: only when the pooled connection was used otherwise before.
        known = connection.connection.info
        if known.get("voc_mode") != mode:
            for pragma in MODES[mode]:
                raw.execute(f"PRAGMA {pragma}")
            known["voc_mode"] = mode
        if mode == "read":
            raw.execute("BEGIN")
        else:
            gate.met += begin_immediate(raw, WRITE_PATIENCE)

    return engine


def _patient(connection: sqlite3.Connection, statement: str) -> None:
    """Run a pragma that may meet another process that is just opening the same file."""
    deadline = time.monotonic() + WRITE_PATIENCE
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def begin_immediate(connection: sqlite3.Connection, patience: float) -> bool:
    """Take the write lock and say whether it had to wait for another process; raises Busy after `patience` seconds."""
    deadline, waited = time.monotonic() + patience, False
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return waited
        except sqlite3.OperationalError as error:
            if not is_locked(error):
                raise
            if time.monotonic() > deadline:
                raise Busy from None
            waited = True
            time.sleep(_RETRY * (0.5 + random.random()))  # noqa: S311  (jitter, not a secret)


def is_locked(error: BaseException) -> bool:
    """Whether SQLite says that somebody else holds the database."""
    return "locked" in str(error) or "busy" in str(error)


def is_passing(error: OperationalError) -> bool:
    """Whether this failure is of the moment (locked, disk full, connection lost), not of the statement."""
    text = str(error.orig).lower()
    return error.connection_invalidated or any(
        sign in text
        for sign in (
            "locked",
            "busy",
            "disk is full",
            "disk i/o",
            "unable to open",
            "readonly database",
            "connection",
            "timeout",
            "could not extend file",
            "no space left",
            "deadlock",
            "serialize access",
        )
    )
