"""Channels: the list with how each one stands, and adding one, with a form that its plugin declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from voc.core.errors import Invalid
from voc.insights.days import day_of
from voc.insights.queries import came_in, pending_since
from voc.intake.channels import add_channel, slug_of
from voc.intake.fetch import fetches
from voc.intake.reading import queries as reading
from voc.web.account import actor, signed_in
from voc.web.here import house, language, now, runtime
from voc.web.insights.morning import OLD_COUNT
from voc.web.triage.channel_form import in_form_words, option_fields, typed_options
from voc.web.triage.channel_words import API, standing
from voc.web.triage.pages import blueprint

# The days whose feedback is counted: today, and those before it.
DAYS = 7
# Of the conformance kit, as the plugin claims it.
LEVELS = {"bronze": lazy_gettext("bronze"), "silver": lazy_gettext("silver"), "gold": lazy_gettext("gold")}


@blueprint.get("/channels")
@signed_in("channel.view")
def channel_list() -> ResponseReturnValue:
    """Every channel with how it stands."""
    moment, host = now(), runtime().host
    since = day_of(moment, house().zone) - timedelta(days=DAYS - 1)
    with runtime().db.reading() as session:
        lines = reading.channel_lines(session)
        held = reading.held_counts(session)
        heard, uncounted = came_in(session, since), pending_since(session)
    lines.sort(key=lambda line: (not line.channel.active, line.channel.kind == API))
    kinds = {line.channel.kind for line in lines}
    return render_template(
        "triage/channels.html",
        lines=lines,
        held=held,
        heard=heard,
        most=reading.MOST,
        uncounted=uncounted if uncounted is not None and moment - uncounted > OLD_COUNT else None,
        titles={kind: kind_title(kind) for kind in kinds},
        levels={kind: LEVELS[state.level] for state in host.states if state.level for kind in state.kinds},
        standings={line.channel.id: standing(line.channel, host, moment) for line in lines},
        fetching={line.channel.id for line in lines if fetches(host, line.channel)},
        may_add=actor().may("channel.edit"),
    )


def kind_title(kind: str) -> str:
    """What kind of channel it is, as its plugin calls it."""
    return "API" if kind == API else runtime().host.said(kind, language()).title


@blueprint.get("/channels/new")
@signed_in("channel.edit")
def new_channel() -> ResponseReturnValue:
    """The kinds there are; with `kind` the form of one."""
    return _new(request.args.get("kind", ""))


@blueprint.post("/channels/new")
@signed_in("channel.edit")
def add() -> ResponseReturnValue:
    """Add a channel; its form, its test and its first fetch follow from the worker."""
    form, kind = request.form, request.form.get("kind", "")
    found = runtime().host.channel(kind)
    if found is None:
        raise Invalid(fields={"kind": ["Please choose one of the answers shown."]})
    name, options = form.get("name", ""), typed_options(found[1], form, {})
    try:
        with runtime().db.writing() as session:
            channel = add_channel(
                session,
                runtime().host,
                kind=kind,
                name=name,
                slug=form.get("slug", "").strip() or slug_of(name),
                options=options,
                now=now(),
                actor=actor(),
                keys=runtime().keys,
            )
            key = channel.id
    except Invalid as error:
        typed = {"name": name, "slug": form.get("slug", ""), "options": options}
        wrong = dict(error.fields)
        if "name" in wrong and not typed["slug"]:
            wrong.pop("slug", None)  # made of the name that is missing
        return _new(kind, typed=typed, errors=in_form_words(wrong), status=422)
    runtime().wake()
    return redirect(f"/channels/{key}", 303)


def _new(
    kind: str,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The kinds, or the form of one of them."""
    host = runtime().host
    found = host.channel(kind)
    said = host.said(kind, language())
    html = render_template(
        "triage/channel_new.html",
        kinds=[(name, host.said(name, language())) for name in host.kinds()] if found is None else [],
        kind=kind if found else None,
        said=said,
        fields=option_fields(found[1], said, stored=None, typed=(typed or {}).get("options")) if found else [],
        typed=typed or {},
        errors=errors or {},
    )
    return make_response(html, status)
