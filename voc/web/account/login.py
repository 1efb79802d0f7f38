"""Signing in and out: by password, and by a link that works once."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user, logout_user
from flask_wtf.csrf import CSRFError

from voc.core.errors import Forbidden, Invalid, NotFound
from voc.core.vocabulary import LANGUAGES
from voc.security import queries, users
from voc.web import limits
from voc.web.account import door, passwords
from voc.web.account.library import WebUser, find_user
from voc.web.account.pages import blueprint
from voc.web.account.paths import local_path
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.account.who import user_id
from voc.web.here import now, runtime, use_language


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """The sign-in page; somebody who is signed in already goes on."""
    if user_id() is not None:
        return redirect(local_path(request.args.get("next")) or "/inbox")
    return door.page()


@blueprint.post("/login")
def sign_in() -> ResponseReturnValue:
    """Sign in. Unknown address, wrong password and inactive account get the same answer."""
    email, draft = request.form.get("email", ""), request.form.get("draft", "")
    try:
        current_app.extensions["csrf"].protect()
    except CSRFError:
        text = _("This page had been open for too long. Please sign in once more.")
        return door.page(status=400, error=text, email=email, draft=draft)
    if not limits.allow(runtime().settings.signin_rate, "sign-in"):
        return _too_often(email, draft)
    user = passwords.find_by_password(email, request.form.get("password", ""))
    if user is None:
        return door.page(status=401, error=_("That e-mail and password do not match."), email=email, draft=draft)
    enter(user, remember="remember" in request.form)
    goal = local_path(request.form.get("next")) or "/inbox"
    if draft and goal.startswith("/cases/"):
        return render_template("account/carry.html", goal=goal, draft=draft)
    return redirect(goal, 303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out on this browser."""
    if user_id() is not None:
        current_app.extensions["csrf"].protect()
        logout_user()
        session.clear()
    return redirect(url_for("account.login"), 303)


@blueprint.get("/welcome/<token>")
def welcome(token: str) -> ResponseReturnValue:
    """What a sign-in link shows; it changes nothing, so a link scanner uses nothing up."""
    try:
        return _welcome_page(token)
    except NotFound:
        return _link_gone()


@blueprint.post("/welcome/<token>")
def come_in(token: str) -> ResponseReturnValue:
    """Use the link up, keep the name, address and password that were given, and sign in."""
    try:
        current_app.extensions["csrf"].protect()
    except CSRFError:
        return redirect(url_for("account.welcome", token=token), 303)
    if not limits.allow(runtime().settings.signin_rate, "sign-in"):
        return _too_often()
    password, again = request.form.get("password", ""), request.form.get("again", "")
    try:
        _expected(token)
        wrong = passwords.problems(password, again) if password or again else []
        if wrong:
            return _welcome_page(token, errors={"password": wrong}, status=422)
        key = _use(token, passwords.hashed(password) if password else None)
    except Invalid as error:
        return _welcome_page(token, errors=in_words(error.fields), status=422)
    except NotFound:
        return _link_gone()
    user = find_user(id=key)
    if user is None or not user.active:
        return _link_gone()
    enter(user)
    flash(_("Good to see you. This is where customers who need an answer appear."), "good")
    return redirect("/inbox", 303)


def enter(user: WebUser, *, remember: bool = False) -> None:
    """Start a fresh session for `user`; nothing of an earlier one in this browser lives on."""
    session.clear()
    g.pop("csrf_token", None)
    if not login_user(user, remember=remember, authn_via=["password"]):
        raise Forbidden


def _use(token: str, password_hash: str | None) -> UUID:
    """Use up the link and store what was typed, all or nothing; raises NotFound and Invalid."""
    with runtime().db.writing() as unit:
        key = users.use_link(unit, token, now())
        user = queries.user_by_id(unit, key)
        users.change_profile(
            unit,
            key,
            name=request.form.get("name", "").strip() or user.name,
            language=request.form.get("language", user.language),
            email=request.form.get("email", "").strip() or None,
            now=now(),
        )
        if password_hash is not None:
            users.set_password(unit, key, password_hash=password_hash, now=now())
    return key


def _welcome_page(token: str, *, errors: dict[str, list[str]] | None = None, status: int = 200) -> ResponseReturnValue:
    """The page behind a sign-in link, with what was typed when something is wrong; raises NotFound."""
    email, name = _expected(token)
    typed = {"email": request.form.get("email", email), "name": request.form.get("name", name)}
    html = render_template("account/welcome.html", typed=typed, errors=errors or {}, shortest=passwords.SHORTEST)
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _expected(token: str) -> tuple[str, str]:
    """(e-mail, name) of whom the link is for, who is spoken to in his own language; raises NotFound."""
    with runtime().db.reading() as unit:
        _key, email, name, own = users.peek_link(unit, token, now())
    if request.args.get("lang") not in LANGUAGES:
        use_language(own)
    return email, name


def _link_gone() -> ResponseReturnValue:
    """A link that was used or ran out: what that means and what to do."""
    return render_template("account/link_gone.html"), 410


def _too_often(email: str = "", draft: str = "") -> ResponseReturnValue:
    """Too many attempts from one address: say for how long."""
    wait = limits.seconds(runtime().settings.signin_rate)
    error = _("Too many attempts. In %(minutes)s min it can be tried again.", minutes=-(-wait // 60))
    answer = door.page(status=429, error=error, email=email, draft=draft)
    answer.headers["Retry-After"] = str(wait)
    return answer
