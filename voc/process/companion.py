"""A long-lived child that is spoken to in frames; its life, its limits of time and its end are in this side's hands.

Unlike `voc.process.limited` the talk goes both ways: while the child works on a question it may ask back. Whatever
it does, this side gets a frame or `Ended`; what it prints is read, cut and kept apart.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from voc.core.errors import VocError
from voc.process.frames import BadFrame, Unpacker

_PIECE = 1 << 16
# Bytes of what the child prints that are kept for one question; the rest is read and thrown away.
MOST_OUTPUT = 8_000
# Exit status of a child that could not get the memory it asked for; one that nothing else uses.
OUT_OF_MEMORY = 113


class Ended(VocError):
    """The child is no more; the text says why. `late`: it was ended because it took too long. `idle`: it had heard
    nothing of the question yet."""

    def __init__(self, message: str, *, late: bool = False, idle: bool = False) -> None:
        self.late = late
        self.idle = idle
        super().__init__(message)


class Companion:
    """One child, from `__init__` to `close`; for one thread at a time.

    It hears frames on descriptor 0 and says frames on the descriptor that stands first in its arguments; the second
    one is the pipe that tells it that this process is gone (`voc.process.confined.end_with`). It leads a session of
    its own. `memory` in bytes is only for the sentence about its end.
    """

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], memory: int) -> None:
        """Raises OSError when it cannot be started."""
        self.born = time.monotonic()
        self.questions = 0
        self._memory = memory
        said, saying = os.pipe()
        life, self._life = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own program, no shell
                [sys.executable, *argv, str(saying), str(life)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                cwd="/",
                env=dict(env),
                pass_fds=(saying, life),
                start_new_session=True,
            )
        except BaseException:
            os.close(said)
            os.close(self._life)
            raise
        finally:
            os.close(saying)
            os.close(life)
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101,PT018  for mypy
        self._said, self._heard = said, self._process.stdin.fileno()
        self._printed = self._process.stdout.fileno()
        self._ends = os.pidfd_open(self._process.pid) if hasattr(os, "pidfd_open") else -1
        self._poll = select.poll()
        for descriptor in (said, self._heard, self._printed):
            os.set_blocking(descriptor, False)
        for descriptor in (said, self._printed, self._ends):
            if descriptor >= 0:
                self._poll.register(descriptor, select.POLLIN)
        self._frames = Unpacker()
        self._prints = True
        self._output = bytearray()
        self.cut = 0
        self._open = True

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether it ended already, as far as one can tell without waiting."""
        poll = select.poll()
        poll.register(*((self._ends, select.POLLIN) if self._ends >= 0 else (self._said, 0)))
        return bool(poll.poll(0))

    def exchange(self, frame: bytes, end: float) -> tuple[Any, memoryview]:
        """Say `frame` (nothing, when empty) and hear the next one, until `end` on the monotonic clock.

        Raises Ended, after which it is closed.
        """
        rest = memoryview(frame)
        begun = False
        try:
            while True:
                if rest:
                    rest = rest[self._write(rest) :]
                    begun = True
                    if rest:
                        self._poll.register(self._heard, select.POLLOUT)
                found = self._hear(end, bool(rest))
                if rest:
                    self._poll.unregister(self._heard)
                if found is not None:
                    return found
        except BadFrame as error:
            self.close()
            raise Ended(f"said what cannot be understood: {error}") from None
        except EOFError:
            raise Ended(self._why(), idle=not begun) from None
        except Ended:
            self.close()
            raise

    def _hear(self, end: float, writing: bool) -> tuple[Any, memoryview] | None:
        """The next frame; None when more can be written. Raises Ended at `end`, EOFError when it died."""
        if (found := self._frames.take(b"")) is not None:
            return found
        while True:
            left = end - time.monotonic()
            ready = dict(self._poll.poll(max(0.0, left) * 1000))
            if not ready:
                raise Ended("took too long and was ended", late=True)
            if self._printed in ready:
                self._listen()
            if self._said in ready and (found := self._frames.take(self._read())) is not None:
                return found
            if left <= 0:
                # It talks all the time, and comes to no end.
                raise Ended("took too long and was ended", late=True)
            if self._ends in ready and self._said not in ready:
                raise EOFError
            if writing and self._heard in ready:
                return None

    def _write(self, rest: memoryview) -> int:
        try:
            return os.write(self._heard, rest[: 16 * _PIECE])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise EOFError from None

    def _read(self) -> bytes:
        try:
            piece = os.read(self._said, _PIECE)
        except BlockingIOError:
            return b""
        if not piece:
            raise EOFError
        return piece

    def _listen(self) -> None:
        """Read what it prints, so that it need not wait for us, and keep the beginning."""
        if not self._prints:
            return
        with contextlib.suppress(BlockingIOError):
            piece = os.read(self._printed, _PIECE)
            if not piece:
                self._prints = False
                self._poll.unregister(self._printed)
            kept = piece[: max(0, MOST_OUTPUT - len(self._output))]
            self._output += kept
            self.cut += len(piece) - len(kept)

    def printed(self) -> tuple[str, int]:
        """(what was heard of what it printed since the last time, bytes of it that were thrown away)."""
        if not self._output and not self.cut:
            return "", 0
        found = (self._output.decode("utf-8", "replace"), self.cut)
        self._output.clear()
        self.cut = 0
        return found

    def close(self) -> int:
        """End it and all that it forked and left in its process group; returns its exit status."""
        if self._open:
            self._open = False
            # Not reaped before: its id is still its own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            for descriptor in (self._said, self._life, self._ends):
                if descriptor >= 0:
                    os.close(descriptor)
        return self._process.wait()

    def _why(self) -> str:
        """Bury it, and say what it died of."""
        if self._ends >= 0:
            # The pipe is closed a moment before the kernel is done with it.
            poll = select.poll()
            poll.register(self._ends, select.POLLIN)
            poll.poll(2000)
        with contextlib.suppress(OSError):
            self._listen()
        status = self.close()
        if status == OUT_OF_MEMORY:
            return f"needed more than {self._memory >> 20} MB of memory, and its process ended"
        if status == -signal.SIGXCPU:
            return "computed for too long, and its process was ended"
        if status < 0:
            return f"its process was ended by {_named(-status)}"
        return f"its process ended by itself with exit status {status}"


def _named(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
