"""The instance lock: never two houses over one database."""

from __future__ import annotations

import contextlib
import fcntl
import os
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from voc.core.errors import AlreadyRunning


class InstanceLock:
    """An exclusive lock on one file, held from `acquire` to `release` or to the end of this process.

    The kernel holds it for the open file, not for the name: a killed process leaves the file and its process id
    behind, but no lock. The file is never removed, because removing it would let two processes lock two files of
    one name. Not for several threads at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise AlreadyRunning at once; OSError when the file cannot be opened or locked."""
        if self._fd is not None:
            raise RuntimeError("this lock is already held here")
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _written_pid(fd)
            os.close(fd)
            if isinstance(error, BlockingIOError):
                raise AlreadyRunning(str(self._path), holder) from None
            raise
        # The id only tells people whom to stop: a full disk is no reason not to start.
        with contextlib.suppress(OSError):
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd
        _held.add(self)

    def release(self) -> None:
        """Give the lock back; does nothing when it is not held."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        _held.discard(self)
        with contextlib.suppress(OSError):
            os.ftruncate(fd, 0)
        fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)

    def _forget(self) -> None:
        """Close the copy that a fork made, without unlocking: the lock belongs to the parent."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _written_pid(fd: int) -> int | None:
    """The process id that the holder wrote, or None when it has not written one yet."""
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else None


# O_CLOEXEC covers children that run another program. One that is only forked would keep the file open, and with it
# the lock, after this process is gone.
_held: weakref.WeakSet[InstanceLock] = weakref.WeakSet()


def _forget_all() -> None:
    for lock in list(_held):
        lock._forget()
    _held.clear()


os.register_at_fork(after_in_child=_forget_all)
