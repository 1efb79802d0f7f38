"""The body of `POST /api/v1/feedback`: its shared schema, and the pure step from JSON to feedback columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from voc.api.fields import MAX_FACTS, Facts, LanguageTag, Line, Moment, Text, Whole, YesNo, by_name
from voc.core.vocabulary import SCALES, Metric

MAX_TEXT = 100_000
MAX_BODY_FIELDS = 100
AHEAD = timedelta(days=1)  # how far a sender's clock may be ahead of ours
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_OFF_SCALE = (
    f"Must lie on its metric's scale: {', '.join(f'{m} {low} to {high}' for m, (low, high) in SCALES.items())}."
)
_METRICS = "\n".join(f"- `{metric}`: {low} to {high}" for metric, (low, high) in SCALES.items())


class CustomerIn(Schema):
    """Who said it. With `external_id` the sender vouches for who it is; without, it is a contact and no identity."""

    class Meta:
        unknown = RAISE

    email = Line(
        limit=320,
        pattern=r"[^@\s]{1,64}@[^@\s.]{1,190}(\.[^@\s.]{1,60})*",
        wrong="Must be an e-mail address.",
        metadata={"description": "Where an answer can be sent.", "examples": ["rosa.quispe@example.com"]},
    )
    phone = Line(
        limit=25,
        pattern=r"\+?[0-9 ().\-]{5,25}",
        wrong="Must be a phone number.",
        metadata={"description": "Digits, spaces, `+ ( ) . -`.", "examples": ["+51 987 654 321"]},
    )
    external_id = Line(
        limit=200,
        metadata={"description": "The customer's id in your own system; joins the history.", "examples": ["C-10442"]},
    )
    name = Line(limit=200, metadata={"description": "As the person writes it.", "examples": ["Rosa Quispe"]})


class FeedbackIn(Schema):
    """One feedback. The least is `text`, or `metric` with `score`."""

    class Meta:
        unknown = RAISE

    text = Text(
        limit=MAX_TEXT,
        metadata={
            "description": "What the customer wrote, as it is. A blank text counts as none.",
            "examples": ["El pedido llegó tarde y nadie contesta."],
        },
    )
    metric = fields.Enum(
        Metric,
        by_value=fields.String,
        allow_none=True,
        metadata={"description": f"Kind of the question; comes with `score`.\n\n{_METRICS}", "examples": ["nps"]},
    )
    score = Whole(
        allow_none=True,
        validate=validate.Range(min=0, max=10, error=_OFF_SCALE),
        metadata={"description": "The answer as given, on the scale of `metric`; 0 is an answer.", "examples": [3]},
    )
    customer = fields.Nested(CustomerIn, allow_none=True, metadata={"description": "Who said it."})
    language = LanguageTag(
        metadata={"description": "Language tag, when it is known for sure.", "examples": ["es", "pt-BR"]}
    )
    sent_at = Moment(
        allow_none=True,
        metadata={
            "description": "When the customer said it, with its time zone; at most one day in the future.",
            "examples": ["2026-03-01T14:30:00-05:00"],
        },
    )
    channel = Line(
        limit=60,
        metadata={
            "description": "Public name of the token's own channel; only to make sure.",
            "examples": ["api-shop"],
        },
    )
    unit = Line(limit=120, metadata={"description": "Branch, region, department.", "examples": ["Lima Centro"]})
    facts = Facts(
        metadata={
            "description": f"Anything else worth knowing: at most {MAX_FACTS} names, no nesting.",
            "examples": [{"order": "A-7731", "items": 3, "express": True}],
            "maxProperties": MAX_FACTS,
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        }
    )
    consent = YesNo(
        allow_none=True,
        metadata={"description": "Whether the customer agreed to be contacted about it.", "examples": [True]},
    )


SCHEMA = FeedbackIn()


def read(raw: Any, *, slug: str, now: datetime) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values in a decoded JSON body, and what is wrong, as messages by (dotted) field name; never raises.

    `slug` is the public name of the sender's channel. Values are whole only when nothing is wrong.
    """
    if not isinstance(raw, dict):
        return {}, {"body": ["Must be a JSON object."]}
    customer = raw.get("customer")
    if len(raw) > MAX_BODY_FIELDS or (isinstance(customer, dict) and len(customer) > MAX_BODY_FIELDS):
        return {}, {"body": [f"Has more than {MAX_BODY_FIELDS} fields."]}
    errors: dict[str, list[str]] = {}
    try:
        values: dict[str, Any] = SCHEMA.load(raw, partial=True)
    except ValidationError as error:
        values = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
        errors = by_name(error)
    _check_together(values, errors, slug=slug, now=now)
    return values, errors


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the feedback row (`voc.model.Feedback`) for values that `read` found right."""
    return {
        "text": values.get("text"),
        "metric": values.get("metric"),
        "score": values.get("score"),
        "language_hint": values.get("language"),
        "sent_at": values.get("sent_at"),
        "author": _author(values.get("customer")),
        "consent": values.get("consent") or False,
        "unit": values.get("unit"),
        "facts": values.get("facts") or {},
    }


def _author(customer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The author as stored; an external id is verified, because the company's own system vouches for it."""
    if not customer or not any(customer.values()):
        return None
    return {
        "name": customer.get("name"),
        "email": customer.get("email"),
        "phone": customer.get("phone"),
        "external_id": customer.get("external_id"),
        "verified": customer.get("external_id") is not None,
    }


def _check_together(values: Mapping[str, Any], errors: dict[str, list[str]], *, slug: str, now: datetime) -> None:
    """What one field says about another; a field that is wrong by itself is not judged again."""
    metric, score = values.get("metric"), values.get("score")
    has_metric, has_score = metric is not None or "metric" in errors, score is not None or "score" in errors
    if has_metric and not has_score:
        errors["score"] = ["Is missing: metric and score come together."]
    elif has_score and not has_metric:
        errors["metric"] = ["Is missing: metric and score come together."]
    elif metric is not None and score is not None:
        low, high = SCALES[metric]
        if not low <= score <= high:
            errors["score"] = [f"Must lie between {low} and {high} for {metric}."]
    elif not has_metric and values.get("text") is None and "text" not in errors:
        errors["text"] = ["Is missing: give a text, or metric and score, or both."]
    sent_at = values.get("sent_at")
    if sent_at is not None and sent_at > now + AHEAD:
        errors["sent_at"] = ["Must not lie more than one day in the future."]
    elif sent_at is not None and sent_at < EARLIEST:
        errors["sent_at"] = ["Must not lie before 1970."]
    channel = values.get("channel")
    if channel is not None and channel != slug:
        errors["channel"] = ["Must be left out or be the public name of this token's own channel."]
