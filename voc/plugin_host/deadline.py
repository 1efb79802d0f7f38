"""By when the call that this thread makes has to be over; the guard sets it, a plugin's process is ended by it."""

from __future__ import annotations

import threading
import time

_here = threading.local()


class Ending:
    """Marks what ends its own calls at the deadline, so that they need no thread to be abandoned."""


def begin(end: float) -> float | None:
    """Calls from now on have to be over at `end` of the monotonic clock, or earlier if that was said outside; returns
    what `over` wants."""
    before: float | None = getattr(_here, "end", None)
    _here.end = end if before is None else min(end, before)
    return before


def over(before: float | None) -> None:
    """The call is over: what was said outside holds again."""
    _here.end = before


def end(otherwise: float) -> float:
    """When this thread's call has to be over, on the monotonic clock; in `otherwise` seconds when nobody said."""
    found: float | None = getattr(_here, "end", None)
    return time.monotonic() + otherwise if found is None else found
