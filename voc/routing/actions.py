"""What a rule does when its condition is true: plain data, checked when it is saved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from voc.core.errors import Invalid
from voc.core.ids import parse_id
from voc.core.text import is_storable, one_line, storable
from voc.core.vocabulary import Priority

BY_TOPIC = "by_topic"
BY_SEVERITY = "by_severity"
LEAD = "lead"
# What stands before the name of a plugin's notifier among those who are told.
NOTIFIER = "notifier:"
MOST_PLUGIN = 5
LONGEST_VALUES = 10_000
MOST_TAGS = 10
MOST_NOTIFIED = 10
LONGEST_REASON = 500
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_TAG = re.compile(r"[^\W_][\w .:-]{0,38}[^\W_]|[^\W_]")

# Every action by its name in the stored JSON, for the help and the docs: (name, what it holds, what it does).
ACTIONS: tuple[tuple[str, str, str], ...] = (
    ("open_case", "true", "opens a case, or joins the open case of the same customer"),
    ("start_clock", "true", "promises an answer by a deadline; goes with `open_case`; a detractor always has that"),
    ("team", "by_topic, or the id of a team", "says who answers for the case"),
    ("priority", "by_severity, low, normal, high or urgent", "says how soon"),
    ("tags", "a list of words", "hangs words on the feedback, which rules after this one can see"),
    (
        "notify",
        "a list: lead, ids of people, or notifier:name",
        "tells colleagues by e-mail, or in the way of a plugin's notifier",
    ),
    ("waive", "true", "promises no answer, with this rule as the reason: nobody will answer; goes without `open_case`"),
    ("reason", "a text", "why the answer is waived"),
    (
        "plugin",
        'a list of {"name": …, "values": {…}}, five at most',
        "has plugins do something that one of them offers, each once for a feedback, after all else is stored",
    ),
)


@dataclass(frozen=True, slots=True)
class ByPlugin:
    """One thing that a plugin is to do: the name of its action, and values for the action's options."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return {"name": self.name, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Actions:
    """What to do. `team` and `notify` hold ids as text or a word (`by_topic`, `lead`, `notifier:chatroom`)."""

    open_case: bool = False
    start_clock: bool = False
    team: str | None = None
    priority: str | None = None
    tags: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    waive: bool = False
    reason: str | None = None
    plugin: tuple[ByPlugin, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether it does nothing at all."""
        return self == Actions(reason=self.reason)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; only what is asked for."""
        named: dict[str, Any] = {
            "open_case": self.open_case,
            "start_clock": self.start_clock,
            "team": self.team,
            "priority": self.priority,
            "tags": list(self.tags),
            "notify": list(self.notify),
            "waive": self.waive,
            "reason": self.reason,
            "plugin": [item.to_dict() for item in self.plugin],
        }
        return {name: value for name, value in named.items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what somebody sent or what was stored; raises Invalid with what is wrong with which action."""
        errors: dict[str, list[str]] = {}
        known = {name for name, _, _ in ACTIONS}
        if unknown := sorted(set(data) - known):
            errors["actions"] = [f"there is no action {', '.join(map(str, unknown))}"]
        flags = {name: data.get(name) or False for name in ("open_case", "start_clock", "waive")}
        for name, value in flags.items():
            if not isinstance(value, bool):
                errors[name] = ["This is true or false."]
        found = cls(
            **{name: value is True for name, value in flags.items()},
            team=_choice(data, "team", (BY_TOPIC,), errors, ids=True),
            priority=_choice(data, "priority", (BY_SEVERITY, *(item.value for item in Priority)), errors),
            tags=_tags(data.get("tags") or (), errors),
            notify=_notified(data.get("notify") or (), errors),
            reason=_reason(data.get("reason")),
            plugin=_by_plugins(data.get("plugin") or (), errors),
        )
        _check_together(found, errors)
        if errors:
            raise Invalid(fields=errors)
        return found


def _check_together(actions: Actions, errors: dict[str, list[str]]) -> None:
    if actions.waive and (actions.open_case or actions.start_clock):
        errors.setdefault("waive", []).append("A rule that waives the answer opens no case.")
    if actions.start_clock and not actions.open_case:
        errors.setdefault("start_clock", []).append("Without a case nobody could answer: the rule opens one too.")
    if actions.nothing and not errors:
        errors["actions"] = ["A rule does something: choose what."]


def _choice(
    data: Mapping[str, Any], name: str, words: Sequence[str], errors: dict[str, list[str]], *, ids: bool = False
) -> str | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, UUID):
        value = str(value)
    if isinstance(value, str) and (value in words or (ids and parse_id(value) is not None)):
        return value if value in words else str(parse_id(value))
    errors[name] = ["Please choose one of the answers shown."]
    return None


def _tags(values: Any, errors: dict[str, list[str]]) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
        errors["tags"] = ["This is a list of words."]
        return ()
    clean = tuple(dict.fromkeys(tag for value in values if (tag := one_line(storable(value)).lower())))
    if len(clean) > MOST_TAGS:
        errors["tags"] = ["These are too many tags: ten at most."]
    elif not all(_TAG.fullmatch(tag) for tag in clean):
        errors["tags"] = ["A tag is a short word: letters, digits, spaces, dots, colons and hyphens."]
    return clean


def _notified(values: Any, errors: dict[str, list[str]]) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)):
        errors["notify"] = ["Please choose one of the answers shown."]
        return ()
    texts = [str(value) for value in values]
    clean = tuple(dict.fromkeys(_told(text) for text in texts if text))
    if "" in clean or len(clean) > MOST_NOTIFIED:
        errors["notify"] = ["Please choose one of the answers shown."]
    return clean


def _told(text: str) -> str:
    """One of those who are told; empty for what is none."""
    if text == LEAD or (text.startswith(NOTIFIER) and _NAME.fullmatch(text.removeprefix(NOTIFIER))):
        return text
    return str(parse_id(text) or "")


def _by_plugins(values: Any, errors: dict[str, list[str]]) -> tuple[ByPlugin, ...]:
    """What plugins are to do; whether one of them offers it, and takes these values, is asked where they are known."""
    if not isinstance(values, (list, tuple)):
        errors["plugin"] = ["This is a list of actions, each with its name and values."]
        return ()
    if len(values) > MOST_PLUGIN:
        errors["plugin"] = ["These are too many actions of plugins: five at most."]
        return ()
    found = []
    for place, item in enumerate(values):
        given = item.get("values") or {} if isinstance(item, Mapping) and not set(item) - {"name", "values"} else None
        if not isinstance(given, Mapping) or not isinstance(item.get("name"), str):
            errors[f"plugin.{place}"] = ['An action of a plugin is {"name": …, "values": {…}}.']
        elif not _plain(given):
            errors[f"plugin.{place}"] = ["These values cannot be kept: they are no JSON, or too long."]
        else:
            found.append(ByPlugin(item["name"], dict(given)))
    return tuple(found)


def _plain(values: Mapping[str, Any]) -> bool:
    """Whether these values can be kept as they are."""
    try:
        text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return len(text) <= LONGEST_VALUES and is_storable(text.replace("\\u0000", "\x00"))


def _reason(value: Any) -> str | None:
    return (one_line(storable(value))[:LONGEST_REASON] or None) if isinstance(value, str) else None
