"""`/plugins`: every plugin with its state, where it runs, what went wrong; and what a person can do about it."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import cast

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from voc.core.errors import Invalid, NotFound
from voc.plugin_host.choices import Deed, choose, choose_isolation
from voc.plugin_host.queries import schedules
from voc.plugin_host.reports import told
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.triage.channels import LEVELS
from voc.web.triage.pages import blueprint
from voc.web.triage.plugin_settings import settable
from voc.web.triage.status import SOURCES, plugin_title

STATES = {
    "loaded": (lazy_gettext("loaded"), "good"),
    "blocked": (lazy_gettext("blocked by setting"), "line"),
    "off": (lazy_gettext("off in safe mode"), "line"),
    "disabled": (lazy_gettext("switched off"), "line"),
    "quarantined": (lazy_gettext("quarantined"), "warn"),
}
PLACES = {
    "worker": lazy_gettext("in the worker"),
    "process": lazy_gettext("in processes of its own"),
}
BREAKERS = {
    "closed": lazy_gettext("answers"),
    "open": lazy_gettext("paused"),
    "half-open": lazy_gettext("paused, tried again"),
}
OUTCOMES = {
    "done": (lazy_gettext("done"), "good"),
    "failed": (lazy_gettext("failed"), "warn"),
    "unset": (lazy_gettext("waits for its settings"), "line"),
    "": (lazy_gettext("has not run yet"), "line"),
}
# What else a plugin may offer.
OFFERED = {
    "actions": lazy_gettext("Action of rules"),
    "notifiers": lazy_gettext("Way of telling colleagues"),
    "slots": lazy_gettext("Panel on a page"),
    "exporters": lazy_gettext("Format for exports"),
    "commands": lazy_gettext("Command"),
    "schedules": lazy_gettext("Work that comes round"),
}
# Each deed, and the words on its button; in the state of a plugin that stands first.
DEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "loaded": (("disable", lazy_gettext("Switch off")), ("quarantine", lazy_gettext("Put into quarantine"))),
    "disabled": (("enable", lazy_gettext("Switch on")),),
    "quarantined": (("release", lazy_gettext("Release")), ("disable", lazy_gettext("Switch off"))),
}


@blueprint.get("/plugins")
@signed_in("status.view")
def plugins() -> ResponseReturnValue:
    """The page; it reads and changes nothing."""
    host = runtime().host
    with runtime().db.reading() as session:
        rounds = {row.name: row for row in schedules(session)}
        reports = {name: list(rows) for name, rows in groupby(told(session, now=now()), key=lambda row: row.name)}
    states = host.states
    return render_template(
        "triage/plugins.html",
        plugins=states,
        titles={state.name: plugin_title(state) for state in states},
        reports=reports,
        offers={state.name: _offers(state.name) for state in states},
        rounds={
            state.name: [(name, rounds.get(name)) for name in host.part(state.name).offers.get("schedules", ())]
            for state in states
        },
        outcomes=OUTCOMES,
        settable=settable(state.name for state in states),
        states=STATES,
        places=PLACES,
        breakers=BREAKERS,
        levels=LEVELS,
        deeds=DEEDS,
        moment_of=datetime.fromisoformat,
        source_word=lambda source: str(SOURCES.get(source, source)),
        may_edit=actor().may("plugin.edit"),
    )


def _offers(plugin: str) -> list[tuple[str, str]]:
    """(what kind of thing it is, how it is called) of what a plugin offers beside channels and analyzers."""
    host = runtime().host
    return [
        (str(OFFERED[key]), host.said_offer(key, name, language()).title)
        for key, offers in host.part(plugin).offers.items()
        for name in offers
    ]


@blueprint.post("/plugins/<name>/<deed>")
@signed_in("plugin.edit")
def change_plugin(name: str, deed: str) -> ResponseReturnValue:
    """Switch it on or off, put it into quarantine or let it out, or say where it runs; raises NotFound."""
    if name not in {state.name for state in runtime().host.states}:
        raise NotFound
    try:
        with runtime().db.writing() as session:
            if deed == "isolate":
                choose_isolation(session, name, request.form.get("where", ""), now=now(), actor=actor())
            else:
                choose(session, name, cast(Deed, deed), now=now(), actor=actor())
    except Invalid:
        raise NotFound from None
    flash(_("Every process follows within seconds."), "good")
    return redirect("/plugins", 303)
