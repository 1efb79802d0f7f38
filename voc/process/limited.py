"""A child that takes hostile input apart: asked over a pipe, limited in memory, computing time and patience.

The child limits itself before it reads its first byte (`voc.process.parsing.child` is its side); this side holds the
clock. Whatever the input does to it, the caller gets an answer or `Unable`, and the next question a healthy child.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from voc.core.errors import VocError

MB = 1 << 20
_PIECE = 1 << 16  # what a pipe holds: larger writes would only be cut
# Exit status of a child that could not get the memory for a question (or for ending in order).
OUT_OF_MEMORY = 3
_FRAME = struct.Struct(">II")
_LENGTH = struct.Struct(">I")


class Unable(VocError):
    """The limited child could not answer; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use.

    `memory` (bytes of address space) and `cpu` (seconds of computing a question) end it, `wall` (seconds a question)
    makes the parent end it. It is replaced after `questions`, after a question of more than `large` bytes, and after
    every one it could not answer. `reply` is the longest answer in bytes.
    """

    memory: int = 640 * MB
    cpu: float = 4.0
    wall: float = 8.0
    questions: int = 2000
    large: int = 4 * MB
    reply: int = 64 * MB


class LimitedChild:
    """One child, started at the first question; for one thread at a time.

    Its standard input and output are pipes whose other ends only this process holds, so it ends when this process
    does: at the end of file when idle, by its own limit of computing time when not.
    """

    def __init__(self, module: str, *, limits: Limits | None = None, folders: Sequence[str] = ()) -> None:
        """`module` has a `main(memory)`; `folders` is where the child may import from besides the standard library."""
        self.limits = limits or Limits()
        boot = f"import sys; sys.path += {list(folders)!r}; from {module} import main; main({self.limits.memory})"
        # Isolated, without site-packages, and without writing bytecode: it may not write at all.
        self._argv = [sys.executable, "-I", "-S", "-B", "-c", boot]
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0

    @property
    def pid(self) -> int | None:
        """The process id of the living child, None when there is none just now."""
        return self._process.pid if self._process else None

    def ask(self, *pieces: bytes, cpu: float | None = None) -> bytes:
        """Send `pieces` as one question and return the answer; raises Unable, after which a new child is ready.

        `cpu` replaces the limit of computing time for this question.
        """
        size = sum(map(len, pieces))
        budget = self.limits.cpu if cpu is None else cpu
        process = self._living()
        self._asked += 1
        try:
            answer = self._exchange(process, [_FRAME.pack(size, round(budget * 1000)), *pieces])
        except Unable:
            self.close()
            raise
        except EOFError:
            raise Unable(self._why_it_ended(budget)) from None
        except BaseException:
            self.close()
            raise
        if self._asked >= self.limits.questions or size > self.limits.large:
            self.close()
        return answer

    def close(self) -> None:
        """End the child, if there is one; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._bury(process)

    def _living(self) -> subprocess.Popen[bytes]:
        """The child, started when there is none or when it died since."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._asked = 0
        try:
            process = subprocess.Popen(  # noqa: S603  our own program, no shell
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env={"LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        except OSError as error:
            raise Unable(f"the parsing process cannot be started: {error.strerror}") from error
        assert process.stdin is not None  # noqa: S101  for mypy: both are pipes
        os.set_blocking(process.stdin.fileno(), False)
        self._process = process
        return process

    def _exchange(self, process: subprocess.Popen[bytes], pieces: list[bytes]) -> bytes:
        """Write and read at once, so that neither side waits for the other for ever; EOFError when it died."""
        assert process.stdin is not None and process.stdout is not None  # noqa: S101,PT018  for mypy
        end = time.monotonic() + self.limits.wall
        writing, reading = process.stdin.fileno(), process.stdout.fileno()
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        poll.register(writing, select.POLLOUT)
        rest = [memoryview(piece) for piece in pieces if piece]
        answer = _Answer(self.limits.reply)
        while not answer.complete:
            ready = poll.poll(max(0.0, end - time.monotonic()) * 1000)
            if not ready:
                raise Unable(f"took more than {self.limits.wall:g} seconds")
            for descriptor, _ in ready:
                if descriptor == writing:
                    _write(writing, rest)
                    if not rest:
                        poll.unregister(writing)
                elif not answer.take(os.read(reading, _PIECE)):
                    raise EOFError
        if rest:
            raise Unable("answered before it had heard the question")
        return answer.value()

    def _why_it_ended(self, budget: float) -> str:
        """Bury the dead child and say what it died of."""
        process, self._process = self._process, None
        if process is None:
            return "ended"
        # The pipe is closed a moment before the kernel is done with it.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        process.kill()
        status = self._bury(process)
        if status == -signal.SIGPROF:
            return f"took more than {budget:.1f} seconds of computing"
        if status == OUT_OF_MEMORY:
            return f"needed more than {self.limits.memory // MB} MB of memory"
        return f"the parsing process was ended by {_named(-status)}" if status < 0 else "the parsing process failed"

    @staticmethod
    def _bury(process: subprocess.Popen[bytes]) -> int:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        return process.wait()


class _Answer:
    """An answer on its way: four bytes of length, then as many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._wanted = _LENGTH.size
        self._headed = False

    @property
    def complete(self) -> bool:
        """Whether all of it is here."""
        return self._headed and len(self._held) >= self._wanted

    def take(self, piece: bytes) -> bool:
        """Add what was read; False at the end of file. Raises Unable when it says that it is too long."""
        self._held += piece
        if not self._headed and len(self._held) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._held)
            if length > self._limit:
                raise Unable("what was found in it is too large")
            self._headed, self._wanted = True, _LENGTH.size + length
        return bool(piece)

    def value(self) -> bytes:
        """The answer itself."""
        return bytes(memoryview(self._held)[_LENGTH.size : self._wanted])


def _write(descriptor: int, rest: list[memoryview]) -> None:
    """Write as much as the pipe takes now, and take it off `rest`; EOFError when nobody reads any more."""
    try:
        written = os.write(descriptor, rest[0][:_PIECE])
    except BlockingIOError:
        return
    except BrokenPipeError:
        raise EOFError from None
    rest[0] = rest[0][written:]
    if not rest[0]:
        del rest[0]


def _named(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class Pool:
    """A few limited children for many threads: started when they are needed, none outlives `close`."""

    def __init__(
        self, module: str, *, size: int = 2, limits: Limits | None = None, folders: Sequence[str] = ()
    ) -> None:
        self._module = module
        self._limits = limits
        self._folders = tuple(folders)
        self._free = threading.BoundedSemaphore(size)
        self._gate = threading.Lock()
        self._idle: list[LimitedChild] = []
        self._owner = os.getpid()
        self._closed = False

    def ask(self, *pieces: bytes, cpu: float | None = None) -> bytes:
        """As `LimitedChild.ask`, from any thread; Unable as well when every child is busy for too long."""
        patience = (self._limits or Limits()).wall
        if not self._free.acquire(timeout=patience):
            raise Unable(f"every parsing process was busy for {patience:g} seconds")
        try:
            child = self._take()
            try:
                return child.ask(*pieces, cpu=cpu)
            finally:
                self._give(child)
        finally:
            self._free.release()

    def close(self) -> None:
        """End every child; a question that is being answered ends its own child itself."""
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def _take(self) -> LimitedChild:
        with self._gate:
            if self._owner != os.getpid():
                # A fork shares the parent's pipes: two would talk to one child.
                self._idle, self._owner = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return LimitedChild(self._module, limits=self._limits, folders=self._folders)

    def _give(self, child: LimitedChild) -> None:
        with self._gate:
            if not self._closed:
                self._idle.append(child)
                return
        child.close()
