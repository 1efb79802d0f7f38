"""The address without a path: people who work here are let in, everybody else finds the door."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from voc.web.account.who import user_id

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """To the inbox, or to the sign-in page."""
    return redirect("/inbox" if user_id() is not None else url_for("account.login"))
