"""The instance lock: never two houses over one database."""

from __future__ import annotations

import contextlib
import fcntl
import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from voc.core.errors import AlreadyRunning

# More than a process id and an address ever need.
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, as far as it was written down: process id, and the address it serves at."""

    pid: int | None
    address: str | None


def holder(path: Path) -> Holder | None:
    """Who holds the lock on `path` now; None when nobody does, whatever a killed process left in the file.

    The lock is tried so shortly that a server that starts now is not disturbed.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written(fd)
    except OSError:
        return None  # a file system without locks
    else:
        fcntl.flock(fd, fcntl.LOCK_UN)
        return None
    finally:
        os.close(fd)


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
            found = _written(fd)
            os.close(fd)
            if isinstance(error, BlockingIOError):
                raise AlreadyRunning(str(self._path), found.pid) from None
            raise
        self._fd = fd
        self._write(f"{os.getpid()}\n")
        _held.add(self)

    def announce(self, address: str) -> None:
        """Write down where this process serves, for `holder`; it is forgotten with the lock."""
        self._write(f"{os.getpid()}\n{address}\n")

    def _write(self, text: str) -> None:
        # It only tells people whom to stop and where to go: a full disk is no reason not to start.
        if self._fd is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
                os.pwrite(self._fd, text.encode(), 0)

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


def _written(fd: int) -> Holder:
    """What the holder has written so far."""
    lines = os.pread(fd, _LONGEST, 0).decode("utf-8", "replace").splitlines()
    pid = int(lines[0]) if lines and lines[0].isascii() and lines[0].isdigit() else None
    return Holder(pid, lines[1] if len(lines) > 1 and lines[1] else None)


# O_CLOEXEC covers children that run another program. One that is only forked would keep the file open, and with it
# the lock, after this process is gone.
_held: weakref.WeakSet[InstanceLock] = weakref.WeakSet()


def _forget_all() -> None:
    for lock in list(_held):
        lock._forget()
    _held.clear()


os.register_at_fork(after_in_child=_forget_all)
