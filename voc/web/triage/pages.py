"""The blueprint of the triage pages, and what goes wrong on them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from voc.web.account.paths import page_of
from voc.web.account.texts import translated as _

blueprint = Blueprint("triage", __name__)


@blueprint.errorhandler(CSRFError)
def too_old(_error: CSRFError) -> ResponseReturnValue:
    """The page belongs to an earlier session: nothing was done, and what was typed is shown again where it can be."""
    text = request.form.get("text", "")
    if text and request.view_args and request.endpoint == "triage.say":
        from voc.web.triage.case import page

        notice = _("This page had been open for too long. The text is still here, unsent.")
        return page(request.view_args["case_id"], status=400, text=text, notice=notice)
    flash(_("This page had been open for too long and nothing was changed. Please try once more."), "warn")
    return redirect(page_of(request.path), 303)
