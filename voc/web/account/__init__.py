"""Who works here: signing in and out, one's own account, the list of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from voc.web.account.who import actor, signed_in

if TYPE_CHECKING:
    from voc.runtime import Runtime

__all__ = ["actor", "install", "signed_in"]


def install(app: Flask, runtime: Runtime) -> None:
    """Put sessions, CSRF protection and the account pages into the application."""
    # Importing the modules hangs their views on the blueprint.
    from voc.web.account import login, people, profile, webhooks  # noqa: F401
    from voc.web.account.library import install_library
    from voc.web.account.pages import blueprint

    install_library(app, runtime)
    app.register_blueprint(blueprint)
