"""What became of a message: the state for whoever has the code, the conversation for whoever has the signed link."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from voc.core.ids import CODE_ALPHABET
from voc.core.vocabulary import LANGUAGES
from voc.pipeline import queries
from voc.web import here
from voc.web.languages import NAMES
from voc.web.public.blueprint import blueprint
from voc.web.public.steps import steps

# What a signature of a status link is for; mails that carry such a link sign the same.
PURPOSE = "status"


@blueprint.get("/t/")
def look_up() -> ResponseReturnValue:
    """A field for the code; with one given, on to its page."""
    code = normal(request.args.get("code", ""))
    if code:
        return redirect(url_for("public.status", code=code, lang=here.language()))
    return _look_up_page()


@blueprint.get("/t/<code>")
def status(code: str) -> ResponseReturnValue:
    """The status page. Without a valid signature it names nobody and repeats no words."""
    with here.runtime().db.reading() as session:
        view = queries.status_by_code(session, normal(code))
    if view is None:
        wrong = gettext("There is no message with this code. Is every letter right?")
        return _look_up_page(code=code, error=wrong, status=404)
    signature = request.args.get("s")
    known = signed(view.code, signature)
    html = render_template(
        "public/status.html",
        view=view,
        known=known,
        state=str(view.state),
        steps=steps(view, here.now(), known=known),
        texts=view.texts if known else (),
        language_links=_language_links("public.status", code=view.code, s=signature if known else None),
    )
    return _unlisted(make_response(html))


def normal(code: str) -> str:
    """A code as typed by a person, in the one way we write it."""
    return "".join(char for char in code.upper() if char in CODE_ALPHABET)[:24]


def signed(code: str, signature: str | None) -> bool:
    """Whether this link to the status page is ours."""
    return bool(code) and here.runtime().keys.verify(PURPOSE, code, signature)


def link(code: str, language: str) -> str:
    """The path of the status page with the conversation, for the person who wrote it."""
    return url_for("public.status", code=code, s=here.runtime().keys.sign(PURPOSE, code), lang=language)


def _look_up_page(*, code: str = "", error: str = "", status: int = 200) -> Response:
    html = render_template(
        "public/look_up.html", code=code[:40], error=error, language_links=_language_links("public.look_up")
    )
    return _unlisted(make_response(html, status))


def _language_links(endpoint: str, **extra: str | None) -> list[tuple[str, str, str]]:
    values: dict[str, Any] = {name: value for name, value in extra.items() if value}
    return [(language, NAMES[language], url_for(endpoint, **values, lang=language)) for language in LANGUAGES]


def _unlisted(response: Response) -> Response:
    """No search engine, no referrer: the address is the secret."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
