"""What is said more often than expected, over the API."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from voc.api import declared, examples
from voc.api.bearer import caller
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import query
from voc.core.vocabulary import Scope
from voc.insights import queries
from voc.insights.days import day_of
from voc.insights.emerging.page import look_at
from voc.insights.emerging.views import Shown

blueprint = Operations("emerging", __name__, url_prefix="/api/v1", description="What is said more than usual.")


class EmergingQuery(Schema):
    """The day that is asked for."""

    class Meta:
        unknown = RAISE

    day = fields.Date(
        metadata={
            "description": "A local day of the house; without it the newest on which it was counted.",
            "examples": ["2026-03-04"],
        }
    )


class DoorOut(Schema):
    """A channel through which it was said."""

    channel_id = declared.key("The channel.")
    people = declared.number("How many said it there.")


class EmergingRow(Schema):
    """Phrases that belong together and stand out; numbers are of people, each counted once a day."""

    language = declared.text("The language it is said in.", examples=["es"])
    phrases = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The most telling one first; small letters without accents."},
    )
    days = declared.number("Length of the period that ends with the day: 7, or 1.")
    n = declared.number("How many said the first phrase in it.")
    expected = fields.Float(required=True, metadata={"description": "How many would be usual."})
    chance = fields.Float(required=True, metadata={"description": "How likely as many would be by chance."})
    level = fields.Float(
        required=True,
        metadata={"description": "The share of false alarms to expect among all found up to this one; at most 0.1."},
    )
    people = declared.number("How many said any of the phrases.")
    unhappy = declared.number("How many of them are detractors.")
    doors = fields.List(fields.Nested(DoorOut), required=True, metadata={"description": "Where they said it."})
    feedback = fields.List(fields.UUID(), required=True, metadata={"description": "The newest feedback that says it."})


class EmergingPage(Schema):
    """What was found on a day."""

    day = fields.Date(required=True, metadata={"description": "The day."})
    counted_at = declared.at("When it was counted; null when nobody looked at that day.", null=True)
    tested = declared.number("How many comparisons were made.")
    items = fields.List(fields.Nested(EmergingRow), required=True, metadata={"description": "The least likely first."})


_QUERY = EmergingQuery()


@blueprint.serves(
    "GET",
    "/emerging",
    422,
    scope=Scope.FEEDBACK_READ,
    answer=EmergingPage,
    example=examples.EMERGING,
    operationId="listEmerging",
    parameters=[{"in": "query", "schema": EmergingQuery}],
)
def list_emerging() -> dict[str, Any]:
    """List what is suddenly said more often than expected.

    Needs the scope `feedback:read`. One page: at most twelve groups of phrases a day.
    """
    asked, house = query(_QUERY), runtime()
    with house.db.reading() as session:
        today = day_of(house.clock(), queries.zone(session))
        found = look_at(session, viewer=caller().actor(), today=today, day=asked.get("day"))
    return {
        "day": found.day,
        "counted_at": found.counted_at,
        "tested": found.tested,
        "items": [_row(item) for item in found.found],
    }


def _row(item: Shown) -> dict[str, Any]:
    it = item.finding
    doors = sorted(it.doors.items(), key=lambda door: (-door[1], door[0]))
    return {
        **it.to_dict(),
        "doors": [{"channel_id": key, "people": n} for key, n in doors],
        "feedback": list(it.feedback),
    }
