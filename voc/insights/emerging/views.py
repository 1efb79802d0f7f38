"""What is found, as it is kept and shown: frozen values, JSON-safe both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Finding:
    """Phrases that belong together and stand out; the first is the most telling one.

    `n` people said that one within `days` up to the day asked for, where `expected` would be usual; `chance` is how
    likely that is, `level` the share of false alarms among all found up to it. `people`: everybody who said any of the
    phrases, `unhappy` of them detractors; `doors`: people by channel; `feedback`: the newest ids.
    """

    language: str
    phrases: tuple[str, ...]
    days: int
    n: int
    expected: float
    chance: float
    level: float
    people: int
    unhappy: int
    doors: Mapping[UUID, int]
    feedback: tuple[UUID, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "language": self.language,
            "phrases": list(self.phrases),
            "days": self.days,
            "n": self.n,
            "expected": self.expected,
            "chance": self.chance,
            "level": self.level,
            "people": self.people,
            "unhappy": self.unhappy,
            "doors": {key.hex: n for key, n in sorted(self.doors.items())},
            "feedback": [key.hex for key in self.feedback],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """What `to_dict` made."""
        return cls(
            **{
                **kept,
                "phrases": tuple(kept["phrases"]),
                "doors": {UUID(hex=key): n for key, n in kept["doors"].items()},
                "feedback": tuple(UUID(hex=key) for key in kept["feedback"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Standout:
    """What stood out, and the day it did."""

    day: date
    finding: Finding


@dataclass(frozen=True, slots=True)
class Example:
    """A feedback that says it."""

    id: UUID
    text: str
    language: str | None
    received_at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with what is shown beside it: how many people said its first phrase on each of the days up to it, door
    names with people, and examples."""

    finding: Finding
    series: tuple[tuple[date, int], ...]
    doors: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was found on a day among `tested` phrases; `counted_at` None when nobody looked. `days`: every day that can
    be looked at, the newest first, with how much was found."""

    day: date
    tested: int
    counted_at: datetime | None
    found: tuple[Shown, ...]
    days: tuple[tuple[date, int], ...]
