"""What rules did, in words: on the case, on the feedback, and in the list of rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries as cases
from voc.routing import queries
from voc.routing.actions import BY_SEVERITY, BY_TOPIC, LEAD
from voc.routing.fields import BY_NAME
from voc.web.account.texts import translated as _
from voc.web.triage.words import priority_word


@dataclass(frozen=True, slots=True)
class Ruled:
    """One rule that acted on a feedback: what it did and why, in words."""

    rule_id: UUID
    name: str
    number: int
    condition: str
    did: tuple[str, ...]
    why: tuple[tuple[str, str], ...]
    again: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class RuledPage:
    """The rules and tags of some feedback, by id."""

    rules: Mapping[UUID, list[Ruled]]
    tags: Mapping[UUID, list[str]]


def ruled(session: Session, ids: Iterable[UUID]) -> RuledPage:
    """The rules that acted on these feedback, and their tags: four statements at most."""
    wanted = list(ids)
    matches = queries.matches_of(session, wanted)
    tags = {key: sorted(found) for key, found in queries.tags_of(session, wanted).items()} if matches else {}
    teams, people = names(session) if matches else ({}, {})
    shown = {
        feedback_id: [
            Ruled(
                match.rule_id,
                match.name,
                match.number,
                match.condition,
                tuple(said(one, teams, people) for one in match.did),
                tuple((name, why_text(value)) for name, value in match.why.items()),
                match.again,
                match.at,
            )
            for match in found
        ]
        for feedback_id, found in matches.items()
    }
    return RuledPage(shown, tags)


def names(session: Session) -> tuple[dict[str, str], dict[str, str]]:
    """Names of teams and of people by their id as text."""
    teams = {str(key): name for key, name in cases.teams(session)}
    return teams, {str(key): name for key, name, _teams in cases.assignable(session)}


def said(one: Mapping[str, Any], teams: Mapping[str, str], people: Mapping[str, str]) -> str:
    """One thing that a rule did, and whether it came to nothing."""
    words = _words(one["do"], str(one.get("value", "")), teams, people)
    if one.get("late"):
        return _("%(what)s (an earlier rule had decided that)", what=words)
    return _("%(what)s (there was nothing to do)", what=words) if one.get("idle") else words


def _words(do: str, value: str, teams: Mapping[str, str], people: Mapping[str, str]) -> str:
    if do == "team":
        return _("team by topic") if value == BY_TOPIC else _("team %(name)s", name=teams.get(value, value))
    if do == "priority":
        if value == BY_SEVERITY:
            return _("priority by severity")
        return _("priority %(priority)s", priority=priority_word(value))
    if do == "tag":
        return _("tag %(tag)s", tag=value)
    if do == "notify":
        if value == LEAD:
            return _("the team's lead is told")
        somebody = _("a colleague")
        return _("%(name)s is told", name=people.get(value, somebody))
    plain = {"open_case": _("a case"), "start_clock": _("an answer is promised"), "waive": _("the answer is waived")}
    return plain.get(do, do)


def what_it_does(actions: Mapping[str, Any], teams: Mapping[str, str], people: Mapping[str, str]) -> list[str]:
    """The actions of a rule in words, for the list."""
    found = [_words(name, "", teams, people) for name in ("open_case", "start_clock", "waive") if actions.get(name)]
    found += [_words(name, str(actions[name]), teams, people) for name in ("team", "priority") if actions.get(name)]
    found += [_words("tag", tag, teams, people) for tag in actions.get("tags") or ()]
    return found + [_words("notify", person, teams, people) for person in actions.get("notify") or ()]


def why_text(value: Any) -> str:
    """A value that a condition looked at, as people read it."""
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or _("nothing")
    return str(value)


def field_text(name: str) -> str:
    """What a field of a condition means."""
    field = BY_NAME[name]
    return _(field.text)


def operator_text(text: str) -> str:
    """What a sign of a condition means."""
    return _(text)
