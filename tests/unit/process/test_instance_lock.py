"""Never two processes on one instance; the lock goes with its process, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voc.core.errors import AlreadyRunning
from voc.process.lock import Holder, InstanceLock
from voc.process.lock import holder as holder_of

_HOLDER = """
import subprocess, sys
from pathlib import Path
from voc.process.lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
lock.acquire()
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
print(child.pid, flush=True)
input()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lock file is."""
    return tmp_path / "lock"


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock; it has written a line when it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_holds_it(path: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(AlreadyRunning) as caught:
        InstanceLock(path).acquire()
    assert caught.value.pid == holder.pid
    assert str(path) in str(caught.value)


def test_a_killed_process_holds_nothing_even_if_its_child_lives_on(
    path: Path,
    holder: subprocess.Popen[str],
    alive: Callable[[int], bool],
) -> None:
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    os.kill(child, signal.SIGSTOP)  # it must not end with its parent
    try:
        holder.send_signal(signal.SIGKILL)
        holder.wait(5)
        with InstanceLock(path):
            assert alive(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_second_lock_in_one_process_is_refused_until_the_first_is_released(path: Path) -> None:
    first, second = InstanceLock(path), InstanceLock(path)
    first.acquire()
    with pytest.raises(AlreadyRunning) as caught:
        second.acquire()
    assert caught.value.pid == os.getpid()
    first.release()
    first.release()
    with second:
        assert path.read_text() == f"{os.getpid()}\n"
    with first:
        pass


def test_the_holder_says_where_it_serves_as_long_as_it_holds(path: Path) -> None:
    assert holder_of(path) is None
    with InstanceLock(path) as lock:
        assert holder_of(path) == Holder(os.getpid(), None)
        lock.announce("http://127.0.0.1:8123")
        assert holder_of(path) == Holder(os.getpid(), "http://127.0.0.1:8123")
        lock.announce("http://[::1]:9")
        assert holder_of(path) == Holder(os.getpid(), "http://[::1]:9")
    assert holder_of(path) is None
    assert path.read_bytes() == b""


def test_what_a_killed_process_wrote_misleads_nobody(path: Path) -> None:
    path.write_text(f"{os.getpid()}\nhttp://127.0.0.1:1\n")
    assert holder_of(path) is None
    with InstanceLock(path):
        assert holder_of(path) == Holder(os.getpid(), None)


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe", b"x\ny", b"\n\n", b"9" * 5000])
def test_garbage_in_the_file_tells_nothing(path: Path, garbage: bytes) -> None:
    with InstanceLock(path):
        path.write_bytes(garbage)
        found = holder_of(path)
        assert found is not None
        assert found.address in (None, "y")
        with pytest.raises(AlreadyRunning):
            InstanceLock(path).acquire()


def test_it_is_released_when_the_work_under_it_fails(path: Path) -> None:
    with pytest.raises(ValueError, match="work"), InstanceLock(path):
        raise ValueError("work")
    with InstanceLock(path):
        pass


def test_taking_it_twice_is_a_mistake(path: Path) -> None:
    with InstanceLock(path) as lock, pytest.raises(RuntimeError):
        lock.acquire()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # Python 3.12: a fork beside threads
def test_a_fork_does_not_inherit_it(path: Path) -> None:
    lock = InstanceLock(path)
    lock.acquire()
    ready, say_ready = os.pipe()
    over, say_over = os.pipe()
    child = os.fork()
    if child == 0:  # releases what it does not hold, and lives until it is told that it is over
        lock.release()
        os.write(say_ready, b".")
        os.close(say_over)
        os.read(over, 1)
        os._exit(0)
    try:
        assert os.read(ready, 1) == b"."
        with pytest.raises(AlreadyRunning):  # the child's release did not unlock the parent's
            InstanceLock(path).acquire()
        assert lock._fd is not None
        os.close(lock._fd)  # as at the end of this process: without unlocking
        lock._fd = None
        with InstanceLock(path):
            pass
    finally:
        os.close(say_over)
        os.waitpid(child, 0)
        for fd in (ready, say_ready, over):
            os.close(fd)


def test_a_missing_folder_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        InstanceLock(tmp_path / "nowhere" / "lock").acquire()
