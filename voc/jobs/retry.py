"""When something that failed is tried again: a pure rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    """`attempts` tries in all, the wait doubling from `first` up to `longest`; `lease` is how long one try may take."""

    attempts: int = 8
    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=30)
    lease: timedelta = timedelta(seconds=60)

    def wait(self, attempts: int) -> timedelta | None:
        """How long to wait after the `attempts`-th failure; None when it was the last."""
        if attempts >= self.attempts:
            return None
        doubled: timedelta = self.first * 2 ** min(attempts - 1, 20)
        return min(doubled, self.longest)
