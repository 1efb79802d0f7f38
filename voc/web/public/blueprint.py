"""The blueprint of the public pages. Nothing here reads or writes the session."""

from __future__ import annotations

from flask import Blueprint

from voc.web.here import forget_reader

blueprint = Blueprint("public", __name__)
blueprint.before_request(forget_reader)
