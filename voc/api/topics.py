"""The taxonomy over the API: reading topics and their versions, adding one, writing the next version of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, fields, validate

from voc.api import declared, examples
from voc.api.bearer import caller, needs
from voc.api.bodies import body_of
from voc.api.fields import Line, Whole, YesNo
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import no_such
from voc.api.problems import invalid
from voc.audit import audit
from voc.core.errors import Invalid, NotFound
from voc.core.vocabulary import LANGUAGES, Scope
from voc.model import Topic, TopicVersion
from voc.pipeline import topics
from voc.pipeline.topics import LONGEST_EXAMPLE, LONGEST_NAME, LONGEST_WORD, TopicText

blueprint = Operations("topics", __name__, url_prefix="/api/v1", description="What customers speak of.")

_FAILURES = (400, 413, 415, 422)
_BY_LANGUAGE = " By language: `es`, `pt`, `en`."
_TONGUE = fields.String(validate=validate.OneOf(LANGUAGES))


def _lists(limit: int, description: str) -> fields.Dict:
    """Lists of lines by language."""
    listed = fields.List(Line(limit=limit, allow_none=False))
    return fields.Dict(keys=_TONGUE, values=listed, metadata={"description": description + _BY_LANGUAGE})


class TopicChange(Schema):
    """The whole topic as it is to be."""

    class Meta:
        unknown = RAISE

    version = Whole(
        required=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version that was read: another one by now is refused (409).", "examples": [1]},
    )
    names = fields.Dict(
        keys=_TONGUE,
        values=Line(limit=LONGEST_NAME, allow_none=False),
        required=True,
        metadata={"description": "Its name in each of the three languages." + _BY_LANGUAGE},
    )
    words = _lists(LONGEST_WORD, "Words and phrases: `*` stands for the rest of a word, `_` for any one word.")
    examples = _lists(LONGEST_EXAMPLE, "Whole sentences that speak of it; one may stand under several topics.")
    parent_key = Line(limit=60, metadata={"description": "The key of the topic above it.", "examples": ["delivery"]})
    active = YesNo(metadata={"description": "Whether it is looked for; true unless given."})


class TopicIn(TopicChange):
    """A new topic."""

    class Meta:
        unknown = RAISE
        exclude = ("version",)

    key = Line(
        limit=60,
        required=True,
        allow_none=False,
        metadata={"description": "Small letters, digits and underscores; for ever.", "examples": ["zippers"]},
    )


class _Said(Schema):
    version = declared.number("The version.")
    names = fields.Dict(required=True, metadata={"description": "Its name." + _BY_LANGUAGE})
    words = fields.Dict(required=True, metadata={"description": "Its words and phrases." + _BY_LANGUAGE})
    examples = fields.Dict(required=True, metadata={"description": "Its example sentences." + _BY_LANGUAGE})
    parent_key = declared.text("The key of the topic above it.", null=True)
    active = declared.yes_no("Whether it is looked for.")


class TaxonomyTopic(_Said):
    """A topic as it is now."""

    key = declared.text("Its key.")
    updated_at = declared.at("When this version was written.")


class TopicVersionOut(_Said):
    """What a topic said from one moment on."""

    author_name = declared.text("Who wrote it; null for voc and for programs.", null=True)
    created_at = declared.at("When it was written.")


class TaxonomyPage(Schema):
    """Every topic, in use or not, by key."""

    items = fields.List(fields.Nested(TaxonomyTopic), required=True)
    next = declared.text("Always null: there is one page.", null=True)


class TopicVersionPage(Schema):
    """Every version of a topic, the newest first."""

    items = fields.List(fields.Nested(TopicVersionOut), required=True)
    next = declared.text("Always null: there is one page.", null=True)


_IN, _CHANGE, _OUT = TopicIn(), TopicChange(), TaxonomyTopic()


@blueprint.serves(
    "GET", "/topics", scope=Scope.ADMIN, answer=TaxonomyPage, example=examples.TOPIC_PAGE, operationId="listTopics"
)
def list_topics() -> dict[str, Any]:
    """List the topics.

    Needs the scope `admin`. All of them on one page.
    """
    with runtime().db.reading() as session:
        return {"items": [_topic(row) for row in topics.list_topics(session)], "next": None}


@blueprint.serves(
    "GET", "/topics/<key>", 404, scope=Scope.ADMIN, answer=TaxonomyTopic, example=examples.TOPIC, operationId="getTopic"
)
def get_topic(key: str) -> dict[str, Any]:
    """Read one topic.

    Needs the scope `admin`.
    """
    with runtime().db.reading() as session:
        row = next((row for row in topics.list_topics(session) if row.key == key), None)
        if row is None:
            raise no_such("topic")
        return _topic(row)


@blueprint.serves(
    "GET",
    "/topics/<key>/versions",
    404,
    scope=Scope.ADMIN,
    answer=TopicVersionPage,
    example=examples.TOPIC_VERSIONS,
    operationId="listTopicVersions",
)
def list_versions(key: str) -> dict[str, Any]:
    """List the versions of a topic.

    Needs the scope `admin`. To bring one back, send what it says as the next version.
    """
    with runtime().db.reading() as session:
        try:
            found = topics.versions_of(session, key)
        except NotFound:
            raise no_such("topic") from None
    return {
        "items": [{**_said(row), "author_name": name, "created_at": row.created_at} for row, name in found],
        "next": None,
    }


@blueprint.serves(
    "POST",
    "/topics",
    *_FAILURES,
    scope=Scope.ADMIN,
    operationId="addTopic",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": TopicIn, "examples": examples.TOPIC_IN}},
    },
    responses={
        "201": {
            "description": "The topic as it is now.",
            "content": {"application/json": {"schema": TaxonomyTopic, "example": examples.TOPIC}},
        }
    },
)
@needs(Scope.ADMIN)
def add_topic() -> Response:
    """Add a topic.

    Needs the scope `admin`. New feedback follows it; past feedback does when it is understood again
    (`POST /api/v1/analysis/runs`).
    """
    values = body_of(_IN)
    topic = _save(values["key"] or "", values, new=True)
    return Response(json.dumps(_OUT.dump(topic)), 201, content_type="application/json")


@blueprint.serves(
    "PUT",
    "/topics/<key>",
    *_FAILURES,
    404,
    409,
    scope=Scope.ADMIN,
    answer=TaxonomyTopic,
    example=examples.TOPIC,
    operationId="changeTopic",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": TopicChange, "examples": examples.TOPIC_CHANGE}},
    },
)
def change_topic(key: str) -> dict[str, Any]:
    """Write the next version of a topic.

    Needs the scope `admin`. Earlier versions stay on record. What is as it was makes no new version.
    """
    return _save(key, body_of(_CHANGE), new=False)


def _save(key: str, values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """Save in one unit of work; the topic as it is then. Its team is not touched."""
    house, who = runtime(), caller()
    now = house.clock()
    said = TopicText(
        {language: name or "" for language, name in values["names"].items()},
        _lines(values.get("words", {})),
        _lines(values.get("examples", {})),
        values.get("parent_key"),
        values.get("active", True),
    )
    try:
        with house.db.writing() as session:
            team = next((row.team_id for row in topics.list_topics(session) if row.key == key), None)
            topic = topics.save_topic(
                session, key, said, actor=who.actor(), now=now, team_id=team, new=new, seen=values.get("version")
            )
            # The trail knows people only; this says which program it was.
            audit(
                session, actor_id=None, action="topic.by_token", subject_id=topic.id, now=now, token=str(who.token.id)
            )
            return _topic(topic)
    except NotFound:
        raise no_such("topic") from None
    except Invalid as error:
        raise invalid(error.fields) from None


def _lines(listed: Mapping[str, list[str | None]]) -> dict[str, list[str]]:
    """Without the blank ones."""
    return {language: [line for line in lines if line] for language, lines in listed.items()}


def _topic(row: Topic) -> dict[str, Any]:
    return {**_said(row), "key": row.key, "updated_at": row.updated_at}


def _said(row: Topic | TopicVersion) -> dict[str, Any]:
    names = ("names", "words", "examples", "parent_key", "active")
    return {"version": row.number, **{name: getattr(row, name) for name in names}}
