"""Webhooks to other people's programs: where they go, what became of each, sending one again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import parse_id
from voc.delivery.hooks import endpoints, queries
from voc.model import WebhookDelivery, WebhookEndpoint
from voc.net.addresses import AddressGuard
from voc.web.account.pages import blueprint
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.account.who import actor, signed_in
from voc.web.here import now, runtime

HOME = "/settings/webhooks"
ROWS = 50


@blueprint.get("/settings/webhooks")
@signed_in("hook.edit")
def hook_list() -> ResponseReturnValue:
    """Every endpoint, and a form for another one."""
    return _list()


@blueprint.post("/settings/webhooks")
@signed_in("hook.edit")
def add_hook() -> ResponseReturnValue:
    """Add an endpoint and show its secret, which cannot be shown again."""
    try:
        with runtime().db.writing() as session:
            endpoint, secret = endpoints.add(
                session, runtime().keys, **_typed(), guard=_guard(), actor=actor(), now=now()
            )
            key = endpoint.id
    except Invalid as error:
        return _list(typed=_typed(), errors=in_words(error.fields), status=422)
    return _one(key, secret=secret)


@blueprint.get("/settings/webhooks/<uuid:key>")
@signed_in("hook.edit")
def hook(key: UUID) -> ResponseReturnValue:
    """One endpoint with its log; raises NotFound."""
    return _one(key)


@blueprint.post("/settings/webhooks/<uuid:key>")
@signed_in("hook.edit")
def save_hook(key: UUID) -> ResponseReturnValue:
    """Change an endpoint; raises NotFound."""
    active = "active" in request.form
    try:
        with runtime().db.writing() as session:
            endpoints.change(session, key, **_typed(), active=active, guard=_guard(), actor=actor(), now=now())
    except Invalid as error:
        return _one(key, typed={**_typed(), "active": active}, errors=in_words(error.fields), status=422)
    flash(_("Saved."), "good")
    return redirect(f"{HOME}/{key}", 303)


@blueprint.post("/settings/webhooks/<uuid:key>/test")
@signed_in("hook.edit")
def test_hook(key: UUID) -> ResponseReturnValue:
    """Send a test; raises NotFound."""
    try:
        with runtime().db.writing() as session:
            endpoints.send_test(session, key, actor=actor(), now=now())
    except Conflict:
        flash(_("It is switched off. Switch it on first."), "warn")
    else:
        runtime().wake()
        flash(_("The test is on its way. Look at the log in a moment."), "good")
    return redirect(f"{HOME}/{key}", 303)


@blueprint.post("/settings/webhooks/<uuid:key>/secret")
@signed_in("hook.edit")
def new_hook_secret(key: UUID) -> ResponseReturnValue:
    """Make a new secret and show it this once; raises NotFound."""
    with runtime().db.writing() as session:
        secret = endpoints.renew_secret(session, runtime().keys, key, actor=actor(), now=now())
    return _one(key, secret=secret)


@blueprint.post("/settings/webhooks/<uuid:key>/remove")
@signed_in("hook.edit")
def remove_hook(key: UUID) -> ResponseReturnValue:
    """Take an endpoint away; raises NotFound."""
    with runtime().db.writing() as session:
        endpoints.remove(session, key, actor=actor(), now=now())
    flash(_("The webhook is gone, and its log with it."), "good")
    return redirect(HOME, 303)


@blueprint.post("/settings/webhooks/deliveries/<uuid:key>/replay")
@signed_in("hook.edit")
def replay_hook(key: UUID) -> ResponseReturnValue:
    """Send one delivery again; raises NotFound."""
    with runtime().db.reading() as session:
        delivery = queries.delivery(session, key)
    if delivery is None:
        raise NotFound
    try:
        with runtime().db.writing() as session:
            endpoints.replay(session, key, actor=actor(), now=now())
    except Conflict:
        flash(_("It is on its way already, or the webhook is switched off."), "warn")
    else:
        runtime().wake()
        flash(_("It is sent again, under the same id."), "good")
    return redirect(f"{HOME}/{delivery.endpoint_id}", 303)


def _guard() -> AddressGuard:
    """Which private addresses are allowed here."""
    return AddressGuard.of(runtime().settings.private_addresses)


def _typed() -> dict[str, Any]:
    """What the form says, as `endpoints` takes it."""
    form = request.form
    return {"name": form.get("name", ""), "url": form.get("url", ""), "events": form.getlist("events")}


def _list(
    *, typed: Mapping[str, Any] | None = None, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> ResponseReturnValue:
    with runtime().db.reading() as session:
        found, waiting = queries.endpoints(session), queries.waiting(session)
    html = render_template(
        "account/webhooks.html",
        endpoints=found,
        waiting=waiting,
        events=[event.value for event in endpoints.EVENTS],
        typed=typed or {"name": "", "url": "", "events": [event.value for event in endpoints.EVENTS]},
        errors=errors or {},
    )
    return make_response(html, status)


def _one(
    key: UUID,
    *,
    secret: str | None = None,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """One endpoint; `secret` is shown this once."""
    with runtime().db.reading() as session:
        endpoint = queries.endpoint(session, key)
        if endpoint is None:
            raise NotFound
        rows = queries.log_of(session, key, before=parse_id(request.args.get("before", "")), limit=ROWS + 1)
    html = render_template(
        "account/webhook.html",
        endpoint=endpoint,
        log=rows[:ROWS],
        older=rows[ROWS - 1].id if len(rows) > ROWS else None,
        events=[event.value for event in endpoints.EVENTS],
        typed=typed or _stored(endpoint),
        errors=errors or {},
        why={row.id: _why(row) for row in rows},
        secret=secret,
        removing="removing" in request.args,
        now=now(),
    )
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _why(delivery: WebhookDelivery) -> str | None:
    """Why the last try did not arrive: our own words translated, those of the network as they are."""
    if delivery.error is None:
        return None
    if delivery.status is not None and delivery.attempts:
        return _("it answered %(status)s", status=delivery.status)
    return _(delivery.error)


def _stored(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {"name": endpoint.name, "url": endpoint.url, "events": endpoint.events, "active": endpoint.active}
