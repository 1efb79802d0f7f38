"""Endpoints as an administrator sets them up; trying them, and sending again what failed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import new_id
from voc.core.text import is_storable, one_line
from voc.core.vocabulary import HookEvent, HookState
from voc.delivery.hooks import queries
from voc.delivery.hooks.queries import HOOK_KIND
from voc.delivery.hooks.signing import new_secret
from voc.delivery.hooks.telling import tell_these
from voc.jobs import enqueue
from voc.model import WebhookDelivery, WebhookEndpoint
from voc.net.addresses import AddressGuard
from voc.security.access import Actor, require
from voc.security.keys import Keys

EVENTS = tuple(event for event in HookEvent if event is not HookEvent.TEST)
HOME = "/settings/webhooks"
LONGEST_URL = 2000


def add(
    session: Session,
    keys: Keys,
    *,
    name: str,
    url: str,
    events: Iterable[str],
    guard: AddressGuard,
    actor: Actor,
    now: datetime,
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once. `guard` says which private addresses are allowed.
    Raises Invalid with a message per field."""
    require(actor, "hook.edit")
    name, url, wanted = checked(name, url, events, guard)
    secret = new_secret()
    endpoint = WebhookEndpoint(
        id=new_id(),
        name=name,
        url=url,
        secret=keys.encrypt(secret.encode()),
        events=wanted,
        active=True,
        failures=0,
        paused_until=None,
        off_reason=None,
        created_at=now,
    )
    session.add(endpoint)
    session.flush()
    audit(session, actor_id=actor.user_id, action="hook.added", subject_id=endpoint.id, now=now, events=wanted)
    return endpoint, secret


def change(
    session: Session,
    endpoint_id: UUID,
    *,
    name: str,
    url: str,
    events: Iterable[str],
    active: bool,
    guard: AddressGuard,
    actor: Actor,
    now: datetime,
) -> WebhookEndpoint:
    """Change an endpoint; it is tried again at once. Raises Invalid or NotFound."""
    endpoint = _mine(session, endpoint_id, actor)
    endpoint.name, endpoint.url, endpoint.events = checked(name, url, events, guard)
    endpoint.active, endpoint.off_reason = active, None
    endpoint.failures, endpoint.paused_until = 0, None
    audit(
        session,
        actor_id=actor.user_id,
        action="hook.changed",
        subject_id=endpoint.id,
        now=now,
        events=endpoint.events,
        active=active,
    )
    return endpoint


def renew_secret(session: Session, keys: Keys, endpoint_id: UUID, *, actor: Actor, now: datetime) -> str:
    """A new secret, shown this once; the old one is worth nothing from now on. Raises NotFound."""
    endpoint = _mine(session, endpoint_id, actor)
    secret = new_secret()
    endpoint.secret = keys.encrypt(secret.encode())
    audit(session, actor_id=actor.user_id, action="hook.renewed", subject_id=endpoint.id, now=now)
    return secret


def remove(session: Session, endpoint_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an endpoint away with its log; what waits is not sent. Raises NotFound."""
    endpoint = _mine(session, endpoint_id, actor)
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id))
    session.delete(endpoint)
    audit(session, actor_id=actor.user_id, action="hook.removed", subject_id=endpoint_id, now=now)


def send_test(session: Session, endpoint_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Send a `webhook.test`. Raises NotFound, or Conflict for an endpoint that is switched off."""
    endpoint = _mine(session, endpoint_id, actor)
    if not endpoint.active:
        raise Conflict
    endpoint.paused_until = None
    tell_these(session, [endpoint_id], HookEvent.TEST, [(endpoint_id, HOME)], now=now)


def replay(session: Session, delivery_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Send one delivery again under its old id; returns the endpoint's. Raises NotFound, or Conflict when it waits."""
    require(actor, "hook.edit")
    delivery = queries.delivery(session, delivery_id, lock=True)
    if delivery is None:
        raise NotFound
    endpoint = _mine(session, delivery.endpoint_id, actor)
    if delivery.state is HookState.WAITING or not endpoint.active:
        raise Conflict
    delivery.state, delivery.attempts, delivery.error, delivery.due_at = HookState.WAITING, 0, None, now
    endpoint.paused_until = None
    enqueue(session, HOOK_KIND, subject_id=delivery_id, now=now)
    audit(session, actor_id=actor.user_id, action="hook.replayed", subject_id=delivery_id, now=now)
    return endpoint.id


def checked(name: str, url: str, events: Iterable[str], guard: AddressGuard) -> tuple[str, str, list[str]]:
    """Name, URL and events as they are kept; raises Invalid with a message per field."""
    errors: dict[str, list[str]] = {}
    name, url = one_line(name)[:120], url.strip()
    if not name:
        errors["name"] = ["The name is missing."]
    if not is_address(url):
        errors["url"] = ["This must be an address such as https://example.com/hooks, without a password in it."]
    elif guard.forbids(urlsplit(url).hostname or ""):
        errors["url"] = ["This is a private address. VOC_PRIVATE_ADDRESSES would have to allow it."]
    wanted = [event.value for event in EVENTS if event.value in set(events)]
    if not wanted:
        errors["events"] = ["Choose at least one event."]
    if errors:
        raise Invalid(fields=errors)
    return name, url, wanted


def is_address(url: str) -> bool:
    """Whether `url` can be posted to: http or https, a host, no user in it, nothing odd."""
    if not url.isascii() or len(url) > LONGEST_URL or not is_storable(url) or any(sign.isspace() for sign in url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and port != 0


def _mine(session: Session, endpoint_id: UUID, actor: Actor) -> WebhookEndpoint:
    require(actor, "hook.edit")
    endpoint = queries.endpoint(session, endpoint_id, lock=True)
    if endpoint is None:
        raise NotFound
    return endpoint
