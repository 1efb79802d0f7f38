"""Inviting people to a survey: paste a list, see whom the contact policy refuses, then invite the rest."""

from __future__ import annotations

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from voc.core.ids import new_id, parse_id
from voc.surveys import queries
from voc.surveys.inviting import Preview, invite, preview
from voc.surveys.people import People, read_people
from voc.surveys.question import survey_of
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.pages import blueprint

# How many refused people and bad lines are named one by one.
SHOWN = 100


@blueprint.get("/surveys/<uuid:key>/invite")
@signed_in("survey.invite")
def invite_form(key: UUID) -> ResponseReturnValue:
    """Where the list goes; raises NotFound."""
    return _page(key)


@blueprint.post("/surveys/<uuid:key>/invite")
@signed_in("survey.invite")
def invite_people(key: UUID) -> ResponseReturnValue:
    """Look at the list, or with `act` invite everybody in it whom the policy does not refuse then."""
    text = request.form.get("people", "")
    found = read_people(text)
    batch = parse_id(request.form.get("batch", ""))
    if "act" not in request.form or batch is None or not found.people:
        return _page(key, text=text, found=found, status=200 if found.people else 422)
    settings = runtime().settings
    with runtime().db.writing() as session:
        count = invite(
            session,
            runtime().keys,
            settings,
            channel_id=key,
            people=found.people,
            now=now(),
            actor=actor(),
            batch_id=batch,
        )
    runtime().wake()
    if count:
        text = ngettext("%(num)s person is going to be asked.", "%(num)s people are going to be asked.", count)
        flash(text, "good")
    else:
        flash(_("This list was taken already. Nobody is asked twice."), "warn")
    return redirect(f"/surveys/{key}", 303)


def _page(key: UUID, *, text: str = "", found: People | None = None, status: int = 200) -> ResponseReturnValue:
    shown: Preview | None = None
    with runtime().db.reading() as session:
        channel = queries.survey_channel(session, key)
        if found is not None:
            shown = preview(session, runtime().keys, runtime().settings, people=found.people, now=now())
    html = render_template(
        "triage/survey_invite.html",
        survey=channel,
        ready=survey_of(channel.form) is not None,
        mail=bool(runtime().settings.mail_from.strip()),
        text=text,
        found=found,
        preview=shown,
        batch=new_id(),
        shown=SHOWN,
        pause=runtime().settings.survey_pause_days,
        hours=runtime().settings.survey_hours,
    )
    return make_response(html, status)
