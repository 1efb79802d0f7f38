"""What the cases room does in the worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.answer import answer_bounced, answer_failed, answer_sent, look_again
from voc.cases.escalate import sweep
from voc.cases.events import CaseOpened
from voc.cases.panels import filling
from voc.cases.panels.asking import any_slot
from voc.cases.panels.queries import KIND as PANEL_KIND
from voc.cases.panels.queries import LANE as PANEL_LANE
from voc.core.clock import Clock
from voc.delivery.events import MessageBounced, MessageFailed, MessageSent
from voc.jobs import Handler, Item, Periodic, Registry


class Context(Protocol):
    """What these handlers need of the runtime."""

    clock: Clock


def _sent(session: Session, context: Context, pairs: Sequence[tuple[Item, None]]) -> None:
    for item, _ in pairs:
        answer_sent(session, queries.message_by_id(session, item.subject), now=context.clock())


def _failed(session: Session, context: Context, pairs: Sequence[tuple[Item, None]]) -> None:
    for item, _ in pairs:
        answer_failed(session, queries.message_by_id(session, item.subject), now=context.clock())


def _bounced(session: Session, context: Context, pairs: Sequence[tuple[Item, None]]) -> None:
    for item, _ in pairs:
        answer_bounced(session, queries.message_by_id(session, item.subject), now=context.clock())


def _reached(session: Session, context: Context, pairs: Sequence[tuple[Item, None]]) -> None:
    for item, _ in pairs:
        look_again(session, item.subject, now=context.clock())


def _sweep(context: object, now: datetime) -> None:
    sweep(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def register(registry: Registry) -> None:
    """Declare handlers, subscriptions and the sweep."""
    registry.add(
        [
            Handler("cases.answered", apply=_sent),
            Handler("cases.answer_failed", apply=_failed),
            Handler("cases.answer_bounced", apply=_bounced),
            # Left by migration 0004.
            Handler("cases.reached", apply=_reached),
            Handler("cases.panels", apply=filling.hear, batch=64, durable=False),
            Handler(PANEL_KIND, apply=filling.keep_panels, prepare=filling.fill_panels, lane=PANEL_LANE),
        ],
        [
            Periodic("cases.escalate", timedelta(seconds=20), _sweep),
            Periodic("cases.panels", timedelta(minutes=5), filling.sweep),
        ],
    )
    registry.subscribe(CaseOpened, "cases.panels", when=any_slot)
    registry.subscribe(MessageSent, "cases.answered")
    registry.subscribe(MessageFailed, "cases.answer_failed")
    registry.subscribe(MessageBounced, "cases.answer_bounced")
