"""No more surveys: opening the link shows a page, the button (or the mail program's own POST, RFC 8058) does it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from voc.core.errors import NotFound
from voc.core.vocabulary import LANGUAGES
from voc.surveys import queries
from voc.surveys.leaving import leave
from voc.surveys.token import read_token
from voc.web import here
from voc.web.languages import NAMES
from voc.web.public.blueprint import blueprint
from voc.web.public.ended import gone
from voc.web.public.form import private


@blueprint.get("/u/<token>")
def unsubscribe(token: str) -> ResponseReturnValue:
    """What the button will do, or that it was done. Nothing is done for having been looked at."""
    invitation_id = read_token(here.runtime().keys, token)
    left = None if invitation_id is None else _has_left(invitation_id)
    return gone("unknown", 404) if left is None else _page(token, done=left)


@blueprint.post("/u/<token>")
def leave_surveys(token: str) -> ResponseReturnValue:
    """Ask this person no more. Whatever the body says: a mail program sends one of its own."""
    invitation_id = read_token(here.runtime().keys, token)
    try:
        if invitation_id is None:
            raise NotFound
        with here.runtime().db.writing() as session:
            leave(session, invitation_id, now=here.now())
    except NotFound:
        return gone("unknown", 404)
    return _page(token, done=True)


def _has_left(invitation_id: UUID) -> bool | None:
    """Whether the person of this invitation is asked no more; None when there is no such invitation."""
    with here.runtime().db.reading() as session:
        asked = queries.asked(session, invitation_id)
        return bool(queries.suppressed(session, [asked.address_hash])) if asked else None


def _page(token: str, *, done: bool) -> Response:
    links = [(code, NAMES[code], url_for("public.unsubscribe", token=token, lang=code)) for code in LANGUAGES]
    html = render_template(
        "public/unsubscribe.html",
        done=done,
        action=url_for("public.leave_surveys", token=token, lang=here.language()),
        language_links=links,
    )
    return private(make_response(html))
