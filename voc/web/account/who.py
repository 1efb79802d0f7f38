"""Who is signed in, and the one check in front of every page for people who work here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from flask import current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from voc.core.errors import NotFound
from voc.security import queries
from voc.security.access import Actor, require
from voc.web.account import door
from voc.web.account.paths import page_of
from voc.web.here import runtime

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
_SAFE = ("GET", "HEAD", "OPTIONS")


def user_id() -> UUID | None:
    """The id of the signed-in person, or None."""
    return current_user.id if current_user and current_user.is_authenticated else None


def actor() -> Actor:
    """The signed-in person with role and teams, read once a request; raises NotFound when nobody is signed in."""
    if "voc_actor" not in g:
        key = user_id()
        if key is None:
            raise NotFound
        with runtime().db.reading() as session:
            g.voc_actor = queries.actor_of(session, key)
    found: Actor = g.voc_actor
    return found


def signed_in(permission: str | None = None) -> Callable[[View[P]], View[P]]:
    """A view for signed-in people who may do `permission` (None: anybody signed in).

    Others are sent to sign in, and what they were typing comes along; a role that may not raises Forbidden. A POST
    must carry the session's token (CSRFError).
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                person = actor()
            except NotFound:
                return _to_the_door()
            if request.method not in _SAFE:
                current_app.extensions["csrf"].protect()
            if permission is not None:
                require(person, permission)
            return view(*args, **kwargs)

        return guarded

    return decorate


def _to_the_door() -> ResponseReturnValue:
    """A GET is redirected and comes back; a POST gets the sign-in page at once, with the text it carried."""
    if request.method in _SAFE:
        return redirect(url_for("account.login", next=request.full_path.rstrip("?")))
    draft = request.form.get("text", "")
    return door.page(status=401, session_over=True, going_to=page_of(request.path), draft=draft)
