"""One's own account: name, language, password, and signing out everywhere."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from voc.core.errors import Invalid
from voc.core.vocabulary import LANGUAGES
from voc.security import users
from voc.web.account import passwords
from voc.web.account.library import find_user
from voc.web.account.login import enter
from voc.web.account.pages import blueprint
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.account.who import signed_in, user_id
from voc.web.here import now, runtime, use_language
from voc.web.languages import NAMES


@blueprint.get("/account")
@signed_in()
def account() -> ResponseReturnValue:
    """The page of one's own account."""
    return _page()


@blueprint.post("/account")
@signed_in()
def save_account() -> ResponseReturnValue:
    """Save name and language."""
    name, language = request.form.get("name", ""), request.form.get("language", "")
    try:
        with runtime().db.writing() as session:
            users.change_profile(session, _me(), name=name, language=language, now=now())
    except Invalid as error:
        return _page(in_words(error.fields), 422)
    use_language(language)
    flash(_("Saved."), "good")
    return redirect("/account", 303)


@blueprint.post("/account/password")
@signed_in()
def save_password() -> ResponseReturnValue:
    """Change the password; the present one is asked for when there is one. Other browsers are signed out."""
    new, again = request.form.get("password", ""), request.form.get("again", "")
    wrong = passwords.problems(new, again)
    if wrong:
        return _page({"password": wrong}, 422)
    if current_user.password and not passwords.matches(request.form.get("current", ""), current_user.password):
        return _page({"current": [_("This is not the present password.")]}, 422)
    digest = passwords.hashed(new)
    with runtime().db.writing() as session:
        users.set_password(session, _me(), password_hash=digest, now=now())
    _stay()
    flash(_("The password was changed. Other browsers are signed out."), "good")
    return redirect("/account", 303)


@blueprint.post("/account/sessions")
@signed_in()
def leave_everywhere() -> ResponseReturnValue:
    """Sign out every other browser; this one stays."""
    with runtime().db.writing() as session:
        users.renew_sessions(session, _me(), now=now())
    _stay()
    flash(_("Every other browser is signed out."), "good")
    return redirect("/account", 303)


def _me() -> UUID:
    """The signed-in person's id; the views above are only reached with one."""
    return cast(UUID, user_id())


def _stay() -> None:
    """Sign this browser in again after all sessions were ended."""
    user = find_user(id=_me())
    if user is not None and user.active:
        enter(user)


def _page(errors: dict[str, list[str]] | None = None, status: int = 200) -> ResponseReturnValue:
    """The account page, with what was typed when something is wrong."""
    html = render_template(
        "account/account.html",
        errors=errors or {},
        typed={
            "name": request.form.get("name", current_user.name),
            "language": request.form.get("language", current_user.language),
        },
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        has_password=bool(current_user.password),
        shortest=passwords.SHORTEST,
    )
    return make_response(html, status)
