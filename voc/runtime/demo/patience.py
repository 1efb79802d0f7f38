"""Doing what the database may be too busy for, and ending when the worker does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from voc.core.errors import Busy

T = TypeVar("T")

TRIES = 40
PAUSE = 0.5


class Stopped(Exception):
    """The worker ends; the next one continues."""


def patiently(stop: threading.Event, action: Callable[[], T]) -> T:
    """Do it, again and again while the database is busy; raises Busy in the end, Stopped when the worker ends."""
    for attempt in range(TRIES):
        if stop.is_set():
            raise Stopped
        try:
            return action()
        except Busy:
            if attempt == TRIES - 1:
                raise
            stop.wait(PAUSE)
    raise Stopped
