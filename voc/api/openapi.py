"""The OpenAPI 3.1 document: drawn from the views by flask-smorest, with our one error shape and our security.

It is drawn when somebody asks for it first: a start need not wait for what few processes are ever asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Flask, Response
from flask_smorest import Api, Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema

import voc
from voc.api import problems
from voc.api.answers import ProblemOut
from voc.api.bearer import needs
from voc.core.vocabulary import Scope

View = TypeVar("View", bound=Callable[..., Any])

_ABOUT = """\
Everything below `/api` speaks JSON. Every failure has one shape, `application/problem+json` (RFC 9457); programs look
at its `code`.

**Access.** `Authorization: Bearer` with a token made by `voc token add NAME --scope SCOPE`. Each operation names the
scope that it needs.

**Lists** page by key: follow `next` until it is null.

**Once only.** A `POST` with an `Idempotency-Key` may be repeated after a timeout: the same key with the same body gives
the same feedback, never a second one.
"""

# name, description, and code and detail of the example
_FAILURES: dict[int, tuple[str, str, str, str]] = {
    400: ("BadRequest", "The body is no JSON that we read.", "bad_json", "The body is nested deeper than 32 levels."),
    401: ("Unauthorized", "No valid token.", "token_invalid", "This API token is unknown or was revoked."),
    403: ("Forbidden", "The token may not do this.", "scope_missing", "This API token lacks the scope feedback:write."),
    404: ("NotFound", "There is no such thing.", "not_found", "There is no such feedback."),
    409: (
        "Conflict",
        "Somebody else was faster; look at the present state and decide again.",
        "conflict",
        "the rule is at version 3, not 2",
    ),
    413: ("TooLarge", "The body is too large.", "too_large", "The body is larger than 1048576 bytes."),
    415: (
        "UnsupportedMediaType",
        "The body is not declared as JSON.",
        "unsupported_media_type",
        "Send JSON with Content-Type: application/json.",
    ),
    422: (
        "Invalid",
        "Something is wrong with the fields, all of it said at once.",
        "invalid",
        "Some fields are wrong.",
    ),
    500: ("InternalError", "Our fault; it has been logged.", "internal", "Something went wrong on our side."),
    503: ("Busy", "Not just now; nothing was stored. Try again.", "busy", "The server cannot do this just now."),
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}


class Document(Api):  # type: ignore[misc]
    """flask-smorest without its own error shape."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemOut


PATH = "/api/openapi.json"


def install(app: Flask, blueprints: Sequence[Operations]) -> None:
    """Let `app` serve the document of `blueprints`, drawn once."""
    drawing = threading.Lock()
    drawn: list[str] = []

    def document() -> Response:
        with drawing:
            if not drawn:
                drawn.append(json.dumps(draw(blueprints), indent=2))
        return Response(drawn[0], content_type="application/json")

    app.add_url_rule(PATH, endpoint="openapi", view_func=document)


def draw(blueprints: Sequence[Operations]) -> dict[str, Any]:
    """The document as JSON-safe data."""
    document = _begun()
    for blueprint in blueprints:
        document.register_blueprint(blueprint)
    _finish(document)
    drawn: dict[str, Any] = document.spec.to_dict()
    return drawn


def _begun() -> Document:
    """The document without its operations, over an application that serves nobody: only its addresses are read."""
    app = Flask("voc.api", static_folder=None)
    app.config.update(
        API_TITLE="voc",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": _ABOUT,
                "license": {"name": "MIT", "identifier": "MIT"},
                "x-release": voc.__version__,
            },
            "servers": [{"url": "/", "description": "This server."}],
        },
    )
    document = Document(app)
    components = document.spec.components
    components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "description": "A token of `voc token add`."}
    )
    for status, (name, description, code, detail) in _FAILURES.items():
        components.response(name, _failure(status, description, code, detail))
    return document


def _finish(document: Document) -> None:
    """Say what flask-smorest cannot know, after every blueprint was registered."""
    schemas = document.spec.components.schemas
    schemas.pop("PaginationMetadata", None)
    schemas["FeedbackIn"]["anyOf"] = [{"required": ["text"]}, {"required": ["metric", "score"]}]


class Operations(Blueprint):  # type: ignore[misc]
    """A blueprint whose views are declared once, for routing and for the document."""

    def serves(
        self,
        method: str,
        rule: str,
        *statuses: int,
        scope: Scope,
        answer: type[Schema] | None = None,
        example: Mapping[str, Any] | None = None,
        responses: Mapping[str, Any] | None = None,
        **documented: Any,
    ) -> Callable[[View], View]:
        """Serve `rule` by the decorated view.

        With `answer` only callers with `scope` reach the view, and what it returns goes through that schema as 200.
        Without it the view does both by itself. `statuses` are the failures beside 401, 403, 500 and 503;
        `documented` goes into the document as it is.
        """
        failing = sorted({401, 403, 500, 503, *statuses})
        documented["security"] = [{"bearer": [scope.value]}]
        documented["responses"] = {
            **(responses or {}),
            **{str(status): _FAILURES[status][0] for status in failing},
        }

        def decorate(view: View) -> View:
            shown: Any = view
            if answer is not None:
                described = {"description": (answer.__doc__ or "").strip(), "example": example}
                shown = self.response(200, answer, **described)(needs(scope)(view))
            self.route(rule, methods=[method])(self.doc(**documented)(shown))
            return view

        return decorate


def _failure(status: int, description: str, code: str, detail: str) -> dict[str, Any]:
    example = problems.body(problems.Problem(status, code, detail))
    if status == 422:
        example["errors"] = {"score": ["Must lie between 0 and 10 for nps."], "customer.mail": ["Unknown field."]}
    found: dict[str, Any] = {
        "description": description,
        "content": {problems.CONTENT_TYPE: {"schema": ProblemOut, "example": example}},
    }
    if status in _HEADERS:
        found["headers"] = _HEADERS[status]
    return found
