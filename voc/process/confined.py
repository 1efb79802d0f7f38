"""What a process does to itself before it runs code that nobody vouches for: limits, and an end with its parent."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import resource
import select
import signal
import threading
import time

MB = 1 << 20
# fcntl's F_SETSIG, which the module does not name; Linux only.
_F_SETSIG = 10
# Seconds of computing in a whole life.
LIFE = 3600


def confine(*, memory: int, file_size: int, files: int) -> None:
    """At most `memory` bytes of address space, files of `file_size` bytes, `files` open at once, and no core."""
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, LIFE),
    ):
        # A system may not know a limit, or the surroundings may have set a lower one: that one holds then.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


class Computing:
    """How long this process may compute, all its threads together; SIGXCPU ends it after that."""

    def __init__(self) -> None:
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """From now on `seconds`; less than twice as much, when so much is allowed already."""
        used = time.process_time()
        if seconds <= self._until - used <= 2 * seconds:
            return
        self._until = math.ceil(used + 1.5 * seconds)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (min(self._until, LIFE), LIFE))


def end_with(pipe: int) -> None:
    """End this process, and what it forked, when the other end of `pipe` is closed.

    Nothing is ever written into that pipe. The kernel sends SIGKILL to the whole process group at its end of file, so
    it does not matter what this process is doing then. Where the kernel cannot do that, a thread looks.
    """
    with contextlib.suppress(OSError, ValueError):
        fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(pipe, _F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    threading.Thread(target=_end_at_the_end, args=(pipe,), name="life", daemon=True).start()


def _end_at_the_end(pipe: int) -> None:
    poll = select.poll()
    poll.register(pipe, 0)  # only the end is of interest
    poll.poll()
    os.killpg(0, signal.SIGKILL)
