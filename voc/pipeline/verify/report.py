"""What a verification found: holes by invariant, each with how many and a few examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Invariant = Literal["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I10", "integrity"]

# In the order they are shown. The texts are also shown, translated, on the status page.
TITLES: dict[Invariant, str] = {
    "I1": "What was accepted is stored for good.",
    "I2": "Everybody is counted once.",
    "I3": "Nothing was dropped in silence.",
    "I4": "Nobody who is unhappy was left behind.",
    "I5": "Somebody answers for every case.",
    "I6": "Every clock is right.",
    "I7": "Every answer was said once.",
    "I10": "What customers took back is gone.",
    "integrity": "Every reference leads somewhere.",
}

# Checks whose every hit is somebody who waits and whom nobody will answer; no two of them count the same feedback.
LEFT_BEHIND = frozenset(
    {
        "receipt.unread",
        "receipt.without_feedback",
        "feedback.unprocessed",
        "detractor.unpromised",
        "unknown.unasked",
        "obligation.unsent",
        "obligation.unseen",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of hole. `check` is its stable key, `text` says what it means and what to do, `examples` are ids."""

    invariant: Invariant
    check: str
    text: str
    count: int
    examples: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return {
            "invariant": self.invariant,
            "check": self.check,
            "text": self.text,
            "count": self.count,
            "examples": list(self.examples),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer. `looked_at` counts what was examined, `waiting` what is in good order but not done yet."""

    at: datetime
    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every invariant holds."""
        return not self.findings

    @property
    def left_behind(self) -> int:
        """How many people wait for an answer that nobody is going to give."""
        return sum(finding.count for finding in self.findings if finding.check in LEFT_BEHIND)

    def of(self, invariant: Invariant) -> tuple[Finding, ...]:
        """The holes in one invariant."""
        return tuple(finding for finding in self.findings if finding.invariant == invariant)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; `invariants` has an entry for each one, broken or not."""
        return {
            "at": self.at.isoformat(),
            "ok": self.ok,
            "left_behind": self.left_behind,
            "invariants": {
                name: {"title": title, "ok": not self.of(name), "holes": sum(item.count for item in self.of(name))}
                for name, title in TITLES.items()
            },
            "findings": [finding.to_dict() for finding in self.findings],
            "looked_at": dict(self.looked_at),
            "waiting": dict(self.waiting),
        }

    def lines(self) -> list[str]:
        """For a terminal: one line an invariant, below it what is wrong, at the end how many were left behind."""
        lines = []
        for name, title in TITLES.items():
            found = self.of(name)
            holes = sum(item.count for item in found)
            lines.append(f"{name:9} {title:40} {'ok' if not found else f'{holes} hole' + 's' * (holes != 1)}")
            for item in found:
                lines.append(f"           {item.check} ({item.count}): {item.text}")
                lines.append(f"             {', '.join(item.examples)}")
        lines.append(f"looked at {_counted(self.looked_at)}; waiting in good order: {_counted(self.waiting)}")
        people = self.left_behind
        lines.append(f"{people} {'person' if people == 1 else 'people'} left behind")
        return lines


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
