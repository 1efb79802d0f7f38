"""The names of competitors, edited by managers: one text field, one name a line."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.core.errors import Invalid
from voc.pipeline import competitors
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.pages import blueprint


@blueprint.get("/competitors")
@signed_in("topic.edit")
def competitor_list() -> ResponseReturnValue:
    """The names as they are stored."""
    with runtime().db.reading() as session:
        names = competitors.competitors(session)
    return _page("\n".join(names), [])


@blueprint.post("/competitors")
@signed_in("topic.edit")
def save_competitors() -> ResponseReturnValue:
    """Store what was typed, or show it again with what is wrong."""
    typed = request.form.get("names", "")
    try:
        with runtime().db.writing() as session:
            competitors.save_competitors(session, typed.splitlines(), actor=actor(), now=now())
    except Invalid as error:
        return make_response(_page(typed, [text for texts in in_words(error.fields).values() for text in texts]), 422)
    flash(_("Saved. New feedback follows it."), "good")
    return redirect("/competitors", 303)


def _page(names: str, errors: list[str]) -> str:
    return render_template("triage/competitors.html", names=names, errors=errors)
