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
from voc.plugin_host.reports import told
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.channels import LEVELS
from voc.web.triage.pages import blueprint
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
    with runtime().db.reading() as session:
        reports = {name: list(rows) for name, rows in groupby(told(session, now=now()), key=lambda row: row.name)}
    states = runtime().host.states
    return render_template(
        "triage/plugins.html",
        plugins=states,
        titles={state.name: plugin_title(state) for state in states},
        reports=reports,
        states=STATES,
        places=PLACES,
        breakers=BREAKERS,
        levels=LEVELS,
        deeds=DEEDS,
        moment_of=datetime.fromisoformat,
        source_word=lambda source: str(SOURCES.get(source, source)),
        may_edit=actor().may("plugin.edit"),
    )


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
