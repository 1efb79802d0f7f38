"""What rules did, in words: on the case, on the feedback, and in the list of rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from voc.cases import queries as cases
from voc.routing import queries
from voc.routing.actions import BY_SEVERITY, BY_TOPIC, LEAD, NOTIFIER
from voc.routing.deeds.queries import DeedView, deeds_of
from voc.routing.fields import BY_NAME
from voc.web.account.texts import translated as _
from voc.web.here import language, runtime
from voc.web.triage.reasons import reason_words
from voc.web.triage.words import priority_word

DEEDS = {
    "done": (lazy_gettext("done"), "good"),
    "waiting": (lazy_gettext("is being done"), "line"),
    "retrying": (lazy_gettext("not done yet, it is tried again"), "warn"),
    "quarantined": (lazy_gettext("not done, it waits in quarantine"), "bad"),
    "lost": (lazy_gettext("not done"), "bad"),
}


@dataclass(frozen=True, slots=True)
class DeedWords:
    """What became of one thing that a plugin was to do: its name, the state with a tone, the plugin's sentence or the
    reason, and when it was done."""

    title: str
    state: str
    tone: str
    text: str
    at: datetime | None


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
    deeds: tuple[DeedWords, ...] = ()


@dataclass(frozen=True, slots=True)
class RuledPage:
    """The rules and tags of some feedback, by id."""

    rules: Mapping[UUID, list[Ruled]]
    tags: Mapping[UUID, list[str]]


def ruled(session: Session, ids: Iterable[UUID]) -> RuledPage:
    """The rules that acted on these feedback, and their tags: six statements at most."""
    wanted = list(ids)
    matches = queries.matches_of(session, wanted)
    tags = {key: sorted(found) for key, found in queries.tags_of(session, wanted).items()} if matches else {}
    teams, people = names(session) if matches else ({}, {})
    deeds = deeds_of(session, wanted) if _with_deeds(matches) else {}
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
                tuple(deed_words(deed) for deed in deeds.get((feedback_id, match.version_id), ())),
            )
            for match in found
        ]
        for feedback_id, found in matches.items()
    }
    return RuledPage(shown, tags)


def _with_deeds(matches: Mapping[UUID, list[queries.MatchView]]) -> bool:
    return any(one["do"] == "plugin" for found in matches.values() for match in found for one in match.did)


def deed_words(deed: DeedView) -> DeedWords:
    """A deed in the reader's language, in its plugin's own words where the plugin is here."""
    offers = runtime().host.offered("actions")
    plugin = offers[deed.action][0] if deed.action in offers else ""
    state, tone = DEEDS[deed.state]
    text = reason_words(deed.text, plugin=plugin) if deed.text else ""
    return DeedWords(action_title(deed.action), str(state), tone, text, deed.at)


def action_title(name: str) -> str:
    """How an action of a plugin is called."""
    return runtime().host.said_offer("actions", name, language()).title


def notifier_names(chosen: Iterable[str]) -> dict[str, str]:
    """(`notifier:name`, title) of every notifier that is offered, and of those that were chosen and are gone."""
    host = runtime().host
    wanted = [item.removeprefix(NOTIFIER) for item in chosen if item.startswith(NOTIFIER)]
    known = dict.fromkeys([*sorted(host.offered("notifiers")), *wanted])
    return {NOTIFIER + name: host.said_offer("notifiers", name, language()).title for name in known}


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
        if value.startswith(NOTIFIER):
            title = runtime().host.said_offer("notifiers", value.removeprefix(NOTIFIER), language()).title
            return _("%(name)s is told", name=title)
        somebody = _("a colleague")
        return _("%(name)s is told", name=people.get(value, somebody))
    if do == "plugin":
        return action_title(value)
    plain = {"open_case": _("a case"), "start_clock": _("an answer is promised"), "waive": _("the answer is waived")}
    return plain.get(do, do)


def what_it_does(actions: Mapping[str, Any], teams: Mapping[str, str], people: Mapping[str, str]) -> list[str]:
    """The actions of a rule in words, for the list."""
    found = [_words(name, "", teams, people) for name in ("open_case", "start_clock", "waive") if actions.get(name)]
    found += [_words(name, str(actions[name]), teams, people) for name in ("team", "priority") if actions.get(name)]
    found += [_words("tag", tag, teams, people) for tag in actions.get("tags") or ()]
    found += [_words("notify", person, teams, people) for person in actions.get("notify") or ()]
    return found + [_words("plugin", item["name"], teams, people) for item in actions.get("plugin") or ()]


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
