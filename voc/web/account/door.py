"""The sign-in page, drawn for whoever stands before it: a newcomer, a wrong password, a session that ended."""

from __future__ import annotations

from flask import make_response, render_template, request, url_for
from flask.wrappers import Response

from voc.core.vocabulary import LANGUAGES
from voc.web.account.paths import local_path
from voc.web.languages import NAMES


def page(
    *,
    status: int = 200,
    error: str | None = None,
    email: str = "",
    session_over: bool = False,
    going_to: str | None = None,
    draft: str = "",
) -> Response:
    """The sign-in page. `draft` is a text that was being typed and travels through the sign-in; never in a cookie."""
    goal = local_path(going_to or request.values.get("next"))
    html = render_template(
        "account/login.html",
        error=error,
        email=email,
        session_over=session_over,
        going_to=goal or "",
        draft=draft,
        language_links=[
            (code, NAMES[code], url_for("account.login", lang=code, next=goal or None)) for code in LANGUAGES
        ],
    )
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
