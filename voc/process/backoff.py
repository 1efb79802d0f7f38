"""How long to wait before something that failed is started again."""

from __future__ import annotations


class Backoff:
    """Waits that double from `first` to `limit` seconds, and begin anew after a life of `reset_after` seconds."""

    def __init__(self, *, first: float = 0.1, limit: float = 10.0, reset_after: float = 30.0) -> None:
        self._first = first
        self._limit = limit
        self._reset_after = reset_after
        self._next = first

    def after(self, lived: float) -> float:
        """The seconds to wait after an end that came `lived` seconds after the start."""
        if lived >= self._reset_after:
            self._next = self._first
        delay = self._next
        self._next = min(self._limit, 2 * delay)
        return delay
