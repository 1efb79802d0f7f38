"""One database with its two kinds of unit of work: `reading()` and `writing()`.

Edges and the worker hold them; services never commit. Reading is enforced by the database itself, which is also
what proves that a GET writes nothing (I12).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from voc.core.errors import Busy, VocError
from voc.db.engine import MODES, WRITE_PATIENCE, Gate, begin_immediate, is_passing, is_sqlite, make_engine


class Database:
    """Engine, gate and units of work. Threads share one; a child process makes its own."""

    def __init__(self, url: str, *, pool_size: int = 24) -> None:
        self.url = url
        self.gate = Gate()
        self.engine: Engine = make_engine(url, self.gate, pool_size=pool_size)
        self._read_engine = self.engine.execution_options(voc_read=True)
        self._relaxed_engine = self.engine.execution_options(voc_relaxed=True)
        self.info: dict[str, Any] = {}

    @property
    def sqlite(self) -> bool:
        """Whether this is SQLite (else PostgreSQL)."""
        return is_sqlite(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that cannot write; raises Busy when the database cannot be reached just now."""
        with translated(), Session(self._read_engine, autoflush=False, info=self.info) as session:
            if not self.sqlite:
                session.execute(text("SET TRANSACTION READ ONLY"))
            # Closing ends the transaction and leaves what was loaded usable; a rollback would expire it.
            yield session

    @contextmanager
    def writing(self, *, patience: float = WRITE_PATIENCE, durable: bool = True) -> Iterator[Session]:
        """A unit of work: committed when the block ends, rolled back when it raises. Never compute inside.

        `durable=False` is for work whose order stands in the same database and is done again when a power cut
        takes it back: on SQLite it does not wait for the disk. A killed process loses nothing either way.
        """
        engine = self.engine if durable else self._relaxed_engine
        with translated(), self._turn(patience), Session(engine, expire_on_commit=False, info=self.info) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextmanager
    def connecting(self, *, patience: float = WRITE_PATIENCE) -> Iterator[Connection]:
        """The same as `writing()` without an ORM session, for the hot path and for bulk work."""
        with translated(), self._turn(patience), self.engine.connect() as connection, connection.begin():
            yield connection

    def lasting(self) -> LastingConnection:
        """A connection that one thread keeps for many small durable transactions on SQLite; close it at the end."""
        return LastingConnection(self)

    @contextmanager
    def rebuilding(self, *, patience: float) -> Iterator[Connection]:
        """A writing connection for migrations: SQLite changes a table by copying it, and the rows that refer to it
        must not notice. References are checked as a whole before the commit; a broken one raises VocError.
        """
        with translated(), self._turn(patience), self.engine.connect() as connection:
            if not self.sqlite:
                with connection.begin():
                    yield connection
                return
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (tells the type checker)
            raw.execute("PRAGMA foreign_keys=OFF")  # means nothing inside a transaction
            try:
                with connection.begin():
                    yield connection
                    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5):
                        raise VocError(f"the migration would leave rows that refer to nothing: {broken}")
            finally:
                raw.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def _turn(self, patience: float) -> Iterator[None]:
        """Hold the gate on SQLite; PostgreSQL orders its writers itself."""
        if not self.sqlite:
            yield
            return
        self.gate.enter(patience)
        try:
            yield
        finally:
            self.gate.leave()

    def wait_until_reachable(self, seconds: float) -> None:
        """Wait for the database server at start; raises Busy when it does not answer in time."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                with self.reading() as session:
                    session.execute(text("SELECT 1"))
                return
            except Busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


class LastingConnection:
    """What `connecting()` gives, without fetching a connection from the pool and setting it up for every transaction:
    for the intake writer that is half the price of a small one. SQLite only, one thread only.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    @contextmanager
    def writing(self, *, patience: float = WRITE_PATIENCE) -> Iterator[Connection]:
        """One unit of work; raises Busy when the database cannot be written just now."""
        with translated(), self._database._turn(patience):
            connection = self._connection or self._connect()
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (tells the type checker)
            self._database.gate.met += begin_immediate(raw, patience)
            try:
                yield connection
                _plainly(raw, "COMMIT")
            except BaseException:
                if raw.in_transaction:
                    _plainly(raw, "ROLLBACK")
                raise
            finally:
                connection.rollback()  # SQLAlchemy's own idea of a transaction, which a query starts; nothing is open

    def _connect(self) -> Connection:
        connection = self._database.engine.connect().execution_options(voc_lasting=True)
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (tells the type checker)
        # Its mode stays what it is for as long as it is ours; the pool asks again afterwards.
        for pragma in MODES["full"]:
            _plainly(raw, f"PRAGMA {pragma}")
        connection.connection.info.pop("voc_mode", None)
        self._connection = connection
        return connection

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _plainly(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement of our own; what goes wrong looks as it does everywhere else."""
    try:
        connection.execute(statement)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error


@contextmanager
def translated() -> Iterator[None]:
    """Turn failures of the moment into Busy, so that every edge answers *try again* and nobody else has to know."""
    try:
        yield
    except PoolTimeout as error:
        raise Busy from error
    except OperationalError as error:
        if is_passing(error):
            raise Busy(f"the database cannot be written just now: {error.orig}") from error
        raise
