"""Request bodies: their declared type, their size, their JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import Schema, ValidationError

from voc.api import json_guard
from voc.api.fields import by_name
from voc.api.here import runtime
from voc.api.problems import Problem, invalid

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_JSON = re.compile(r"application/([a-z0-9.!#$&^_+-]+\+)?json\s*(;|$)", re.IGNORECASE)


def json_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The raw body of a JSON request, at most `limit` bytes.

    Raises Problem: 415 for another type or an encoded body, 413 when it is too large, 400 when it is empty or cut.
    """
    declared = environ.get("CONTENT_TYPE", "")
    if declared != "application/json" and not _JSON.match(declared):
        raise Problem(415, "unsupported_media_type", "Send JSON with Content-Type: application/json.")
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "Send the body without Content-Encoding.")
    length = environ.get("CONTENT_LENGTH", "")
    if length.isascii() and length.isdigit():
        data = _exactly(environ, int(length[:18]), limit)
    else:
        data = _undeclared(limit)
    if not data:
        raise Problem(400, "empty_body", "The body is empty; send a JSON object.")
    return data


def _exactly(environ: WSGIEnvironment, length: int, limit: int) -> bytes:
    """A body of declared length, read without a detour: this is the hot path."""
    if length > limit:
        raise _too_large(limit)
    stream = environ["wsgi.input"]
    data: bytes = stream.read(length)
    while len(data) < length:
        more: bytes = stream.read(length - len(data))
        if not more:
            raise Problem(400, "body_cut", "The connection ended before the whole body had arrived.")
        data += more
    return data


def _undeclared(limit: int) -> bytes:
    """A body of unknown length (chunked). Some servers cut it at the limit without a word: then equal is too large."""
    data = request.get_data(cache=False)
    if len(data) >= limit:
        raise _too_large(limit)
    return data


def _too_large(limit: int) -> Problem:
    return Problem(413, "too_large", f"The body is larger than {limit} bytes.")


def parsed(data: bytes) -> Any:
    """The JSON value in a body; raises Problem 400."""
    try:
        return json_guard.loads(data)
    except json_guard.BadJson as error:
        raise Problem(400, "bad_json", str(error)) from None


def body_of(schema: Schema) -> dict[str, Any]:
    """The body of this request as `schema` reads it. Raises Problem, also with every field that is wrong."""
    data = parsed(json_body(request.environ, runtime().settings.body_limit))
    try:
        values: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise invalid(by_name(error)) from None
    return values
