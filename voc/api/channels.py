"""Channels over the API: how each one stands. No secret and no secret address is ever in an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from voc.api import declared, examples
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import no_such
from voc.core.errors import NotFound
from voc.core.vocabulary import Scope
from voc.intake.lag import is_late
from voc.intake.reading import queries
from voc.intake.reading.queries import ChannelLine

blueprint = Operations("channels", __name__, url_prefix="/api/v1", description="Where feedback comes in.")


class ChannelRow(Schema):
    """A channel and how it stands."""

    id = declared.key("The channel.")
    slug = declared.text("Its public name.", examples=["feedback"])
    name = declared.text("Its name for people.")
    kind = declared.text("What kind it is.", examples=["email", "webform"])
    active = declared.yes_no("Whether it is switched on.")
    loaded = declared.yes_no("Whether a loaded plugin can work with it; true for the channels of API tokens.")
    health = declared.text("`ok`, `warning` or `failing`.")
    health_text = declared.text("What the matter is.", null=True)
    failures = declared.number("How often fetching went wrong since it last went well.")
    late = declared.yes_no("Whether it should have been fetched long ago: the worker is behind.")
    fetched_at = declared.at("When fetching last went well; null when nothing is fetched.", null=True)
    arrived_at = declared.at("When something last came through it.", null=True)
    tested_at = declared.at("When its connection was last tested.", null=True)
    tested_health = declared.text("What the test said: `ok`, `warning` or `failing`.", null=True)
    tested_text = declared.text("And in words.", null=True)
    quarantined = declared.number(f"Receipts that could not be read, counted up to {queries.MOST}.")


class ChannelOut(ChannelRow):
    """A channel with its options."""

    options = fields.Dict(required=True, metadata={"description": "Its options; those that are secret are left out."})


class ChannelPage(Schema):
    """Every channel, by name."""

    items = fields.List(fields.Nested(ChannelRow), required=True)
    next = declared.text("Always null: there is one page.", null=True)


@blueprint.serves(
    "GET",
    "/channels",
    scope=Scope.ADMIN,
    answer=ChannelPage,
    example=examples.CHANNEL_PAGE,
    operationId="listChannels",
)
def list_channels() -> dict[str, Any]:
    """List the channels and how each of them stands.

    Needs the scope `admin`. All of them on one page.
    """
    with runtime().db.reading() as session:
        lines, held = queries.channel_lines(session), queries.held_counts(session)
    return {"items": [_row(line, held) for line in lines], "next": None}


@blueprint.serves(
    "GET",
    "/channels/<uuid:channel_id>",
    404,
    scope=Scope.ADMIN,
    answer=ChannelOut,
    example=examples.CHANNEL,
    operationId="getChannel",
)
def get_channel(channel_id: UUID) -> dict[str, Any]:
    """Read one channel with its options.

    Needs the scope `admin`. Secrets are not among the options.
    """
    with runtime().db.reading() as session:
        try:
            line = queries.channel_line(session, channel_id)
        except NotFound:
            raise no_such("channel") from None
        held = queries.held_counts(session)
    found = runtime().host.channel(line.channel.kind)
    # An option may have been declared secret by a later version of its plugin.
    secret = {option.name for option in found[1].options if option.secret} if found else set()
    options = {name: value for name, value in line.channel.options.items() if name not in secret}
    return {**_row(line, held), "options": options}


def _row(line: ChannelLine, held: dict[UUID, int]) -> dict[str, Any]:
    house, channel = runtime(), line.channel
    return {
        **{name: getattr(channel, name) for name in ("id", "slug", "name", "kind", "active", "health", "health_text")},
        **{name: getattr(channel, name) for name in ("failures", "tested_at", "tested_health", "tested_text")},
        "loaded": channel.kind == "api" or house.host.channel(channel.kind) is not None,
        "late": house.host.capable(channel.kind, "FETCH") and is_late(channel, house.clock()),
        "fetched_at": channel.fetched_at,
        "arrived_at": line.arrived_at,
        "quarantined": held.get(channel.id, 0),
    }
