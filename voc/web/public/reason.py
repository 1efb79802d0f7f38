"""The second page of a survey: why that number? The score is kept already, so nobody who leaves here is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from voc.core.errors import Conflict, NotFound, VocError
from voc.intake.forms import check_submission
from voc.surveys import answering
from voc.surveys.queries import Kept
from voc.web import errors, here, limits
from voc.web.public import ticket as tickets
from voc.web.public.asked import Door
from voc.web.public.blueprint import blueprint
from voc.web.public.drawing import draw
from voc.web.public.ended import answered, at_the_door
from voc.web.public.form import private
from voc.web.public.status import link, signed
from voc.web.public.ticket import Ticket
from voc.web.public.typed import Typed, typed
from voc.web.public.wrong import SPOILED, words


@blueprint.get("/s/<key>/why")
@at_the_door
def reason(door: Door) -> ResponseReturnValue:
    """The question why, for whoever has given a score and no reason."""
    ticket = _ticket(door)
    first = door.kept(door.submission(ticket)) if ticket else None
    if ticket is None or first is None:
        return redirect(door.address("public.survey"))
    if door.kept(answering.words_of(door.submission(ticket))):
        return answered(door)
    return _page(door, ticket, first)


@blueprint.post("/s/<key>/why")
@at_the_door
def say_why(door: Door) -> ResponseReturnValue:
    """Keep the reason as what it is: more of the same answer."""
    ticket = _ticket(door)
    first = door.kept(door.submission(ticket)) if ticket else None
    if ticket is None or first is None:
        return redirect(door.address("public.survey"), 303)
    sent = typed(request)
    settings = here.runtime().settings
    if not limits.allow(settings.form_rate, "form"):
        text = gettext("That was a lot in a short time. Nothing is lost: please send it again in a minute.")
        answer = _page(door, ticket, first, sent, notice=text, status=429)
        answer.headers["Retry-After"] = str(limits.seconds(settings.form_rate))
        return answer
    form = door.reason
    clean, wrong = check_submission(form, sent.values, door.language)
    wrong |= {field.name: SPOILED for field in form.fields if field.name in sent.spoiled}
    if wrong:
        return _page(door, ticket, first, sent, wrong=wrong, status=422)
    try:
        if clean:
            _add(door, ticket, first, clean)
    except Conflict:
        text = gettext("What you wrote first is kept and a person reads it. These words could not be added any more.")
        return _page(door, ticket, first, sent, notice=text, status=409)
    except VocError:
        text = gettext("We are busy just now. Everything typed is still here: please send it again in a few seconds.")
        answer = _page(door, ticket, first, sent, notice=text, status=503)
        answer.headers["Retry-After"] = str(errors.RETRY_AFTER)
        return answer
    return redirect(door.thanks(first.tracking_code), 303)


@blueprint.get("/s/<key>/thanks")
@at_the_door
def thanked(door: Door) -> ResponseReturnValue:
    """Thanks, and the way to see what becomes of it; only by the link that answering led to."""
    code = request.args.get("c", "")
    if not signed(code, request.args.get("s")):
        raise NotFound
    html = render_template(
        "public/survey_thanks.html",
        form=draw(door.survey.form, door.language),
        code=code,
        status_link=link(code, door.language),
        language_links=door.languages("public.thanked", c=code, s=request.args["s"]),
        keep=_keep(door),
    )
    return private(make_response(html))


def _ticket(door: Door) -> Ticket | None:
    """The ticket of the page: an invitation needs none, the public link brings along the one of the first page."""
    return door.ticket() if door.asked else tickets.read(here.runtime().keys, door.key, request.args.get("k", ""))


def _add(door: Door, ticket: Ticket, first: Kept, clean: Mapping[str, Any]) -> None:
    runtime = here.runtime()
    answering.add_words(
        runtime.writer,
        runtime.keys,
        channel_id=door.channel_id,
        submission_id=door.submission(ticket),
        form_version=door.version,
        language=door.language,
        values=clean,
        now=here.now(),
        robot=answering.robot_in(first.body),
    )
    runtime.wake()


def _keep(door: Door) -> str:
    """Under which name the browser keeps what is typed here."""
    return f"{door.slug}-why"


def _page(
    door: Door,
    ticket: Ticket,
    first: Kept,
    sent: Typed | None = None,
    *,
    notice: str = "",
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    texts = {name: words(text) for name, text in (wrong or {}).items()}
    carried = door.carried(ticket)
    html = render_template(
        "public/survey_why.html",
        form=draw(door.reason, door.language, sent.values if sent else {}, texts),
        given=answering.score_in(first.body, door.survey.field.name),
        action=door.address("public.say_why", **carried),
        done=door.thanks(first.tracking_code),
        notice=notice,
        keep=_keep(door),
        language_links=door.languages("public.reason", **carried),
    )
    return private(make_response(html, status))
