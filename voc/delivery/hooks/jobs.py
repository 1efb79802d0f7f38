"""Delivering webhooks in the worker: one try a row of work, the next one written with the result of the last.

An endpoint that does not answer is left alone for a while as a whole: what waits for it must not hold up what else
goes through the same lane.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import Permanent
from voc.core.settings import Settings
from voc.core.vocabulary import HookState
from voc.db import Database
from voc.delivery.hooks import queries, upkeep
from voc.delivery.hooks.posting import post
from voc.delivery.hooks.queries import HOOK_KIND, Outgoing
from voc.delivery.hooks.signing import body_of, message_id, signed
from voc.jobs import Handler, Item, Periodic, Registry, enqueue
from voc.jobs.retry import Retry
from voc.model import WebhookDelivery, WebhookEndpoint
from voc.security.keys import Keys

log = logging.getLogger(__name__)

# A day and a half in all.
TRIES = Retry(attempts=18, first=timedelta(seconds=5), longest=timedelta(hours=6))
# How long an endpoint is left alone after failures in a row.
PAUSES = Retry(attempts=1_000_000, first=timedelta(seconds=5), longest=timedelta(hours=1))
GONE = 410


class Context(Protocol):
    """What delivering needs of the runtime."""

    settings: Settings
    db: Database
    keys: Keys

    @property
    def clock(self) -> Clock:
        """What time it is."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A try at `at`: the HTTP status when there was one, and why it counts as failed, None for success."""

    at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not tried: the endpoint is left alone until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Not tried, and not to be."""

    reason: str


Outcome = Tried | Postponed | GivenUp


def deliver(runtime: Context, items: Sequence[Item]) -> list[Outcome | None]:
    """Try each delivery once; None for one that is gone or has been delivered."""
    return [_deliver(runtime, item) for item in items]


def _deliver(runtime: Context, item: Item) -> Outcome | None:
    with runtime.db.reading() as session:
        delivery = queries.outgoing(session, item.subject)
    if delivery is None or delivery.state is not HookState.WAITING:
        return None
    if not delivery.active:
        return GivenUp("The webhook is switched off.")
    now = runtime.clock()
    if delivery.paused_until is not None and delivery.paused_until > now:
        return Postponed(delivery.paused_until)
    return _try(runtime, delivery, now)


def _try(runtime: Context, delivery: Outgoing, now: datetime) -> Outcome:
    try:
        secret = runtime.keys.decrypt(delivery.secret).decode()
    except Permanent as error:
        return GivenUp(str(error))
    link = runtime.settings.public(delivery.path)
    body = body_of(delivery.event, delivery.subject_id, delivery.created_at, link)
    headers = signed(secret, message_id(delivery.id), now, body)
    status, reason = post(delivery.url, body, headers, private=runtime.settings.private_addresses)
    return Tried(runtime.clock(), status, reason)


def record(session: Session, runtime: Context, pairs: Sequence[tuple[Item, Outcome | None]]) -> None:
    """Write what became of each try, and when the next one is."""
    for item, outcome in pairs:
        if outcome is None:
            continue
        delivery = queries.delivery(session, item.subject, lock=True)
        endpoint = queries.endpoint(session, delivery.endpoint_id, lock=True) if delivery else None
        if delivery is None or endpoint is None or delivery.state is not HookState.WAITING:
            continue
        if isinstance(outcome, Postponed):
            _again(session, delivery, outcome.until, runtime.clock())
        elif isinstance(outcome, GivenUp):
            delivery.state, delivery.error = HookState.FAILED, outcome.reason
        else:
            _settle(session, delivery, endpoint, outcome, runtime.clock())


def _settle(
    session: Session, delivery: WebhookDelivery, endpoint: WebhookEndpoint, tried: Tried, now: datetime
) -> None:
    delivery.attempts += 1
    delivery.status, delivery.error, delivery.tried_at = tried.status, tried.error, tried.at
    if tried.error is None:
        delivery.state = HookState.DELIVERED
        endpoint.failures, endpoint.paused_until = 0, None
        return
    log.info("webhook failed", extra={"delivery_id": str(delivery.id), "attempts": delivery.attempts})
    endpoint.failures += 1
    endpoint.paused_until = tried.at + (PAUSES.wait(endpoint.failures) or PAUSES.longest)
    if tried.status == GONE:
        endpoint.active, endpoint.off_reason = False, "it answered 410"
    wait = TRIES.wait(delivery.attempts)
    if wait is None or not endpoint.active:
        delivery.state = HookState.FAILED
    else:
        _again(session, delivery, max(tried.at + wait, endpoint.paused_until), now)


def _again(session: Session, delivery: WebhookDelivery, at: datetime, now: datetime) -> None:
    delivery.due_at = at
    enqueue(session, HOOK_KIND, subject_id=delivery.id, now=now, due_at=at)


HANDLERS = [Handler(HOOK_KIND, apply=record, prepare=deliver, lane="door")]
PERIODIC = [Periodic("delivery.webhook_log", every=timedelta(hours=1), run=upkeep.sweep)]


def register(registry: Registry) -> None:
    """Declare the handler and the upkeep of the log."""
    registry.add(HANDLERS, PERIODIC)
