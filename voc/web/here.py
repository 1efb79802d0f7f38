"""What this request is about: the running house, one moment for the whole request, the company, the language."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

from flask import current_app, g, request
from flask_babel import refresh

from voc.core.errors import Busy
from voc.core.vocabulary import LANGUAGES
from voc.web.house import Brand, BrandKeeper
from voc.web.languages import choose

if TYPE_CHECKING:
    from voc.runtime import Runtime


def runtime() -> Runtime:
    """The running house."""
    return cast("Runtime", current_app.extensions["voc"])


def now() -> datetime:
    """The moment of this request: the same wherever it is asked, aware UTC."""
    if "voc_now" not in g:
        g.voc_now = runtime().clock()
    return cast(datetime, g.voc_now)


def house() -> Brand:
    """The company behind the page."""
    keeper: BrandKeeper = current_app.extensions["voc_brand"]
    return keeper.get(now())


def language() -> str:
    """The language of this answer: es, pt or en."""
    if "voc_language" not in g:
        g.voc_language = choose(
            asked=request.args.get("lang"),
            own=_own_language(),
            accepted=request.accept_languages,
            house=house().language,
            offered=LANGUAGES,
        )
    return cast(str, g.voc_language)


def use_language(code: str) -> None:
    """Decide the language of this answer (a form that is offered in fewer languages, a setting just changed)."""
    g.voc_language = code
    refresh()


Side = Literal["customers", "team", "nobody"]


def side_of(path: str) -> Side:
    """Whose pages begin like `path`, also where there is none at the path itself: `/f/nothing` is the customers'."""
    sides: dict[str, Side] | None = current_app.extensions.get("voc_sides")
    if sides is None:
        sides = {}
        for rule in current_app.url_map.iter_rules():
            theirs = rule.endpoint.partition(".")[0] in ("public", "static")
            sides[rule.rule.split("/")[1]] = "customers" if theirs else "team"
        sides.pop("", None)
        current_app.extensions["voc_sides"] = sides
    return sides.get(path.split("/")[1] if "/" in path else "", "nobody")


def _own_language() -> str | None:
    """The signed-in person's language; never asked on public pages, which do not touch the session."""
    if not hasattr(current_app, "login_manager") or request.blueprint == "public" or request.routing_exception:
        return None
    from flask_login import current_user

    return cast("str | None", getattr(current_user, "language", None))


def reader_signed_in(*, ask: bool) -> bool | None:
    """Whether a person who works here reads; None when nobody knows.

    That was found out before, or is with `ask`: never on a customer's page, and not when the database does not answer.
    """
    if not hasattr(current_app, "login_manager"):
        return None
    if "_login_user" not in g:
        if not ask or side_of(request.path) == "customers":
            return None
        from flask_login import current_user

        try:
            return bool(current_user.is_authenticated)
        except Busy:
            return None
    return bool(g._login_user.is_authenticated)


def forget_reader() -> None:
    """Whoever reads is nobody in particular from here on.

    The sign-in library offers the reader to every template and would load one, and write the session, for a page
    that needs neither.
    """
    if hasattr(current_app, "login_manager") and "_login_user" not in g:
        g._login_user = current_app.login_manager.anonymous_user()
