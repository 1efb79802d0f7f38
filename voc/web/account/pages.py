"""The blueprint of the account pages; the modules beside it hang their views on it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from voc.web.account.paths import page_of
from voc.web.account.texts import translated as _

blueprint = Blueprint("account", __name__)


@blueprint.errorhandler(CSRFError)
def too_old(_error: CSRFError) -> ResponseReturnValue:
    """The page was open since before the present session: nothing was done, the fresh page says so."""
    flash(_("This page had been open for too long and nothing was changed. Please try once more."), "warn")
    return redirect("/inbox" if request.path == "/logout" else page_of(request.path), 303)
