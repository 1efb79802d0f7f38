"""Rules over the API: reading them in their order, adding one, writing the next version of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy.orm import Session

from voc.api import declared, examples
from voc.api.bearer import caller, needs
from voc.api.bodies import body_of
from voc.api.fields import Line, Text, Whole, YesNo
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import no_such
from voc.api.problems import invalid
from voc.audit import audit
from voc.core.errors import Invalid, NotFound
from voc.core.vocabulary import Scope
from voc.routing import queries
from voc.routing.actions import ACTIONS
from voc.routing.saving import LONGEST_NAME, check_condition, save_rule, switch_rule
from voc.routing.tokens import LONGEST
from voc.routing.trying import try_condition

blueprint = Operations("rules", __name__, url_prefix="/api/v1", description="What is done with what came in.")

_ACTIONS = "\n".join(f"- `{name}` ({holds}): {text}" for name, holds, text in ACTIONS)
_FAILURES = (400, 413, 415, 422)


class RuleIn(Schema):
    """A new rule."""

    class Meta:
        unknown = RAISE

    name = Line(
        limit=LONGEST_NAME, required=True, metadata={"description": "Its name for people.", "examples": ["Fraud"]}
    )
    condition = Text(
        limit=LONGEST,
        required=True,
        metadata={"description": "When it acts, as on the page of rules.", "examples": ['stance == "detractor"']},
    )
    actions = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": f"What it does:\n\n{_ACTIONS}",
            "examples": [{"open_case": True, "start_clock": True}],
        },
    )
    stops = YesNo(metadata={"description": "Whether rules below it are not asked any more; false unless given."})
    active = YesNo(metadata={"description": "Whether it is on. A new rule is, unless this is false."})


class RuleChange(RuleIn):
    """The whole rule as it is to be."""

    version = Whole(
        required=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version that was read: another one by now is refused (409).", "examples": [1]},
    )


class RuleOut(Schema):
    """A rule as it is now."""

    id = declared.key("The rule.")
    version = declared.number("Its present version.")
    name = declared.text("Its name for people.")
    condition = declared.text("When it acts.")
    actions = fields.Dict(required=True, metadata={"description": "What it does; what it does not do is left out."})
    stops = declared.yes_no("Whether rules below it are not asked any more.")
    active = declared.yes_no("Whether it is on.")
    shipped = declared.text("The name under which it came with voc.", null=True)
    author_name = declared.text("Who wrote this version; null for voc and for programs.", null=True)
    created_at = declared.at("When this version was written.")


class RuleSaved(RuleOut):
    """A rule as it was just saved."""

    warnings = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "What looks like a mistake, in sentences; it was saved all the same. A rule that matches "
            "everything there is says so, with the count."
        },
    )


class RulePage(Schema):
    """Every rule, on or off, in the order in which they are asked."""

    items = fields.List(fields.Nested(RuleOut), required=True)
    next = declared.text("Always null: there is one page.", null=True)


_IN, _CHANGE, _OUT = RuleIn(), RuleChange(), RuleSaved()


@blueprint.serves(
    "GET", "/rules", scope=Scope.ADMIN, answer=RulePage, example=examples.RULE_PAGE, operationId="listRules"
)
def list_rules() -> dict[str, Any]:
    """List the rules in the order in which they are asked.

    Needs the scope `admin`. All of them on one page.
    """
    with runtime().db.reading() as session:
        rows = queries.every_rule(session)
    return {"items": [_rule(row) for row in rows], "next": None}


@blueprint.serves(
    "GET", "/rules/<uuid:rule_id>", 404, scope=Scope.ADMIN, answer=RuleOut, example=examples.RULE, operationId="getRule"
)
def get_rule(rule_id: UUID) -> dict[str, Any]:
    """Read one rule.

    Needs the scope `admin`.
    """
    with runtime().db.reading() as session:
        return _one(session, rule_id)


@blueprint.serves(
    "POST",
    "/rules",
    *_FAILURES,
    scope=Scope.ADMIN,
    operationId="addRule",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": RuleIn, "examples": examples.RULE_IN}},
    },
    responses={
        "201": {
            "description": "The rule as it is now.",
            "headers": {"Location": {"description": "Address of the rule.", "schema": {"type": "string"}}},
            "content": {"application/json": {"schema": RuleSaved, "example": examples.RULE_SAVED}},
        }
    },
)
@needs(Scope.ADMIN)
def add_rule() -> Response:
    """Add a rule.

    Needs the scope `admin`. It stands before the rule that came with voc, when that is the last. New feedback follows
    it; what came in before does not change by itself. Every request adds one: look at the list before repeating one
    whose answer was lost. `warnings` names what looks like a mistake.
    """
    rule = _save(None, body_of(_IN))
    headers = {"Location": f"/api/v1/rules/{rule['id']}"}
    return Response(json.dumps(_OUT.dump(rule)), 201, headers=headers, content_type="application/json")


@blueprint.serves(
    "PUT",
    "/rules/<uuid:rule_id>",
    *_FAILURES,
    404,
    409,
    scope=Scope.ADMIN,
    answer=RuleSaved,
    example=examples.RULE_SAVED,
    operationId="changeRule",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": RuleChange, "examples": examples.RULE_CHANGE}},
    },
)
def change_rule(rule_id: UUID) -> dict[str, Any]:
    """Write the next version of a rule, or switch it on or off.

    Needs the scope `admin`. Earlier versions stay on record. What is as it was makes no new version. `warnings`
    names what looks like a mistake.
    """
    return _save(rule_id, body_of(_CHANGE))


def _save(rule_id: UUID | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Save and switch in one unit of work; the rule as it is then."""
    house, who = runtime(), caller()
    now, active = house.clock(), values.get("active")
    try:
        with house.db.writing() as session:
            saved = save_rule(
                session,
                rule_id,
                actor=who.actor(),
                name=values["name"] or "",
                condition=values["condition"] or "",
                actions=values["actions"],
                stops=values.get("stops", False),
                seen=values.get("version"),
                now=now,
            )
            if active is not None:
                switch_rule(session, saved, actor=who.actor(), active=active, now=now)
            # The trail knows people only; this says which program it was.
            audit(session, actor_id=None, action="rule.by_token", subject_id=saved, now=now, token=str(who.token.id))
            session.flush()
            rule = _one(session, saved)
        return {**rule, "warnings": _warnings(rule["condition"])}
    except NotFound:
        raise no_such("rule") from None
    except Invalid as error:
        raise invalid({_place(name): texts for name, texts in error.fields.items()}) from None


def _warnings(condition: str) -> list[str]:
    """What looks like a mistake; asked of real feedback after the rule was saved, so that nobody waits for it."""
    with runtime().db.reading() as session:
        trial = try_condition(session, check_condition(session, condition))
    if not trial.everything:
        return []
    newest = "the only feedback there is" if trial.asked == 1 else f"all of the newest {trial.asked} feedback"
    return [f"This rule matches everything: {newest}."]


def _place(name: str) -> str:
    """Where a field stands in the body: an action inside `actions`."""
    return f"actions.{name}" if name.partition(".")[0] in {action for action, _, _ in ACTIONS} else name


def _one(session: Session, rule_id: UUID) -> dict[str, Any]:
    row = next((row for row in queries.every_rule(session) if row.rule_id == rule_id), None)
    if row is None:
        raise no_such("rule")
    return _rule(row)


def _rule(row: queries.AnyRow) -> dict[str, Any]:
    return {
        "id": row.rule_id,
        "version": row.number,
        **{name: getattr(row, name) for name in ("name", "condition", "actions", "stops", "active", "shipped")},
        "author_name": row.author_name,
        "created_at": row.created_at,
    }
