"""Where a survey ends: links that lead to none, time that is over, answers that are there. Kind, telling nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Literal

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from voc.core.errors import NotFound
from voc.surveys import answering
from voc.web.public.asked import Door, open_door
from voc.web.public.form import private


def at_the_door(view: Callable[[Door], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
    """A view that gets the survey behind the `key` of its address; without one, the page that says so."""

    @wraps(view)
    def found(key: str) -> ResponseReturnValue:
        try:
            door = open_door(key)
        except NotFound:
            return gone("unknown", 404)
        return view(door)

    return found


def gone(state: Literal["unknown", "over", "closed"], status: int) -> Response:
    """Why there is nothing to answer here."""
    return private(make_response(render_template("public/survey_gone.html", state=state), status))


def closed(door: Door) -> Response | None:
    """The page for a survey that cannot be answered any more; None while it can."""
    if door.over:
        return gone("over", 410)
    return None if door.active else gone("closed", 410)


def answered(door: Door, *, status: int = 200) -> Response:
    """Already answered. Whoever was invited and has not said why still may."""
    more = door.asked is not None and bool(door.reason.fields)
    if door.asked and more:
        more = door.kept(answering.words_of(answering.submission_of(door.asked.id))) is None
    html = render_template(
        "public/survey_answered.html",
        why=door.address("public.reason") if more else None,
        language_links=door.languages("public.survey"),
    )
    return private(make_response(html, status))
