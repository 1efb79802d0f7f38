"""What a person can do to a channel: change it, test it, fetch, switch it, renew its address, read again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from voc.core.errors import Conflict, Invalid, NotFound
from voc.intake import queries as intake
from voc.intake.channels import change_channel, renew_key, set_active
from voc.intake.check import check_soon
from voc.intake.fetch import fetch_soon, fetches
from voc.intake.replay import replay, replay_all
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.channel import page
from voc.web.triage.channel_form import forgotten, in_form_words, typed_options
from voc.web.triage.pages import blueprint


@blueprint.post("/channels/<uuid:key>")
@signed_in("channel.edit")
def change(key: UUID) -> ResponseReturnValue:
    """Store name and options; nothing typed is lost but secrets. Raises NotFound."""
    form, host = request.form, runtime().host
    with runtime().db.reading() as session:
        channel = intake.channel_by_id(session, key)
    found = host.channel(channel.kind)
    if found is None:
        flash(_("Its plugin is not loaded: the options cannot be checked, and nothing was stored."), "warn")
        return redirect(f"/channels/{key}", 303)
    name, options = form.get("name", ""), typed_options(found[1], form, channel.options)
    typed = {"name": name, "options": options}
    try:
        with runtime().db.writing() as session:
            change_channel(
                session,
                host,
                key,
                name=name,
                options=options,
                now=now(),
                actor=actor(),
                keys=runtime().keys,
                version=_version(),
                forget=forgotten(found[1], form),
            )
    except Conflict:
        return page(key, typed=typed, conflict=True, status=409)
    except Invalid as error:
        return page(key, typed=typed, errors=in_form_words(error.fields), status=422)
    runtime().wake()
    flash(_("Saved."), "good")
    return redirect(f"/channels/{key}", 303)


@blueprint.post("/channels/<uuid:key>/test")
@signed_in("channel.edit")
def test_channel(key: UUID) -> ResponseReturnValue:
    """Test the connection, in the worker; raises NotFound."""
    return _do(key, lambda session: check_soon(session, key, now=now(), actor=actor()))


@blueprint.post("/channels/<uuid:key>/fetch")
@signed_in("channel.edit")
def fetch_channel(key: UUID) -> ResponseReturnValue:
    """Fetch what is new now, in the worker; raises NotFound."""

    def act(session: Session) -> None:
        found = intake.channel_for_update(session, key)
        if found is None:
            raise NotFound
        if not found.active or not fetches(runtime().host, found):
            raise Conflict
        fetch_soon(session, key, now=now())

    return _do(
        key,
        act,
        done=_("It is looked at now. Look again in a moment."),
        rule=_("It is switched off. Switch it on first."),
    )


@blueprint.post("/channels/<uuid:key>/active")
@signed_in("channel.edit")
def switch_channel(key: UUID) -> ResponseReturnValue:
    """Switch a channel on or off; raises NotFound."""
    active = request.form.get("active") == "yes"

    def act(session: Session) -> None:
        set_active(session, key, active=active, now=now(), actor=actor())
        if active and fetches(runtime().host, intake.channel_by_id(session, key)):
            fetch_soon(session, key, now=now())

    off = _("Switched off. What came in stays; what arrives from now on is refused.")
    return _do(key, act, done=_("Switched on.") if active else off)


@blueprint.post("/channels/<uuid:key>/key")
@signed_in("channel.edit")
def renew_address(key: UUID) -> ResponseReturnValue:
    """Give it a new secret address; raises NotFound."""
    return _do(
        key,
        lambda session: renew_key(session, key, now=now(), actor=actor(), version=_version()),
        done=_("The address is new. Whoever sends to the old one is refused from now on."),
        rule=_("Somebody changed this channel a moment ago; the address stays as it is."),
    )


@blueprint.post("/channels/<uuid:key>/replay")
@signed_in("quarantine.replay")
def replay_channel(key: UUID) -> ResponseReturnValue:
    """Read again, in the background, everything of this channel that could not be read; raises NotFound."""
    return _do(
        key,
        lambda session: replay_all(session, key, actor=actor(), now=now()),
        rule=_("Nothing is in quarantine, or it is read again already."),
        place="#quarantine",
    )


@blueprint.post("/channels/<uuid:key>/receipts/<uuid:receipt_id>/replay")
@signed_in("quarantine.replay")
def replay_one(key: UUID, receipt_id: UUID) -> ResponseReturnValue:
    """Read one receipt of this channel again; raises NotFound."""

    def act(session: Session) -> None:
        if intake.receipt_by_id(session, receipt_id).channel_id != key:
            raise NotFound
        replay(session, receipt_id, actor=actor(), now=now())

    return _do(
        key,
        act,
        done=_("It is read again; if it cannot be, it comes back here."),
        rule=_("This is not in quarantine any more."),
        place="#quarantine",
    )


def _do(
    key: UUID, act: Callable[[Session], object], *, done: str | None = None, rule: str | None = None, place: str = ""
) -> ResponseReturnValue:
    """Do `act` in one unit of work and show the channel; `rule` says what a Conflict means."""
    try:
        with runtime().db.writing() as session:
            act(session)
    except Conflict:
        flash(rule or _("This cannot be done just now."), "warn")
    else:
        runtime().wake()
        if done:
            flash(done, "good")
    return redirect(f"/channels/{key}{place}", 303)


def _version() -> int:
    """The version of the channel that the page was drawn from; 0 when it does not say."""
    return request.form.get("version", 0, type=int)
