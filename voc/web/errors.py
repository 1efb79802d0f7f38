"""Pages for what went wrong, in the reader's language: what happened, what to do; kind and short.

The API is an application of its own with an error shape of its own; whatever arrives here is answered with a page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flask import Flask, g, make_response, render_template, request
from flask_babel import lazy_gettext
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
    UnprocessableEntity,
)

from voc.core import errors as voc_errors
from voc.core.vocabulary import LANGUAGES
from voc.web import here
from voc.web.languages import choose

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask.typing import ResponseReturnValue

# Seconds after which somebody who was told "busy" should try again.
RETRY_AFTER = 2


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says."""

    title: Any
    text: Any


TEXTS: dict[type[HTTPException], Words] = {
    BadRequest: Words(
        lazy_gettext("This request could not be read"),
        lazy_gettext("Going back and trying again usually helps. Nothing was stored."),
    ),
    Forbidden: Words(
        lazy_gettext("This page is not for this account"),
        lazy_gettext("Somebody with the administrator role can give access to it."),
    ),
    NotFound: Words(
        lazy_gettext("There is nothing at this address"),
        lazy_gettext("It may have been mistyped, or the page is no longer there."),
    ),
    MethodNotAllowed: Words(
        lazy_gettext("This address does not work that way"),
        lazy_gettext("Opening the page again from its link helps. Nothing was stored."),
    ),
    Conflict: Words(
        lazy_gettext("Somebody was faster"),
        lazy_gettext(
            "What was here has changed meanwhile. Nothing was stored; opening the page again shows how it stands now."
        ),
    ),
    RequestEntityTooLarge: Words(
        lazy_gettext("That is more than this page can take"),
        lazy_gettext("Nothing was stored. A shorter text will get through."),
    ),
    UnprocessableEntity: Words(
        lazy_gettext("Something in there is not right"),
        lazy_gettext("Nothing was stored. Going back shows what was typed."),
    ),
    TooManyRequests: Words(
        lazy_gettext("That was a lot in a short time"),
        lazy_gettext("Please wait a minute and try again."),
    ),
    InternalServerError: Words(
        lazy_gettext("Something broke on our side"),
        lazy_gettext("It has been noted. Please try again in a moment."),
    ),
    ServiceUnavailable: Words(
        lazy_gettext("We are busy just now"),
        lazy_gettext("Nothing was stored. Please try again in a few seconds."),
    ),
}

# What an error of ours is to a browser.
OURS: dict[type[voc_errors.VocError], type[HTTPException]] = {
    voc_errors.NotFound: NotFound,
    voc_errors.Forbidden: Forbidden,
    voc_errors.Conflict: Conflict,
    voc_errors.Invalid: UnprocessableEntity,
    voc_errors.Busy: ServiceUnavailable,
}


def install(app: Flask) -> None:
    """Answer every failure in `app` with a page."""
    app.register_error_handler(HTTPException, page)
    for ours in OURS:
        app.register_error_handler(ours, _ours)


def _ours(error: voc_errors.VocError) -> ResponseReturnValue:
    """One of our own errors, as what it is to a browser."""
    return page(next(OURS[base] for base in type(error).__mro__ if base in OURS)())


def too_large(app: Flask) -> Callable[[WSGIEnvironment], tuple[str, list[tuple[str, str]], bytes]]:
    """For the server, which refuses a body that is too large before `app` sees the request: the page it answers with,
    as status line, headers and body."""

    def refuse(environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
        with app.request_context(environ):
            response = app.process_response(app.make_response(page(RequestEntityTooLarge())))
            return response.status, list(response.headers), response.get_data()

    return refuse


def page(error: HTTPException) -> ResponseReturnValue:
    """The page of an error with its status and headers.

    It asks the database for who is reading only when nothing has failed: an address that is not there.
    """
    signed_in = here.reader_signed_in(ask=isinstance(error, (NotFound, MethodNotAllowed)))
    here.forget_reader()
    if "voc_language" not in g:
        here.use_language(
            choose(
                asked=request.args.get("lang"),
                own=getattr(g.get("_login_user"), "language", None),
                accepted=request.accept_languages,
                house=here.house().language,
                offered=LANGUAGES,
            )
        )
    status = error.code or 500
    otherwise = TEXTS[BadRequest if status < 500 else InternalServerError]
    words = next((TEXTS[kind] for kind in type(error).__mro__ if kind in TEXTS), otherwise)
    html = render_template("error.html", words=words, code=status, way=_way(error, signed_in))
    response = make_response(html, status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if isinstance(error, ServiceUnavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = "60"
    return response


def _way(error: HTTPException, signed_in: bool | None) -> Literal["start", "sign_in", "look_up", ""]:
    """Where to go from here: back to work, through the door to it, or to what became of a message. A customer is never
    sent to the door of those who work here."""
    if signed_in:
        return "start"
    if here.side_of(request.path) == "team":
        # Somebody who could not be recognized just now may well be signed in: the start finds out.
        return "start" if signed_in is None else "sign_in"
    return "look_up" if isinstance(error, NotFound) else ""
