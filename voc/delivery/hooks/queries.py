"""SELECTs of the webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import HookEvent, HookState, WorkState
from voc.db.types import word
from voc.model import Message, WebhookDelivery, WebhookEndpoint, Work

HOOK_KIND = "delivery.webhook"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery with what is needed to make it."""

    id: UUID
    endpoint_id: UUID
    event: HookEvent
    subject_id: UUID
    path: str
    state: HookState
    attempts: int
    created_at: datetime
    url: str
    secret: bytes
    active: bool
    paused_until: datetime | None


def listening(session: Session, event: HookEvent) -> list[UUID]:
    """The endpoints that want to hear of `event`. There are few: which ones want what is compared here."""
    rows = session.execute(
        select(WebhookEndpoint.id, WebhookEndpoint.events)
        .where(WebhookEndpoint.active.is_(True))
        .order_by(WebhookEndpoint.id)
    )
    return [row.id for row in rows if event.value in row.events]


def outgoing(session: Session, delivery_id: UUID) -> Outgoing | None:
    """One delivery, None when it is gone."""
    row = session.execute(
        select(
            WebhookDelivery.id,
            WebhookDelivery.endpoint_id,
            WebhookDelivery.event,
            WebhookDelivery.subject_id,
            WebhookDelivery.path,
            WebhookDelivery.state,
            WebhookDelivery.attempts,
            WebhookDelivery.created_at,
            WebhookEndpoint.url,
            WebhookEndpoint.secret,
            WebhookEndpoint.active,
            WebhookEndpoint.paused_until,
        )
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.id == delivery_id)
    ).first()
    return Outgoing(**row._mapping) if row else None


def endpoint(session: Session, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint | None:
    """One endpoint, None when it is gone."""
    statement = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    return session.scalars(statement.with_for_update() if lock else statement).first()


def endpoints(session: Session) -> Sequence[WebhookEndpoint]:
    """Every endpoint, oldest first."""
    return session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all()


def delivery(session: Session, delivery_id: UUID, *, lock: bool = False) -> WebhookDelivery | None:
    """One delivery, None when it is gone."""
    statement = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id)
    return session.scalars(statement.with_for_update() if lock else statement).first()


def log_of(session: Session, endpoint_id: UUID, *, before: UUID | None, limit: int) -> Sequence[WebhookDelivery]:
    """The deliveries of an endpoint, newest first, from the one after `before`."""
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if before is not None:
        statement = statement.where(WebhookDelivery.id < before)
    return session.scalars(statement.order_by(WebhookDelivery.id.desc()).limit(limit)).all()


def waiting(session: Session) -> dict[UUID, int]:
    """How many deliveries wait, by endpoint; endpoints without any are not in it."""
    rows = session.execute(
        select(WebhookDelivery.endpoint_id, func.count())
        .where(WebhookDelivery.state == word(HookState.WAITING))
        .group_by(WebhookDelivery.endpoint_id)
    )
    return {row[0]: row[1] for row in rows}


def cases_of(session: Session, message_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The case of each message."""
    rows = session.execute(select(Message.id, Message.case_id).where(Message.id.in_(message_ids)))
    return {row.id: row.case_id for row in rows}


def abandoned(session: Session, *, before: datetime, limit: int) -> Sequence[UUID]:
    """Deliveries that wait since before `before` and have no work behind them: the worker died at every try."""
    behind = select(Work.id).where(
        Work.kind == HOOK_KIND,
        Work.subject_id == WebhookDelivery.id,
        Work.state.in_([WorkState.TODO, WorkState.DOING]),
    )
    statement = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.state == word(HookState.WAITING), WebhookDelivery.due_at < before, ~behind.exists())
        .limit(limit)
    )
    return session.scalars(statement).all()


def old(session: Session, *, before: datetime, limit: int) -> Sequence[UUID]:
    """Settled deliveries that are older than the log is kept."""
    statement = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.created_at < before, WebhookDelivery.state != word(HookState.WAITING))
        .limit(limit)
    )
    return session.scalars(statement).all()
