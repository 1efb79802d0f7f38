"""The public form: a page that can be sent once, whatever happens in between without losing what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from voc.core.errors import Busy, Conflict, NotFound, VocError
from voc.intake import queries
from voc.intake.forms import check_submission, form_from_dict
from voc.intake.queries import FormChannel
from voc.intake.submit import submit
from voc.plugin import Form
from voc.surveys.question import KIND as SURVEY
from voc.web import errors, here, limits
from voc.web.languages import NAMES, choose
from voc.web.public import ticket as tickets
from voc.web.public.blueprint import blueprint
from voc.web.public.drawing import draw
from voc.web.public.status import link, signed
from voc.web.public.ticket import Ticket
from voc.web.public.typed import typed
from voc.web.public.wrong import SPOILED, words

# The field that people do not see; whoever fills it in is a robot.
TRAP = "_homepage"
TICKET = "_ticket"


@dataclass(frozen=True, slots=True)
class Door:
    """The form that was asked for and the language it is shown in."""

    channel: FormChannel
    form: Form
    language: str


@blueprint.get("/f/<slug>")
def form(slug: str) -> ResponseReturnValue:
    """The empty form. Nothing is stored for having been looked at. A survey is shown one question a screen."""
    door = _door(slug)
    if door.channel.kind == SURVEY:
        return redirect(url_for("public.survey", key=slug, lang=request.args.get("lang")))
    return _page(door, {}, tickets.new(door.channel.form_version, here.now()))


@blueprint.post("/f/<slug>")
def send(slug: str) -> ResponseReturnValue:
    """Take what was typed: durable before the thank-you page, or the same page again with everything still there."""
    door = _door(slug)
    sent = typed(request)
    values = sent.values
    here_now, keys, settings = here.now(), here.runtime().keys, here.runtime().settings
    ticket = tickets.read(keys, slug, values.get(TICKET, ""))
    # Said with whatever else there is to say: a page that is shown again must not hide that something was taken out.
    spoiled = {field.name: SPOILED for field in door.form.fields if field.name in sent.spoiled}
    if not limits.allow(settings.form_rate, "form"):
        text = gettext("That was a lot in a short time. Nothing is lost: please send it again in a minute.")
        answer = _page(door, values, ticket or _reissued(door), notice=text, wrong=spoiled, status=429)
        answer.headers["Retry-After"] = str(limits.seconds(settings.form_rate))
        return answer
    if ticket is None:
        text = gettext("This page could not be recognized. Everything typed is still here: please send it again.")
        return _page(door, values, _reissued(door), notice=text, wrong=spoiled, status=422)
    if ticket.age(here_now) > timedelta(hours=settings.form_hours):
        text = gettext("This page had been open for a long time. Everything typed is still here: please send it again.")
        return _page(door, values, _reissued(door), notice=text, wrong=spoiled, status=409)
    if ticket.version != door.channel.form_version:
        text = gettext("The form has changed meanwhile. Please look it over and send it again.")
        return _page(door, values, _reissued(door), notice=text, wrong=spoiled, status=409)
    clean, wrong = check_submission(door.form, values, door.language)
    if wrong or spoiled:
        return _page(door, values, ticket, wrong=wrong | spoiled, status=422)
    return _store(door, ticket, values, clean)


@blueprint.get("/f/<slug>/thanks")
def thanks(slug: str) -> ResponseReturnValue:
    """The tracking code and the way to the status page; only by the link that sending led to."""
    door = _door(slug)
    code = request.args.get("c", "")
    if not signed(code, request.args.get("s")):
        raise NotFound
    html = render_template(
        "public/thanks.html",
        form=draw(door.form, door.language),
        code=code,
        status_link=link(code, door.language),
        form_link=url_for("public.form", slug=slug, lang=door.language),
        language_links=_language_links(door, "public.thanks", c=code, s=request.args["s"]),
        slug=slug,
    )
    return private(make_response(html))


def _store(door: Door, ticket: Ticket, values: Mapping[str, str], clean: Mapping[str, Any]) -> ResponseReturnValue:
    """Store a valid submission and go on to the thank-you page; robots see the same."""
    runtime = here.runtime()
    try:
        accepted = submit(
            runtime.writer,
            runtime.keys,
            channel_id=door.channel.id,
            submission_id=ticket.submission_id,
            form_version=ticket.version,
            language=door.language,
            values={**clean, **metrics_of(door.form, clean)},
            now=here.now(),
            robot=_robot(ticket, values),
        )
    except Conflict:
        text = gettext("This page was sent before, with other words. To send these as well, please send it again.")
        return _page(door, values, _reissued(door), notice=text, status=409)
    except VocError:
        # Busy, or an item that cannot be stored: either way the same page, the same id and every word.
        text = gettext("We are busy just now. Everything typed is still here: please send it again in a few seconds.")
        answer = _page(door, values, ticket, notice=text, status=503)
        answer.headers["Retry-After"] = str(errors.RETRY_AFTER)
        return answer
    runtime.wake()
    code = accepted.tracking_code
    place = url_for(
        "public.thanks", slug=door.channel.slug, c=code, s=runtime.keys.sign("status", code), lang=door.language
    )
    return redirect(place, 303)


def _door(slug: str) -> Door:
    """The form behind a public name, with the language decided; raises NotFound."""
    channel = channel_of(slug)
    form = form_from_dict(channel.form)
    language = choose(
        asked=request.args.get("lang"),
        own=None,
        accepted=request.accept_languages,
        house=here.house().language,
        offered=[code for code in form.languages if code in NAMES] or list(NAMES),
    )
    here.use_language(language)
    return Door(channel, form, language)


def channel_of(slug: str) -> FormChannel:
    """The form's channel; when the database cannot be reached just now, as it was last seen, so that a page with
    everything typed can still be drawn. Raises NotFound."""
    seen: dict[str, FormChannel] = current_app.extensions.setdefault("voc_forms", {})
    try:
        with here.runtime().db.reading() as session:
            channel = queries.form_channel(session, slug)
    except Busy:
        if slug not in seen:
            raise
        return seen[slug]
    if channel is None:
        seen.pop(slug, None)
        raise NotFound
    seen[slug] = channel
    return channel


def _reissued(door: Door) -> Ticket:
    """A ticket for a page that somebody has already filled in: sending it at once is no sign of a robot."""
    patience = timedelta(seconds=here.runtime().settings.form_min_seconds)
    return tickets.new(door.channel.form_version, here.now() - patience)


def _robot(ticket: Ticket, values: Mapping[str, str]) -> str | None:
    """Why this was not filled in by a person, or None."""
    if values.get(TRAP):
        return "filled in the field that people do not see"
    seconds = ticket.age(here.now()).total_seconds()
    if seconds < here.runtime().settings.form_min_seconds:
        return f"sent back after {seconds:.1f} s"
    return None


def metrics_of(form: Form, clean: Mapping[str, Any]) -> dict[str, str]:
    """What each given score measures, kept beside it: the question may change before it is read again."""
    return {
        f"{field.name}.metric": field.scale.metric
        for field in form.fields
        if field.scale is not None and field.name in clean
    }


def _page(
    door: Door,
    values: Mapping[str, str],
    ticket: Ticket,
    *,
    notice: str = "",
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The form with what was typed, a notice above it and the errors at their fields."""
    slug = door.channel.slug
    html = render_template(
        "public/form.html",
        form=draw(door.form, door.language, values, {name: words(text) for name, text in (wrong or {}).items()}),
        action=url_for("public.send", slug=slug, lang=door.language),
        ticket=tickets.write(here.runtime().keys, slug, ticket),
        ticket_name=TICKET,
        trap_name=TRAP,
        notice=notice,
        language_links=_language_links(door, "public.form"),
        slug=slug,
    )
    return private(make_response(html, status))


def _language_links(door: Door, endpoint: str, **extra: Any) -> list[tuple[str, str, str]]:
    """The other languages of this form, as (code, its own name, address); none for a form in one language."""
    offered = [code for code in door.form.languages if code in NAMES]
    if len(offered) < 2:
        return []
    return [(code, NAMES[code], url_for(endpoint, slug=door.channel.slug, lang=code, **extra)) for code in offered]


def private(response: Response) -> Response:
    """A page of one person: no shared cache may hand its one-time id to somebody else, no link tells where it was."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
