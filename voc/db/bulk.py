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

from sqlalchemy import JSON, Connection, Enum, Table, insert
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
