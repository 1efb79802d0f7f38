"""The documentation page `/api/docs`: Swagger UI from the installed package, nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

# Swagger UI draws its icons as data: images and styles elements by script; nothing else but our own files.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OURS = Path(__file__).parent / "static"
_THEIRS = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png"}
_DAY = 86_400

blueprint = Blueprint("docs", __name__, url_prefix="/api/docs")


@blueprint.get("")
def page() -> Response:
    """The page."""
    response = _file(_OURS / "docs.html", "text/html; charset=utf-8", max_age=0)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@blueprint.get("/<name>")
def asset(name: str) -> Response:
    """A script or style of the page."""
    if name in _THEIRS:
        return _file(_swagger_ui() / name, _TYPES[Path(name).suffix], max_age=_DAY)
    if name in ("docs.js", "docs.css"):
        return _file(_OURS / name, _TYPES[Path(name).suffix], max_age=0)
    raise NotFound


def _file(path: Path, content_type: str, *, max_age: int) -> Response:
    response = Response(path.read_bytes(), content_type=content_type)
    response.cache_control.public = True
    response.cache_control.max_age = max_age
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _swagger_ui() -> Path:
    """Where the package keeps Swagger UI; it is found, not imported."""
    found = find_spec("flask_swagger_ui")
    if found is None or found.origin is None:
        raise NotFound
    return Path(found.origin).parent / "dist"
