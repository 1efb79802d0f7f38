"""The child's end of the pipe: a byte is a wake-up, end of file means that the parent is gone."""

from __future__ import annotations

import math
import os
import select
import threading
from collections.abc import Callable
from typing import Literal

Woken = Literal["wake", "timeout", "gone"]

_CAPACITY = 65536  # what a pipe holds: one read takes every wake-up that is waiting


class WakePipe:
    """Reads the pipe that `SupervisedChild` writes; one reader at a time.

    Takes `fd` over for itself: on standard input (0) it leaves the null device behind, so that nothing else in this
    process, and none of its own children, can read a wake-up away. Raises OSError when `fd` is not open.
    """

    def __init__(self, fd: int = 0) -> None:
        self._fd = os.dup(fd)
        if fd == 0:
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.close(null)
        # poll instead of select: select cannot watch descriptors from 1024 on.
        self._heard = b""
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    def wait(self, timeout: float | None = None) -> Woken:
        """Wait at most `timeout` seconds (None: without limit) for the parent.

        Any number of wake-ups that are waiting count as one. Wake-ups sent before the parent went come first; after
        that the answer stays "gone".
        """
        limit = None if timeout is None else math.ceil(max(0.0, timeout) * 1000)
        if not self._poll.poll(limit):
            return "timeout"
        self._heard = os.read(self._fd, _CAPACITY)
        return "wake" if self._heard else "gone"

    def listen(
        self, on_wake: Callable[[], None], on_gone: Callable[[], None], on_word: Callable[[], None] | None = None
    ) -> threading.Thread:
        """Start a daemon thread that calls `on_wake` for wake-ups and `on_gone` once, when the parent is gone.

        `on_word` is called besides when a wake-up was more than that. All run in that thread and must be quick. If
        `on_wake` raises, `on_gone` is called as well: a child that cannot hear its parent any more has to end rather
        than outlive it.
        """
        arguments = (on_wake, on_gone, on_word)
        thread = threading.Thread(target=self._listen, args=arguments, name="wake-pipe", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Stop reading for good; not while another thread waits."""
        os.close(self._fd)

    def _listen(
        self, on_wake: Callable[[], None], on_gone: Callable[[], None], on_word: Callable[[], None] | None
    ) -> None:
        try:
            while self.wait() == "wake":
                if on_word is not None and self._heard.strip(b"\n"):
                    on_word()
                on_wake()
        finally:
            on_gone()
