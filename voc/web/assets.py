"""Templates and static files: own CSS, own sprite, nothing from elsewhere.

An address carries a hash of the file, so that browsers keep it for a year and still see every change.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, request
from werkzeug.wrappers import Response

ROOT = Path(__file__).parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"


def install(app: Flask) -> None:
    """Serve `/static/` from here, look for templates here first (they replace those of libraries)."""
    app.template_folder = str(TEMPLATES)
    app.static_folder = str(STATIC)
    if "static" not in app.view_functions:
        app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=app.send_static_file)
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


@cache
def asset(name: str) -> str:
    """The address of a static file with the hash of its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?v={digest}"


def _keep(response: Response) -> Response:
    """A static file asked for by its hash never changes."""
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
