"""Whether work grows with its input as a line does, told by two measurements on the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable

# Four times the input: four times the work is a line, sixteen times a square.
TIMES = 4
MOST = 9.0
# Seconds of computing below which a clock tells nothing.
NOTHING = 0.02


def grows_linearly(work: Callable[[int], object], small: int) -> bool:
    """Whether `work(4 * small)` takes far less than sixteen times what `work(small)` does; the least of three each."""
    few, many = (min(_once(work, size) for _ in range(3)) for size in (small, TIMES * small))
    return many < NOTHING or many < MOST * few


def _once(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    return time.process_time() - began
