"""What the tests of processes share: bounded waiting, and whether a process is there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest


def _eventually(condition: Callable[[], object], seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # one that nobody has reaped yet is as good as gone
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self/stat").exists()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Waits until a condition holds; fails after some seconds."""
    return _eventually


@pytest.fixture
def alive() -> Callable[[int], bool]:
    """Whether a process lives."""
    return _alive
