"""One channel: how it stands, its test, its address, its options, what it could not read, what came through it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from voc.core.ids import parse_id
from voc.insights.days import day_of
from voc.insights.queries import came_in
from voc.intake import queries as intake
from voc.intake.channels import known_secrets
from voc.intake.check import CHECK_KIND
from voc.intake.fetch import fetches
from voc.intake.reading import queries as reading
from voc.intake.replay import REPLAY_KIND
from voc.model import Channel
from voc.surveys.question import KIND as SURVEY
from voc.web.account import actor, signed_in
from voc.web.here import house, language, now, runtime
from voc.web.triage.channel_form import OptionField, option_fields
from voc.web.triage.channel_words import API, TESTED, door_word, receipt_word, standing
from voc.web.triage.channels import DAYS, kind_title
from voc.web.triage.pages import blueprint

HELD = 20
RECEIPTS = 20


@blueprint.get("/channels/<uuid:key>")
@signed_in("channel.view")
def channel_page(key: UUID) -> ResponseReturnValue:
    """One channel; raises NotFound."""
    return page(key)


def page(
    key: UUID,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    conflict: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    """The channel as it stands; `typed` goes back into a form that was refused."""
    viewer, moment, host = actor(), now(), runtime().host
    since = day_of(moment, house().zone) - timedelta(days=DAYS - 1)
    may_replay, before = viewer.may("quarantine.replay"), parse_id(request.args.get("before", ""))
    with runtime().db.reading() as session:
        line = reading.channel_line(session, key)
        held = reading.held_page(session, key, before=before, limit=HELD + 1) if may_replay else []
        receipts = reading.newest_receipts(session, key, limit=RECEIPTS)
        waiting = intake.waiting_kinds(session, key, (CHECK_KIND, REPLAY_KIND))
        heard, count = came_in(session, since).get(key, 0), reading.held_counts(session).get(key, 0)
    channel = line.channel
    secrets = known_secrets(runtime().keys, channel)
    html = render_template(
        "triage/channel.html",
        channel=channel,
        arrived_at=line.arrived_at,
        title=kind_title(channel.kind),
        stands=standing(channel, host, moment),
        tested=TESTED.get(channel.tested_health or ""),
        testing=CHECK_KIND in waiting,
        replaying=REPLAY_KIND in waiting,
        heard=heard,
        held=held[:HELD],
        held_count=count,
        most=reading.MOST,
        older=held[HELD - 1].id if len(held) > HELD else None,
        first=before is None,
        receipts=receipts,
        receipt_word=receipt_word,
        door_word=door_word,
        loaded=host.channel(channel.kind) is not None,
        own=channel.kind == API,
        fetches=fetches(host, channel),
        addresses=addresses(channel),
        fields=_fields(channel, typed, secrets or {}, conflict=conflict),
        lost=secrets is None,
        typed=typed or {"name": channel.name},
        errors=errors or {},
        conflict=conflict,
        renewing="renewing" in request.args and viewer.may("channel.edit"),
        me=viewer,
    )
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fields(
    channel: Channel, typed: Mapping[str, Any] | None, secrets: Mapping[str, Any], *, conflict: bool
) -> list[OptionField]:
    host = runtime().host
    found = host.channel(channel.kind)
    if found is None:
        return []
    return option_fields(
        found[1],
        host.said(channel.kind, language()),
        stored=channel.options,
        typed=typed["options"] if typed else None,
        secrets=set(secrets),
        conflict=conflict,
    )


def addresses(channel: Channel) -> tuple[str | None, str | None]:
    """(the public address, the secret one) of a channel that has them; the secret one only for who may see it."""
    host, settings = runtime().host, runtime().settings
    path, secret = public_path(channel), None
    public = settings.public(path) if path else None
    if host.capable(channel.kind, "ACCEPT") and actor().may("channel.address"):
        secret = settings.public(f"/in/{channel.key}")
    return public, secret


def public_path(channel: Channel) -> str | None:
    """Where customers find the form or the survey of this channel, None when it has neither."""
    if channel.form is None and not runtime().host.capable(channel.kind, "FORM"):
        return None
    return f"/{'s' if channel.kind == SURVEY else 'f'}/{channel.slug}"
