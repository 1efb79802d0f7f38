"""The one error shape: RFC 9457 `application/problem+json`, whatever went wrong and wherever below `/api`.

`{"type", "title", "status", "detail", "code"}`, and for 422 `errors`: messages by field name. Programs look at
`code`, which never changes its meaning; `detail` is for people. An unexpected failure says nothing but that.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from voc.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Temporary

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = 2  # seconds after which a busy database is worth another try
MAX_FIELDS = 100  # fields named in one answer
_MAX_NAME = 80  # characters of a field's name that are given back

# (code, detail) of what Werkzeug raises by itself.
_KNOWN: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be understood."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method; the header Allow names those it takes."),
    413: ("too_large", "The body is larger than the server takes."),
    500: ("internal", "Something went wrong on our side. It has been logged."),
}


class Problem(Exception):
    """An answer other than the wanted one; raise it anywhere in a view."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers


def body(problem: Problem) -> dict[str, Any]:
    """The problem as JSON-safe data."""
    data: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors is not None:
        data["errors"] = _bounded(problem.errors)
    return data


def response(problem: Problem) -> Response:
    """The problem as a response."""
    return Response(json.dumps(body(problem)), problem.status, headers=problem.headers, content_type=CONTENT_TYPE)


def invalid(errors: Mapping[str, list[str]]) -> Problem:
    """422 with every wrong field at once."""
    return Problem(422, "invalid", "Some fields are wrong; see errors.", errors=errors)


def of(error: Exception) -> Problem:
    """The problem that an exception means to the caller."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, Invalid):
        return invalid(error.fields) if error.fields else Problem(422, "invalid", str(error), errors={})
    if isinstance(error, NotFound):
        return Problem(404, "not_found", _KNOWN[404][1])
    if isinstance(error, Forbidden):
        return Problem(403, "forbidden", "This is not allowed to you.")
    if isinstance(error, Conflict):
        return Problem(409, "conflict", str(error))
    if isinstance(error, (Busy, Temporary)):
        detail = "The server cannot do this just now; nothing was stored. Try the same request again in a moment."
        return Problem(503, "busy", detail, headers={"Retry-After": str(RETRY_AFTER)})
    return Problem(500, *_KNOWN[500])


def install(app: Flask) -> None:
    """Answer every failure in `app` in this shape; after flask-smorest, which registers a handler of its own."""
    app.register_error_handler(Exception, _answer)
    app.register_error_handler(HTTPException, _answer)


def _answer(error: Exception) -> Response:
    problem = of(error)
    if problem.status == 500:
        log.error("request failed", exc_info=error, extra={"endpoint": request.endpoint})
    return response(problem)


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    if status not in list(HTTPStatus):
        status = 500
    word = HTTPStatus(status)
    code, detail = _KNOWN.get(status, (word.name.lower(), f"{word.phrase}."))
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return Problem(status, code, detail, errors={} if status == 422 else None, headers=headers)


def _bounded(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The first MAX_FIELDS fields, names shortened, so that an answer stays small whatever was sent."""
    return {str(name)[:_MAX_NAME]: texts for name, texts in list(errors.items())[:MAX_FIELDS]}
