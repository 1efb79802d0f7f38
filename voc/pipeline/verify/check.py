"""A check: a statement, or a rule in Python, that gives the ids of whatever breaks it; its name, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, true

from voc.pipeline.verify.report import Invariant

# A passed deadline is told by a sweep every twenty seconds; only what is older counts as forgotten.
GRACE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a check looks at: everything, or only rows whose (rising) key is not below `since`."""

    now: datetime
    since: UUID | None = None

    @property
    def grace(self) -> datetime:
        """Deadlines before this moment must have been told."""
        return self.now - GRACE

    def of(self, key: Any) -> ColumnElement[bool]:
        """The condition that keeps `key` inside the scope."""
        return true() if self.since is None else key >= self.since


Find = Callable[[Scope], Select[Any]]


@dataclass(frozen=True, slots=True)
class Check:
    """`find` selects one column: ids of what breaks the rule. `key` never changes once it was released; `text` says
    what it means when it finds something, and what to do. `quick`: it costs little when the scope is bounded."""

    key: str
    invariant: Invariant
    text: str
    find: Find
    quick: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A check that looks at one feedback or case with everything that belongs to it, in Python."""

    key: str
    invariant: Invariant
    text: str


def check(key: str, invariant: Invariant, *, quick: bool = True) -> Callable[[Find], Check]:
    """Make a check of a function that builds its statement; its docstring is what is said when it finds something."""
    return lambda find: Check(key, invariant, " ".join((find.__doc__ or "").split()), find, quick)


def rules(table: str) -> tuple[Rule, ...]:
    """Read rules from a table: key, invariant and text on a line; a line that is indented further goes on."""
    found: list[Rule] = []
    lines = [line for line in table.splitlines() if line.strip()]
    margin = len(lines[0]) - len(lines[0].lstrip())
    for line in lines:
        if line[margin] == " ":
            last = found.pop()
            found.append(Rule(last.key, last.invariant, f"{last.text} {line.strip()}"))
        else:
            key, invariant, text = line.split(maxsplit=2)
            found.append(Rule(key, cast(Invariant, invariant), text))
    return tuple(found)
