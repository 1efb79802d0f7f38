"""What happened in the business, told to the webhooks that listen: each event becomes a row for each endpoint.

Feedback is told of in the transaction that settles it: work of its own for every feedback would be too dear. The other
events come as work, one row each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.events import CaseOpened, CaseResolved
from voc.core.clock import Clock
from voc.core.vocabulary import HookEvent
from voc.delivery.events import MessageFailed, MessageSent
from voc.delivery.hooks import queries
from voc.delivery.hooks.telling import tell
from voc.jobs import Event, Handler, Item, Registry

EVENTS: Mapping[type[Event], HookEvent] = {
    CaseOpened: HookEvent.CASE_OPENED,
    CaseResolved: HookEvent.CASE_RESOLVED,
    MessageSent: HookEvent.MESSAGE_SENT,
    MessageFailed: HookEvent.MESSAGE_FAILED,
}
ABOUT_MESSAGES = (HookEvent.MESSAGE_SENT, HookEvent.MESSAGE_FAILED)


class Context(Protocol):
    """What telling needs of the runtime."""

    @property
    def clock(self) -> Clock:
        """What time it is."""


def tell_feedback(session: Session, feedback_ids: Sequence[UUID], *, now: datetime) -> None:
    """Tell of feedback that was stored and understood."""
    tell(session, HookEvent.FEEDBACK_STORED, [(key, f"/feedback/{key}") for key in feedback_ids], now=now)


def _tell(event: HookEvent, session: Session, context: Context, pairs: Sequence[tuple[Item, Any]]) -> None:
    """Tell of what these rows of work are about; a case is looked at on its page, a message on that of its case."""
    subjects = [item.subject for item, _ in pairs]
    if event in ABOUT_MESSAGES:
        cases = queries.cases_of(session, subjects)
    else:
        cases = {subject: subject for subject in subjects}
    told = [(subject, f"/cases/{cases[subject]}") for subject in subjects if subject in cases]
    tell(session, event, told, now=context.clock())


def _wanted(event: HookEvent, session: Session) -> bool:
    return bool(queries.listening(session, event))


def register(registry: Registry) -> None:
    """Declare one handler an event, and let it listen."""
    for happened, event in EVENTS.items():
        kind = f"pipeline.tell_{event.value.replace('.', '_')}"
        apply: Callable[..., None] = partial(_tell, event)
        registry.add([Handler(kind, apply=apply, batch=64, durable=False)])
        # Work that nobody waits for would be half of what a burst of complaints costs.
        registry.subscribe(happened, kind, when=partial(_wanted, event))
