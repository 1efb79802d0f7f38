"""Inserting many rows: on SQLite as one statement for all of them, with encoders and text made once.

SQLAlchemy's own way costs two thirds of the accepting transaction: it looks at every value through three layers, and
`executemany` gives the interpreter lock away once a row, for which the writer then queues behind every request
thread. A test holds the encoders equal to SQLAlchemy's bind processors.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Connection, Date, Enum, Table, bindparam, insert, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.types import TypeEngine

from voc.db.types import Key, Utc

Encoder = Callable[[Any], Any]

# SQLite takes 32,766 values in one statement; a longer one gains nothing.
_MOST_VALUES = 8000


def bulk_insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, all with the columns of the first, in the caller's transaction.

    Raises IntegrityError and OperationalError of SQLAlchemy, and ValueError for a naive time.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), list(rows))
        return
    plan = _plan(table, tuple(rows[0]))
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (tells the type checker)
    try:
        for start in range(0, len(rows), plan.most):
            plan.run(raw, rows[start : start + plan.most])
    except sqlite3.IntegrityError as error:
        raise IntegrityError(plan.head, None, error) from error
    except sqlite3.OperationalError as error:
        raise OperationalError(plan.head, None, error) from error


def bulk_update(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set the columns of each of `rows` on the row with its `id`, all with the columns of the first.

    Runs in the caller's transaction; raises what `bulk_insert` raises. A row that is not there is passed over.
    """
    if not rows:
        return
    names = tuple(name for name in rows[0] if name != "id")
    if connection.dialect.name != "sqlite":
        statement = (
            update(table).where(table.c.id == bindparam("key")).values({n: bindparam(f"new_{n}") for n in names})
        )
        connection.execute(statement, [{"key": r["id"], **{f"new_{n}": r[n] for n in names}} for r in rows])
        return
    steps = [(name, encoder(table.c[name].type)) for name in (*names, "id")]
    command = f'UPDATE "{table.name}" SET {", ".join(f"{name} = ?" for name in names)} WHERE id = ?'  # noqa: S608
    values = [[row[name] if encode is None else encode(row[name]) for name, encode in steps] for row in rows]
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (tells the type checker)
    try:
        raw.executemany(command, values)
    except sqlite3.IntegrityError as error:
        raise IntegrityError(command, None, error) from error
    except sqlite3.OperationalError as error:
        raise OperationalError(command, None, error) from error


class _Plan:
    """How rows of these columns are written."""

    def __init__(self, table: Table, names: tuple[str, ...]) -> None:
        self.head = f'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES '  # noqa: S608  names of our own
        self.most = max(1, _MOST_VALUES // len(names))
        self._row = "(" + ", ".join("?" * len(names)) + ")"
        self._steps = tuple((name, encoder(table.c[name].type)) for name in names)
        self._statements: dict[int, str] = {}

    def run(self, raw: sqlite3.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """One statement."""
        values: list[Any] = []
        add, steps = values.append, self._steps
        for row in rows:
            for name, encode in steps:
                add(row[name] if encode is None else encode(row[name]))
        statement = self._statements.get(len(rows))
        if statement is None:
            statement = self._statements[len(rows)] = self.head + ", ".join([self._row] * len(rows))
        raw.execute(statement, values)


_plans: dict[tuple[str, tuple[str, ...]], _Plan] = {}


def _plan(table: Table, names: tuple[str, ...]) -> _Plan:
    plan = _plans.get((table.name, names))
    if plan is None:
        plan = _plans[table.name, names] = _Plan(table, names)
    return plan


def encoder(kind: TypeEngine[Any]) -> Encoder | None:
    """What turns a value of this type into what SQLite keeps; None where it is kept as it is."""
    if isinstance(kind, Key):
        return lambda value: None if value is None else value.bytes
    if isinstance(kind, Utc):
        return _instant
    if isinstance(kind, Date):
        return lambda value: None if value is None else value.isoformat()
    if isinstance(kind, Enum) and kind.enum_class is not None:
        words: dict[Any, Any] = {member: member.value for member in kind.enum_class}
        return {**words, None: None}.__getitem__
    if isinstance(kind, JSON):
        return json.dumps
    return None


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("naive datetime")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ", "microseconds")[:26]
