"""The sign-in library, tamed: it keeps sessions and hashes passwords, and writes nothing.

What is switched off and why: its own pages (ours need no inline script or style), every feature that acts on GET,
tracking (it would write on each sign-in), tokens in addresses or headers (the API has its own), and the identity
loading before each request (it would read the session and the body of requests that nobody signed).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app, request
from flask.wrappers import Response
from flask_login import current_user
from flask_security import Security, UserMixin
from flask_security.datastore import SQLAlchemySessionUserDatastore
from flask_wtf import CSRFProtect
from sqlalchemy.orm import scoped_session, sessionmaker

from voc.db.database import translated
from voc.model import Role, User

if TYPE_CHECKING:
    from voc.runtime import Runtime


class WebUser(UserMixin, User):  # type: ignore[misc]
    """The same row as `User`, with what the sign-in library asks of it. Never in one session with a `User`."""


class Datastore(SQLAlchemySessionUserDatastore):
    """Finds users on a reading connection and lets go of it at once; the user is a detached copy."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Any:
        """The user with this one attribute, roles loaded, or None; raises Busy when the database cannot say now."""
        with translated():
            try:
                return super().find_user(case_insensitive, **kwargs)
            finally:
                self.db.session.remove()


def install_library(app: Flask, runtime: Runtime) -> None:
    """Configure sessions, CSRF protection and the sign-in library; raises nothing."""
    secure = runtime.settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=runtime.keys.derive("web-session"),
        SESSION_COOKIE_NAME="voc_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_NAME="voc_remember",
        REMEMBER_COOKIE_DURATION=30 * 24 * 3600,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=secure,
        # Our blueprints ask for the check themselves; the public form and the API are exempt by decision.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A token is as old as its session: a page left open overnight still sends what was typed.
        WTF_CSRF_TIME_LIMIT=None,
        # The cookie is SameSite and the token secret; proxies that hide the referrer do no harm.
        WTF_CSRF_SSL_STRICT=False,
        SECURITY_PASSWORD_SALT=runtime.keys.derive("password-salt"),
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DATETIME_FACTORY=lambda: runtime.clock().astimezone(UTC),
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        **{f"SECURITY_{feature}": False for feature in OFF},
    )
    CSRFProtect(app)
    reading = runtime.db.engine.execution_options(voc_read=True)
    sessions = scoped_session(sessionmaker(reading, autoflush=False, expire_on_commit=False))
    # `Role` has what the library asks of a role without being its class: the model knows no Flask.
    security = Security(app, Datastore(sessions, WebUser, cast(Any, Role)), register_blueprint=False)
    security.login_manager.request_loader(None)
    security.principal.identity_loaders.clear()
    _only_where_people_sign_in(app)


def _only_where_people_sign_in(app: Flask) -> None:
    """Keep the library away from public pages and static files: they have no session and ask for nobody."""
    # It would load the user for every template; as a global it is asked only where a template names it.
    processors = app.template_context_processors[None]
    processors[:] = [each for each in processors if each.__module__ != "flask_login.utils"]
    app.jinja_env.globals["current_user"] = current_user
    # It would look into the session after every request.
    hooks = app.after_request_funcs[None]
    remember = next(each for each in hooks if getattr(each, "__name__", "") == "_update_remember_cookie")
    hooks.remove(remember)

    def remember_here(response: Response) -> Response:
        return remember(response) if request.blueprint in ("account", "triage") else response  # type: ignore[return-value]

    app.after_request(remember_here)


def find_user(**attribute: Any) -> WebUser | None:
    """The user with this one attribute (`id`, `email` whatever its case), as the sign-in library sees him, or None."""
    datastore = current_app.extensions["security"].datastore
    user: WebUser | None = datastore.find_user(case_insensitive="email" in attribute, **attribute)
    return user


OFF = (
    "REGISTERABLE",
    "RECOVERABLE",
    "CONFIRMABLE",
    "CHANGEABLE",
    "CHANGE_EMAIL",
    "CHANGE_USERNAME",
    "TRACKABLE",
    "PASSWORDLESS",
    "TWO_FACTOR",
    "UNIFIED_SIGNIN",
    "USERNAME_RECOVERY",
    "WEBAUTHN",
    "MULTI_FACTOR_RECOVERY_CODES",
    "OAUTH_ENABLE",
    "REFRESH_TOKEN",
)
