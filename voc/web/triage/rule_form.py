"""The form of a rule: what was typed, as actions and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from voc.routing.tokens import Mistake
from voc.web.triage.rule_deeds import Chosen, Offers, typed_deeds

# What becomes of the feedback, as one choice: the three flags of the actions that belong together.
FATES: dict[str, dict[str, bool]] = {
    "": {},
    "case": {"open_case": True},
    "promise": {"open_case": True, "start_clock": True},
    "waive": {"waive": True},
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A rule as it stands in the form; `tags` with commas between them, `seen` the version it was opened at."""

    name: str = ""
    condition: str = ""
    fate: str = ""
    team: str = ""
    priority: str = ""
    tags: str = ""
    notify: tuple[str, ...] = ()
    stops: bool = False
    reason: str = ""
    seen: int | None = None
    plugin: Chosen = ()

    @classmethod
    def of_form(cls, form: MultiDict[str, str], offers: Offers) -> Typed:
        """What was typed; `offers` are the actions of plugins."""
        seen = form.get("seen", "")
        return cls(
            name=form.get("name", ""),
            condition=form.get("condition", "").replace("\r\n", "\n").replace("\r", "\n"),
            fate=form.get("fate", ""),
            team=form.get("team", ""),
            priority=form.get("priority", ""),
            tags=form.get("tags", ""),
            notify=tuple(form.getlist("notify")[:50]),
            stops="stops" in form,
            reason=form.get("reason", ""),
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None,
            plugin=typed_deeds(form, offers),
        )

    @classmethod
    def of_version(cls, row: Any) -> Typed:
        """A stored version."""
        actions: Mapping[str, Any] = row.actions
        flags = {name: True for name in ("open_case", "start_clock", "waive") if actions.get(name)}
        return cls(
            name=row.name,
            condition=row.condition,
            fate=next((fate for fate, wanted in FATES.items() if wanted == flags), ""),
            team=actions.get("team") or "",
            priority=actions.get("priority") or "",
            tags=", ".join(actions.get("tags") or ()),
            notify=tuple(actions.get("notify") or ()),
            stops=row.stops,
            reason=actions.get("reason") or "",
            seen=row.number,
            plugin=tuple(actions.get("plugin") or ()),
        )

    def actions(self) -> dict[str, Any]:
        """As the service takes them."""
        return {
            **FATES.get(self.fate, {}),
            "team": self.team or None,
            "priority": self.priority or None,
            "tags": [tag.strip() for tag in self.tags.split(",") if tag.strip()],
            "notify": list(self.notify),
            "reason": self.reason if self.fate == "waive" else None,
            "plugin": list(self.plugin),
        }


@dataclass(frozen=True, slots=True)
class Marked:
    """The line of a condition with its mistake, in three parts, and where it is; `said` in the reader's language."""

    line: int
    column: int
    before: str
    wrong: str
    after: str
    said: str


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a rule: texts by field, and the place in the condition."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    marked: Marked | None = None


def marked(condition: str, mistake: Mistake, said: str) -> Marked:
    """The line with the mistake, cut at it."""
    line, column = mistake.place(condition)
    text = condition.split("\n")[line - 1]
    start = column - 1
    end = min(start + max(mistake.end - mistake.start, 1), len(text))
    return Marked(line, column, text[:start], text[start:end] or " ", text[end:], said)
