"""The child's end of the pipe."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from voc.process.pipe import WakePipe


@pytest.fixture
def ends() -> Iterator[tuple[WakePipe, int]]:
    """The child's and the parent's end; the parent's may be closed by the test."""
    reading, writing = os.pipe()
    pipe = WakePipe(reading)
    os.close(reading)
    yield pipe, writing
    pipe.close()
    if _is_open(writing):
        os.close(writing)


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def test_nothing_comes_in_time(ends: tuple[WakePipe, int]) -> None:
    assert ends[0].wait(0) == "timeout"
    assert ends[0].wait(0.01) == "timeout"


def test_wake_ups_that_wait_count_as_one(ends: tuple[WakePipe, int]) -> None:
    pipe, writing = ends
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:  # as many as the pipe holds
            os.write(writing, b"\n" * 1000)
    assert pipe.wait() == "wake"
    assert pipe.wait(0) == "timeout"


def test_a_wake_up_before_the_end_comes_first_and_the_end_stays(ends: tuple[WakePipe, int]) -> None:
    pipe, writing = ends
    os.write(writing, b"\n")
    os.close(writing)
    assert [pipe.wait(), pipe.wait(), pipe.wait(0)] == ["wake", "gone", "gone"]


def test_the_listener_tells_of_wake_ups_and_once_of_the_end(ends: tuple[WakePipe, int]) -> None:
    pipe, writing = ends
    woken, gone = threading.Semaphore(0), threading.Semaphore(0)
    thread = pipe.listen(woken.release, gone.release)
    for _ in range(3):
        os.write(writing, b"\n")
        assert woken.acquire(timeout=5)
    assert not gone.acquire(blocking=False)
    os.close(writing)
    assert gone.acquire(timeout=5)
    thread.join(5)
    assert thread.daemon
    assert not thread.is_alive()
    assert not gone.acquire(blocking=False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_fails_counts_as_the_end(ends: tuple[WakePipe, int]) -> None:
    pipe, writing = ends
    gone = threading.Event()

    def fail() -> None:
        raise RuntimeError("the child is broken")

    thread = pipe.listen(fail, gone.set)
    os.write(writing, b"\n")
    assert gone.wait(5)
    thread.join(5)


def test_on_standard_input_nobody_else_can_read_a_wake_up_away() -> None:
    script = """
import subprocess, sys
from voc.process.pipe import WakePipe
pipe = WakePipe()
own = subprocess.run(["cat"], stdout=subprocess.PIPE)
print(own.stdout, sys.stdin.read() == "", pipe.wait(), pipe.wait())
"""
    done = subprocess.run([sys.executable, "-c", script], input=b"\n", capture_output=True, check=True, timeout=20)
    assert done.stdout == b"b'' True wake gone\n"


def test_a_word_is_heard_besides_the_wake_up() -> None:
    reading, writing = os.pipe()
    heard: list[str] = []
    gone = threading.Event()
    thread = WakePipe(reading).listen(lambda: heard.append("wake"), gone.set, lambda: heard.append("word"))
    os.close(reading)
    for piece, expected in ((b"\n", ["wake"]), (b"\np\n", ["wake", "word", "wake"])):
        os.write(writing, piece)
        deadline = time.monotonic() + 5
        while heard != expected and time.monotonic() < deadline:
            time.sleep(0.005)
        assert heard == expected
    os.close(writing)
    assert gone.wait(5)
    thread.join(5)
