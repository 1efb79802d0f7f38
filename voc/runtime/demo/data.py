"""What the demo consists of: `aurora.json`, read into plain objects. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("aurora.json")
PREFIX = "demo-"


@dataclass(frozen=True, slots=True)
class Voice:
    """What one customer says on form `form`, `hours_ago` before the demo was started."""

    key: str
    form: str
    language: str
    text: str | None
    metric: str | None
    score: int | None
    name: str | None
    email: str | None
    phone: str | None
    hours_ago: float
    consent: bool

    @property
    def submission_id(self) -> str:
        """The fixed identity of this submission: sent twice it is accepted once."""
        return PREFIX + self.key

    def received_at(self, started_at: datetime) -> datetime:
        """When it came in."""
        return started_at - timedelta(hours=self.hours_ago)

    def values(self) -> dict[str, Any]:
        """What the form holds when it is sent; what was not filled in is absent."""
        fields: dict[str, Any] = {"text": self.text or None, "name": self.name, "email": self.email}
        fields |= {"phone": self.phone, "score": self.score, "consent": self.consent or None}
        if self.score is not None:
            fields["score.metric"] = self.metric
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that somebody gave `after_hours` after the voice `key`, with an internal note or none."""

    key: str
    agent: str
    text: str
    after_hours: float
    resolve: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A promise that somebody waived, and why."""

    key: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Demo:
    """All of it. `brand`, `calendar`, `teams`, `users` and `forms` are as in the file."""

    brand: Mapping[str, str]
    calendar: Mapping[str, Any]
    teams: tuple[Mapping[str, Any], ...]
    users: tuple[Mapping[str, str], ...]
    forms: tuple[Mapping[str, Any], ...]
    voices: tuple[Voice, ...]
    replies: tuple[Reply, ...]
    waivers: tuple[Waiver, ...]

    @property
    def total(self) -> int:
        """How many steps the demo has; the last one is that it is complete."""
        return len(self.voices) + len(self.replies) + len(self.waivers) + 1


def read_demo(path: Path = FILE) -> Demo:
    """Read the file; voices in the order in which they came in."""
    data = json.loads(path.read_text(encoding="utf-8"))
    wanted = Voice.__dataclass_fields__
    voices = (Voice(**{name: item[name] for name in wanted}) for item in data["feedback"])
    return Demo(
        brand=data["brand"],
        calendar=data["calendar"],
        teams=tuple(data["teams"]),
        users=tuple(data["users"]),
        forms=tuple(data["forms"]),
        voices=tuple(sorted(voices, key=lambda voice: -voice.hours_ago)),
        replies=tuple(Reply(**item) for item in data["answers"]),
        waivers=tuple(Waiver(**item) for item in data["waived"]),
    )
