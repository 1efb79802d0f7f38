"""Lists by key: what a query string may ask for, and the address of the next page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from voc.api.fields import LanguageTag, Line, Moment, by_name
from voc.api.problems import Problem, invalid
from voc.cases.views import Page
from voc.core.vocabulary import Stance
from voc.search.syntax import LONGEST as LONGEST_QUERY

LARGEST = 200
USUAL = 50
BY = ("words", "meaning")
# What a token can look at: it has no cases and no team of its own.
QUEUES = ("open", "unassigned", "overdue", "escalated", "resolved")


class PageQuery(Schema):
    """Where a page starts and how long it is."""

    class Meta:
        unknown = RAISE

    after = Line(
        limit=200,
        allow_none=False,
        metadata={"description": "Key of the page, as `next` of the page before has it."},
    )
    limit = fields.Integer(
        load_default=USUAL,
        validate=validate.Range(min=1, max=LARGEST),
        metadata={"description": "Most items on the page."},
    )


class FeedbackQuery(PageQuery):
    """A page of feedback."""

    q = Line(
        limit=LONGEST_QUERY,
        metadata={
            "description": 'Words that must all be in the text; `"beside each other"`, `-without`, `begin*`.',
            "examples": ["entrega -tarde"],
        },
    )
    by = fields.String(
        load_default="words",
        validate=validate.OneOf(BY),
        metadata={
            "description": "How `q` is looked for: `words`, or `meaning`, which gives one page, the nearest first, and "
            "is there only where embeddings are switched on."
        },
    )
    stance = fields.Enum(Stance, by_value=fields.String, metadata={"description": "Only feedback of this stance."})
    channel = Line(
        limit=60, allow_none=False, metadata={"description": "Only what came through the channel of this public name."}
    )
    language = LanguageTag(
        allow_none=False, metadata={"description": "Only texts in this language; `und`: it could not be told."}
    )
    since = Moment(
        metadata={
            "description": "Only what arrived at this moment or later; it says its time zone.",
            "examples": ["2026-03-01T00:00:00-05:00"],
        }
    )
    until = Moment(metadata={"description": "Only what arrived before this moment."})


class CaseQuery(PageQuery):
    """A page of cases."""

    queue = fields.String(
        load_default="open", validate=validate.OneOf(QUEUES), metadata={"description": "Which cases."}
    )


def query(schema: Schema) -> dict[str, Any]:
    """The query string through `schema`; raises Problem 422, a name given twice included."""
    given = request.args.to_dict(flat=False)
    errors = {name: ["Must be given once."] for name, values in given.items() if len(values) > 1}
    try:
        values: dict[str, Any] = schema.load({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        errors = {**by_name(error), **errors}
    if errors:
        raise invalid(errors)
    return values


def page_of(page: Page) -> dict[str, Any]:
    """The page for its schema; `next` keeps what was asked for and starts where this one ends."""
    following = None
    if page.next is not None:
        following = f"{request.path}?{urlencode({**request.args.to_dict(), 'after': page.next})}"
    return {"items": page.rows, "next": following}


def no_such(what: str) -> Problem:
    """404 for something that is not there."""
    return Problem(404, "not_found", f"There is no such {what}.")
