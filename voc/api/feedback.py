"""Feedback over the API: taking it in, and reading it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from voc.analysis.embedding.encoder import INSTALL, Missing, encoder, model_name
from voc.api import examples, incoming
from voc.api.answers import FeedbackOut, FeedbackPage, Stored
from voc.api.bearer import Caller, admit
from voc.api.bodies import json_body, parsed
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import FeedbackQuery, no_such, page_of, query
from voc.api.problems import Problem, invalid
from voc.core.errors import Conflict, NotFound
from voc.core.vocabulary import Door, Scope
from voc.intake.incoming import Accepted, Incoming
from voc.intake.queries import channel_by_slug
from voc.pipeline import queries as pipeline
from voc.pipeline.meaning.order import is_on
from voc.search.asked import Asked
from voc.search.facets import Filters
from voc.search.meaning.find import by_meaning

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from voc.runtime import Runtime

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 200

blueprint = Operations("feedback", __name__, url_prefix="/api/v1", description="What customers said.")

_FEEDBACK_QUERY = FeedbackQuery()


def _stored_response(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {"Location": {"description": "Address of the feedback.", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": Stored, "example": examples.STORED}},
    }


@blueprint.serves(
    "POST",
    "/feedback",
    *(400, 413, 415, 422),
    scope=Scope.FEEDBACK_WRITE,
    operationId="addFeedback",
    parameters=[
        {
            "in": "header",
            "name": KEY_HEADER,
            "description": "Your own name for this feedback, so that it can be sent again safely.",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
            "example": "order-A-7731-survey",
        }
    ],
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": incoming.FeedbackIn, "examples": examples.FEEDBACK_IN}},
    },
    responses={
        "201": _stored_response("Accepted, and durable: it survives a crash from now on."),
        "200": _stored_response("It was here before with this key and body; nothing was stored again."),
    },
)
def add_feedback() -> Response:
    """Take in one feedback.

    Needs the scope `feedback:write`. The answer comes after the feedback is durable. With an `Idempotency-Key` the same
    key and body give the same feedback (200); the same key with another body is refused (422, `idempotency_mismatch`).
    Without one every request is a new feedback.
    """
    environ = request.environ
    caller = admit(environ, Scope.FEEDBACK_WRITE)
    house = runtime()
    data = json_body(environ, house.settings.body_limit)
    now = house.clock()
    values, errors = incoming.read(parsed(data), slug=caller.slug, now=now)
    key: str | None = environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        errors[KEY_HEADER] = [f"Must have 1 to {LONGEST_KEY} printable ASCII characters."]
    if errors:
        raise invalid(errors)
    accepted = _accept(house, caller, data, values, key, now)
    if accepted.repeated:
        return _answer(accepted, _first_time(accepted.feedback_id, now), 200)
    house.wake()
    return _answer(accepted, now, 201)


def _accept(
    house: Runtime, caller: Caller, data: bytes, values: dict[str, Any], key: str | None, now: datetime
) -> Accepted:
    channel_id = caller.token.channel_id
    if not caller.channel_active:
        raise Problem(403, "channel_inactive", "The channel of this API token is switched off.")
    try:
        return house.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=channel_id,
                content_type="application/json",
                body=data,
                received_at=now,
                content_hash=hashlib.sha256(data).digest(),
                key=None if key is None else house.keys.hash("api", channel_id.bytes, key),
                delivery_id=key,
                feedback=incoming.columns(values),
            )
        )
    except Conflict:
        detail = f"This {KEY_HEADER} was used before with another body."
        raise Problem(422, "idempotency_mismatch", detail, errors={KEY_HEADER: [detail]}) from None


def _first_time(feedback_id: UUID | None, now: datetime) -> datetime:
    """When a repeated feedback came in first; now, should it be gone since."""
    if feedback_id is None:
        return now
    with runtime().db.reading() as session:
        try:
            return pipeline.feedback_view(session, feedback_id).received_at
        except NotFound:
            return now


def _answer(accepted: Accepted, received_at: datetime, status: int) -> Response:
    body = {
        "id": str(accepted.feedback_id),
        "tracking_code": accepted.tracking_code,
        "received_at": received_at.isoformat(),
    }
    text = json.dumps(body)
    headers = {"Location": f"/api/v1/feedback/{accepted.feedback_id}", "Content-Length": str(len(text))}
    return _Complete(text, status, headers=headers, content_type="application/json")


class _Complete(Response):
    """A response whose headers are right as they are; Werkzeug's corrections cost a tenth of the request."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers unchanged."""
        return self.headers


@blueprint.serves(
    "GET",
    "/feedback",
    422,
    scope=Scope.FEEDBACK_READ,
    answer=FeedbackPage,
    example=examples.FEEDBACK_PAGE,
    operationId="listFeedback",
    parameters=[{"in": "query", "schema": FeedbackQuery}],
)
def list_feedback() -> dict[str, Any]:
    """List feedback, newest first: all of it, or what has the words and properties asked for.

    Needs the scope `feedback:read`. Pages by key: follow `next`. What is searched is the text; capitals and accents do
    not matter. Only feedback that was read is found by words, channel, language or time. With `by=meaning` the nearest
    come first, among the newest 20,000, in whatever language, and there is one page.
    """
    asked = query(_FEEDBACK_QUERY)
    meaning = _meaning(asked) if asked["by"] == "meaning" else None
    with runtime().db.reading() as session:
        filters = Filters(
            stance=asked.get("stance"),
            channel_id=_channel_id(session, asked.get("channel")),
            language=asked.get("language"),
            since=asked.get("since"),
            until=asked.get("until"),
        )
        if meaning is not None:
            return _nearest(session, meaning, filters, asked["limit"])
        page = pipeline.feedback_page(
            session, Asked(asked.get("q") or "", filters), after=asked.get("after"), limit=asked["limit"]
        )
    return {**page_of(page), "found_by": "words"}


def _meaning(asked: dict[str, Any]) -> tuple[Any, str]:
    """The question as a vector, and the model that made it; raises Problem 422 where that cannot be."""
    typed = (asked.get("q") or "").strip()
    if not typed:
        raise invalid({"q": ["Must be given to search by meaning."]})
    if asked.get("after"):
        raise invalid({"after": ["There is one page when searching by meaning."]})
    if not is_on(runtime().settings):
        raise invalid({"by": [f"Meaning is switched off here: it takes VOC_EMBEDDINGS=yes and {INSTALL}."]})
    try:
        made_by = encoder()
    except Missing as error:
        raise invalid({"by": [str(error)]}) from None
    return made_by.question(typed), model_name(made_by)


def _nearest(session: Session, meaning: tuple[Any, str], filters: Filters, limit: int) -> dict[str, Any]:
    question, model = meaning
    hits = by_meaning(session, question, model, filters, limit=limit)
    rows = pipeline.feedback_in_order(session, [hit.feedback_id for hit in hits])
    return {"items": rows, "next": None, "found_by": model}


def _channel_id(session: Session, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    channel = channel_by_slug(session, slug)
    if channel is None:
        raise invalid({"channel": ["There is no such channel."]})
    return channel.id


@blueprint.serves(
    "GET",
    "/feedback/<uuid:feedback_id>",
    404,
    scope=Scope.FEEDBACK_READ,
    answer=FeedbackOut,
    example=examples.FEEDBACK,
    operationId="getFeedback",
)
def get_feedback(feedback_id: UUID) -> Any:
    """Read one feedback.

    Needs the scope `feedback:read`.
    """
    with runtime().db.reading() as session:
        try:
            return pipeline.feedback_view(session, feedback_id)
        except NotFound:
            raise no_such("feedback") from None
