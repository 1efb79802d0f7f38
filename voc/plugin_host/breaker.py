"""When a plugin that does not answer is left alone, and how it is tried again: a pure rule over a given time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BUDGET = 5
PAUSE = 60.0
LONGEST = 900.0

BreakerState = Literal["closed", "open", "half-open"]


@dataclass(slots=True)
class Breaker:
    """Closed until `BUDGET` calls in a row did not answer, then open for `PAUSE` seconds; after that exactly one call
    may try (half-open). If it answers, all may again; if not, the pause is twice as long, up to `LONGEST`. Times are
    seconds of one clock. For one thread at a time."""

    failures: int = 0
    open_until: float | None = None
    pause: float = PAUSE
    trying: bool = False

    def state(self, now: float) -> BreakerState:
        """How it stands, for people."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until and not self.trying else "half-open"

    def admit(self, now: float) -> bool:
        """Whether a call may be made now; the one that tries is asked for by this."""
        if self.open_until is None:
            return True
        if self.trying or now < self.open_until:
            return False
        self.trying = True
        return True

    def answered(self) -> None:
        """A call came back, with whatever answer."""
        self.failures, self.open_until, self.pause, self.trying = 0, None, PAUSE, False

    def failed(self, now: float) -> None:
        """A call did not come back, or took its process with it."""
        self.failures += 1
        if self.trying:
            self.pause, self.trying = min(2 * self.pause, LONGEST), False
            self.open_until = now + self.pause
        elif self.failures >= BUDGET and self.open_until is None:
            self.open_until = now + self.pause

    def withdrawn(self) -> None:
        """The call that was to try was not made: the next one may."""
        self.trying = False
