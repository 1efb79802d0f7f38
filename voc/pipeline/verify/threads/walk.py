"""Walking over every case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.clock import Sla
from voc.model import Case
from voc.pipeline.verify.check import Scope
from voc.pipeline.verify.holes import Holes
from voc.pipeline.verify.snapshot import Open, chunks
from voc.pipeline.verify.threads import clock, history, queries


def walk_cases(opened: Open, scope: Scope, holes: Holes, slas: Mapping[UUID, Sla]) -> None:
    """Apply every rule of one case to all of them."""
    for session, ids in chunks(opened, Case.id, scope.since):
        for rule, example in _broken(session, ids, slas):
            holes.add(rule, example)


def _broken(session: Session, ids: Sequence[UUID], slas: Mapping[UUID, Sla]) -> Iterator[tuple[str, UUID]]:
    for thread in queries.threads(session, ids):
        yield from clock.broken(thread, slas)
        yield from history.broken(thread)
