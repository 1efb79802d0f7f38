"""A child process on a pipe: woken by a byte, restarted when it dies, never outliving its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from voc.process.backoff import Backoff

_AFTER_KILL = 2.0  # seconds to wait for the kernel to end a killed child


class SupervisedChild:
    """One child, kept alive by a thread of its own from `start` to `stop`.

    Its standard input is a pipe whose other end only this process holds: a byte is a wake-up, end of file means that
    the parent is gone (`voc.process.pipe` is the child's side). Its standard output and error are the parent's
    standard error. It leads a session of its own, so Ctrl-C in a terminal reaches the parent alone, which then stops
    it in order. When it ends, whatever it started and left behind in its process group is killed.

    `on_event` gets one line of text per start, end and failed start. It is called from the supervising thread (the
    first time from `start`), must not raise and must not call `stop`.
    """

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], on_event: Callable[[str], None] | None = None
    ) -> None:
        self._argv = list(argv)
        self._env = dict(env)
        self._tell = on_event or (lambda text: None)
        # Guards the fields below; never held while waiting, so wake() never waits for a start or an end.
        self._gate = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None
        self._owed = False
        self._status: int | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the living child; None before the start, between two lives and after the end."""
        with self._gate:
            return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child and its supervision; OSError when the program cannot be started at all. Once only."""
        if self._thread is not None or self._stopping.is_set():
            raise RuntimeError("a supervised child is started once")
        process = self._spawn()
        self._thread = threading.Thread(
            target=self._supervise, args=(process,), name=f"supervisor-{process.pid}", daemon=True
        )
        self._thread.start()

    def wake(self, word: bytes = b"\n") -> None:
        """Wake the child: one byte into the pipe; from any thread, but not from a signal handler.

        Never blocks and never raises. A full pipe holds wake-ups enough; one that comes while there is no child is
        given to the next, as a plain one: its `word` is for a child that lives.
        """
        with self._gate:
            if self._pipe is None:
                self._owed = True
            else:
                self._write(word)

    def stop(self, deadline: float) -> int | None:
        """End the child within `deadline` seconds and return its exit status, negative for the signal that ended it.

        Closing the pipe asks it to finish; SIGTERM follows at half time and SIGKILL, to its whole process group, at
        the end. None when there never was a child or when the kernel could not end it. May be called again.
        """
        end = time.monotonic() + deadline
        self._stopping.set()
        with self._gate:
            self._close_pipe()
        if self._thread is None:
            return None
        self._thread.join(max(0.0, deadline / 2))
        if self._thread.is_alive():
            self._signal(signal.SIGTERM)
            self._thread.join(max(0.0, end - time.monotonic()))
        if self._thread.is_alive():
            self._signal(signal.SIGKILL)
            self._thread.join(_AFTER_KILL)
        return self._status

    def _spawn(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603  the caller's own program, no shell
            self._argv, env=self._env, stdin=subprocess.PIPE, stdout=2, bufsize=0, start_new_session=True
        )
        assert process.stdin is not None  # noqa: S101  for mypy: stdin=PIPE gives one
        pipe = process.stdin.fileno()
        os.set_blocking(pipe, False)
        with self._gate:
            self._process, self._pipe, self._status = process, pipe, None
            if self._stopping.is_set():
                self._close_pipe()
            elif self._owed:
                self._write()
        self._tell(f"process {process.pid} started")
        return process

    def _write(self, word: bytes = b"\n") -> None:
        """Put one byte into the pipe; the gate is held and the pipe is open."""
        self._owed = False
        if self._pipe is not None:
            # Full: the child has wake-ups waiting. Broken: it is dying, and its successor looks for work by itself.
            with contextlib.suppress(OSError):
                os.write(self._pipe, word)

    def _close_pipe(self) -> None:
        """Close our end, the child's end of file; the gate is held."""
        self._pipe = None
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        with self._gate:
            if self._process is None:
                return
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if number == signal.SIGKILL:
                    os.killpg(self._process.pid, number)
                else:
                    os.kill(self._process.pid, number)

    def _supervise(self, process: subprocess.Popen[bytes]) -> None:
        backoff = Backoff()
        following: subprocess.Popen[bytes] | None = process
        while following is not None:
            born = time.monotonic()
            status = self._reap(following)
            lived = time.monotonic() - born
            text = f"process {following.pid} ended after {lived:.1f} s ({_described(status)})"
            following = self._restart(text, backoff, lived)

    def _restart(self, text: str, backoff: Backoff, lived: float) -> subprocess.Popen[bytes] | None:
        """Report the end, wait and start anew; None when it is time to stop."""
        if self._stopping.is_set():
            self._tell(text)
            return None
        delay = backoff.after(lived)
        self._tell(f"{text}; next start in {delay:.1f} s")
        while not self._stopping.wait(delay):
            try:
                return self._spawn()
            except OSError as error:
                delay = backoff.after(0.0)
                self._tell(f"cannot start {self._argv[0]} ({error.strerror}); next try in {delay:.1f} s")
        return None

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        """Wait until the child ends, clear up what it left, and return its exit status."""
        if hasattr(os, "waitid"):
            # Leaves it a zombie: its id stays taken until the gate is held, so no signal can hit a stranger.
            with contextlib.suppress(ChildProcessError):  # where SIGCHLD is ignored nobody leaves a zombie
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        else:  # macOS before Python 3.13
            process.wait()
        self._signal(signal.SIGKILL)
        with self._gate:
            self._close_pipe()
            self._status = process.wait()
            self._process = None
            return self._status


def _described(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
