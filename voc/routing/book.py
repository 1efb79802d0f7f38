"""The rules in force, compiled, kept as long as nobody changes one."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from voc.core.errors import Invalid
from voc.db import Database
from voc.routing import queries
from voc.routing.actions import Actions
from voc.routing.conditions import compiled
from voc.routing.rules import Live

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Book:
    """The rules in their order, the time zone of the house, and the fields that any rule looks at."""

    rules: tuple[Live, ...]
    zone: ZoneInfo
    names: frozenset[str] = frozenset()


_books: WeakKeyDictionary[Pool, tuple[Any, Book]] = WeakKeyDictionary()
_lock = threading.Lock()


def rule_book(session: Session) -> Book:
    """The rules in force; one small statement, and a second one after somebody changed a rule."""
    mark = queries.mark(session)
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101  (tells the type checker)
    with _lock:
        known = _books.get(engine.pool)
    if known is not None and known[0] == mark:
        return known[1]
    rules = tuple(live for row in queries.in_force(session) if (live := _live(row)))
    names = frozenset(name for rule in rules for name in rule.condition.names)
    book = Book(rules, ZoneInfo(mark[1]), names)
    with _lock:
        _books[engine.pool] = (mark, book)
    return book


def make_ready(db: Database) -> None:
    """Have the rules compiled before a transaction that asks them: nobody waits for that with the database held."""
    with db.reading() as session:
        rule_book(session)


def _live(row: queries.AnyRow) -> Live | None:
    """A stored rule as it is asked; None, with a line in the log, for one that this version cannot read."""
    try:
        condition, actions = compiled(row.condition), Actions.from_dict(row.actions)
    except Invalid as error:
        known = {"rule_id": str(row.rule_id), "number": row.number, "reason": str(error)}
        log.warning("a rule cannot be read and is passed over", extra=known)
        return None
    return Live(row.rule_id, row.version_id, row.number, row.name, condition, actions, row.stops)
