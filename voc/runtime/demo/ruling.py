"""The rules that the demo's people wrote, beside those that come with voc."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.routing.actions import LEAD
from voc.routing.saving import save_rule
from voc.runtime.demo import queries
from voc.runtime.demo.data import Demo
from voc.security.access import Actor

# Older than anything that was said.
WRITTEN_BEFORE = timedelta(days=124)


def write_rules(session: Session, demo: Demo, *, actor: Actor, started_at: datetime) -> None:
    """Write the first version of each rule. None of them tells anybody: what was told in the past is not mailed now."""
    teams = queries.teams(session)
    for rule in demo.rules:
        actions = _actions(rule, {name: team.id for name, team in teams.items()})
        _save(session, None, rule, actions, actor, started_at - WRITTEN_BEFORE)


def tell_leads(session: Session, demo: Demo, *, actor: Actor, now: datetime) -> None:
    """Write the second version of those that tell the lead, when the past is over; one that somebody changed
    meanwhile stays."""
    known = queries.first_versions(session, [rule["name"] for rule in demo.rules])
    for rule in demo.rules:
        if rule.get("tells_lead") and rule["name"] in known:
            rule_id, actions = known[rule["name"]]
            _save(session, rule_id, rule, {**actions, "notify": [LEAD]}, actor, now)


def _save(
    session: Session,
    rule_id: UUID | None,
    rule: Mapping[str, Any],
    actions: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    save_rule(session, rule_id, actor=actor, name=rule["name"], condition=rule["condition"], actions=actions, now=now)


def _actions(rule: Mapping[str, Any], teams: Mapping[str, UUID]) -> dict[str, Any]:
    found: dict[str, Any] = {"tags": rule["tags"], "priority": rule.get("priority")}
    return {**found, "team": teams[rule["team"]]} if "team" in rule else found
