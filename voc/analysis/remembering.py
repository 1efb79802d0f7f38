"""A bounded memory: what was worked out for a word once is at hand when the word comes again, as most words do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

LONGEST = 32  # letters of a key that is kept


class Remembered(dict[str, Found]):
    """Works a value out at first sight and keeps it; when ``most`` are kept all are forgotten at once.

    Ask with ``memory[key]``. The same key always gives the same value, so threads may share one.
    """

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[str], Found], most: int) -> None:
        """Keep what ``make`` says of up to ``most`` keys."""
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: str) -> Found:
        """Work it out; a very long key is not kept, or few of them could fill the memory of the machine."""
        found = self._make(key)
        if len(key) <= LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[key] = found
        return found
