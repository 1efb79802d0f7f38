"""What can be done: handlers by kind, subscribers by event, periodic work. Empty here; `runtime` fills it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from voc.jobs.retry import Retry

Lane = Literal["flow", "slow", "door", "spare"]


@dataclass(frozen=True, slots=True)
class Item:
    """One claimed row of work. `attempts` counts this one."""

    id: UUID
    kind: str
    subject_id: UUID | None
    data: dict[str, Any]
    attempts: int

    @property
    def subject(self) -> UUID:
        """The id of what this work is about; raises ValueError when the row has none."""
        if self.subject_id is None:
            raise ValueError(f"work {self.kind} has no subject")
        return self.subject_id


@dataclass(frozen=True, slots=True)
class Event:
    """A fact inside the business. Subclasses set `name`; `subject_id` is what it happened to."""

    name: ClassVar[str] = ""
    subject_id: UUID


Wanted = Callable[[Session], bool]
Prepare = Callable[[Any, Sequence[Item]], Sequence[Any]]
Apply = Callable[[Session, Any, Sequence[tuple[Item, Any]]], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of work is done.

    `prepare(runtime, items)` computes or talks to the world without holding the database and returns one result
    an item; `apply(session, runtime, pairs)` writes, in one transaction with the mark that the work is done. Both
    must be safe to run twice. `batch` is how many items may share one transaction.
    """

    kind: str
    apply: Apply
    prepare: Prepare | None = None
    lane: Lane = "flow"
    batch: int = 1
    retry: Retry = field(default_factory=Retry)
    durable: bool = True


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes round: `run(runtime, now)` every `every`, by one worker at a time; safe to run twice."""

    name: str
    every: timedelta
    run: Callable[[Any, Any], None]


class Registry:
    """Handlers, subscribers and periodic work of every room."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.periodic: dict[str, Periodic] = {}
        self._subscribers: dict[str, list[tuple[str, Wanted | None]]] = {}

    def add(self, handlers: Iterable[Handler] = (), periodic: Iterable[Periodic] = ()) -> None:
        """Take in a room's declarations; a kind declared twice raises ValueError."""
        for handler in handlers:
            if handler.kind in self.handlers:
                raise ValueError(f"work kind {handler.kind} is declared twice")
            self.handlers[handler.kind] = handler
        for item in periodic:
            if item.name in self.periodic:
                raise ValueError(f"periodic work {item.name} is declared twice")
            self.periodic[item.name] = item

    def subscribe(self, event: type[Event], kind: str, *, when: Wanted | None = None) -> None:
        """Let work of `kind` be written whenever `event` is published, and, with `when`, only while that says so."""
        if kind not in self.handlers:
            raise ValueError(f"nobody handles {kind}")
        self._subscribers.setdefault(event.name, []).append((kind, when))

    def subscribers(self, event: type[Event]) -> list[Handler]:
        """The handlers that listen to `event`."""
        return [self.handlers[kind] for kind, _ in self._subscribers.get(event.name, [])]

    def listeners(self, event: type[Event], session: Session) -> list[Handler]:
        """Those of them that want to hear of it now."""
        known = self._subscribers.get(event.name, [])
        return [self.handlers[kind] for kind, wanted in known if wanted is None or wanted(session)]
