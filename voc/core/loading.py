"""Loading much code at once: without garbage collection, because what a program imports is no garbage."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import and put together what lives as long as the process. May be nested; for the one thread that starts.

    Every new class is looked at again by each collection: an eighth of the time of a start. If the block imported
    anything, whatever lives at its end is never looked at again, which keeps later collections short too; what a
    block repeats (a second application in one process) is collected as ever.
    """
    if not gc.isenabled():
        yield  # somebody around us is loading, or wants no collection at all
        return
    before = len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > before:
            gc.freeze()
        gc.enable()
