"""The first page of a survey: the question. A tap in a mail shows, the button records, durable before the next page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from voc.core.errors import Busy, Conflict, VocError
from voc.intake.forms import check_submission
from voc.intake.incoming import Accepted
from voc.surveys import answering
from voc.web import errors, here, limits
from voc.web.public import ticket as tickets
from voc.web.public.asked import Door
from voc.web.public.blueprint import blueprint
from voc.web.public.drawing import draw
from voc.web.public.ended import answered, at_the_door, closed
from voc.web.public.form import TICKET, TRAP, metrics_of, private
from voc.web.public.ticket import Ticket
from voc.web.public.typed import typed
from voc.web.public.wrong import words


@blueprint.get("/s/<key>")
@at_the_door
def survey(door: Door) -> ResponseReturnValue:
    """The question. A score in the address is only shown, with a button that records it."""
    if door.asked and door.kept(answering.submission_of(door.asked.id)):
        return answered(door)
    return closed(door) or _question(door, door.ticket(), score=request.args.get("score", ""))


@blueprint.post("/s/<key>")
@at_the_door
def score(door: Door) -> ResponseReturnValue:
    """Record the score and go on to the page that asks why."""
    if page := closed(door):
        return page
    values = typed(request).values
    given = values.get(door.survey.field.name, "")
    ticket = tickets.read(here.runtime().keys, door.key, values.get(TICKET, ""))
    settings = here.runtime().settings
    if not limits.allow(settings.form_rate, "form"):
        text = gettext("That was a lot in a short time. Nothing is lost: please send it again in a minute.")
        answer = _question(door, ticket or door.ticket(), score=given, notice=text, status=429)
        answer.headers["Retry-After"] = str(limits.seconds(settings.form_rate))
        return answer
    if ticket is None or ticket.age(here.now()) > timedelta(hours=settings.form_hours):
        text = gettext("This page had been open for a long time. The number is still here: please send it again.")
        return _question(door, door.ticket(), score=given, notice=text, status=409)
    if ticket.version != door.version:
        text = gettext("The question has changed meanwhile. Please look at it again.")
        return _question(door, door.ticket(), notice=text, status=409)
    clean, wrong = check_submission(door.survey.score, values, door.language)
    if wrong:
        return _question(door, ticket, notice=words(wrong[door.survey.field.name]), status=422)
    return _record(door, ticket, clean, robot=bool(values.get(TRAP)))


def _record(door: Door, ticket: Ticket, clean: Mapping[str, Any], *, robot: bool) -> ResponseReturnValue:
    """Store the score. Nobody is too quick here, a tap is a tap: only the field that people do not see tells robots."""
    runtime = here.runtime()
    try:
        accepted = answering.give_score(
            runtime.writer,
            runtime.keys,
            channel_id=door.channel_id,
            submission_id=door.submission(ticket),
            form_version=ticket.version,
            language=door.language,
            values={**clean, **metrics_of(door.survey.score, clean)},
            now=here.now(),
            asked=door.asked,
            robot="filled in the field that people do not see" if robot else None,
        )
    except Conflict:
        # Another number after the first one (the way back, a second tap): what was said first stands.
        return answered(door, status=409)
    except VocError:
        text = gettext("We are busy just now. The number is still here: please send it again in a few seconds.")
        answer = _question(door, ticket, score=str(clean[door.survey.field.name]), notice=text, status=503)
        answer.headers["Retry-After"] = str(errors.RETRY_AFTER)
        return answer
    _mark(door, accepted)
    runtime.wake()
    if door.reason.fields:
        return redirect(door.address("public.reason", **door.carried(ticket)), 303)
    return redirect(door.thanks(accepted.tracking_code), 303)


def _mark(door: Door, accepted: Accepted) -> None:
    """Write it down at the invitation. When the database is too busy for that, upkeep does it: the receipt is there."""
    if door.asked is None:
        return
    try:
        with here.runtime().db.writing() as session:
            answering.mark_answered(session, door.asked.id, receipt_id=accepted.receipt_id, at=here.now())
    except Busy:
        return


def _question(door: Door, ticket: Ticket, *, score: str = "", notice: str = "", status: int = 200) -> Response:
    field = draw(door.survey.score, door.language).fields[0]
    html = render_template(
        "public/survey.html",
        form=draw(door.survey.form, door.language),
        field=field,
        chosen=score if score in {str(step) for step, _ in field.steps} else "",
        action=door.address("public.score"),
        about=str(door.asked.facts.get("about") or "") if door.asked else "",
        pages=2 if door.reason.fields else 1,
        ticket=tickets.write(here.runtime().keys, door.key, ticket),
        ticket_name=TICKET,
        trap_name=TRAP,
        notice=notice,
        unsubscribe=f"/u/{door.key}?lang={door.language}" if door.asked else None,
        language_links=door.languages("public.survey", score=score or None),
    )
    return private(make_response(html, status))
