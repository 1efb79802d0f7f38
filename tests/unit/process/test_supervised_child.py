"""A child on a pipe, with real processes: woken, restarted, ended, and never left behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voc.process.child import SupervisedChild

# Writes its process id into the file of argv[1] for each wake-up, and "end" when its parent is gone.
_CHILD = """
import os, sys, threading
from voc.process.pipe import WakePipe
out = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
over = threading.Event()
WakePipe().listen(lambda: os.write(out, b"woken %d\\n" % os.getpid()), over.set)
os.write(out, b"ready %d\\n" % os.getpid())
over.wait()
os.write(out, b"end %d\\n" % os.getpid())
"""
_DEAF = """
import os, sys, time
os.write(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), b"ready 1\\n")
time.sleep(60)
"""
_STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
os.write(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), b"ready %d\\n" % own.pid)
time.sleep(60)
"""
_PARENT = """
import os, sys, time
from voc.process.child import SupervisedChild
child = SupervisedChild([sys.executable, *sys.argv[1:]], env=os.environ)
child.start()
time.sleep(60)
"""

Maker = Callable[..., SupervisedChild]


class Log:
    """What a child wrote: pairs of a word and a number."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[tuple[str, int]]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [(word, int(number)) for word, number in (line.split() for line in lines)]

    def of(self, word: str) -> list[int]:
        return [number for said, number in self.read() if said == word]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """The file that the children of a test write."""
    return Log(tmp_path / "log")


@pytest.fixture
def make(log: Log) -> Iterator[Maker]:
    """Makes supervised children; none outlives the test."""
    made: list[SupervisedChild] = []

    def maker(script: str, on_event: Callable[[str], None] | None = None) -> SupervisedChild:
        argv = [sys.executable, "-c", script, str(log.path)]
        made.append(SupervisedChild(argv, env=os.environ, on_event=on_event))
        return made[-1]

    yield maker
    for child in made:
        child.stop(0.0)


def test_a_wake_up_arrives_and_the_end_of_the_pipe_ends_it(
    make: Maker, log: Log, eventually: Callable[..., None], alive: Callable[[int], bool]
) -> None:
    child = make(_CHILD)
    assert child.pid is None
    child.start()
    pid = child.pid
    assert pid is not None
    eventually(lambda: log.of("ready") == [pid])
    for count in range(1, 4):
        child.wake()
        eventually(lambda count=count: log.of("woken") == [pid] * count)
    assert child.stop(8.0) == 0
    assert log.of("end") == [pid]
    assert child.pid is None
    assert not alive(pid)
    assert child.stop(8.0) == 0


def test_a_killed_child_is_replaced_and_the_new_one_hears_wake_ups(
    make: Maker, log: Log, eventually: Callable[..., None]
) -> None:
    events: queue.Queue[str] = queue.Queue()
    child = make(_CHILD, events.put)
    child.start()
    first = child.pid
    assert first is not None
    eventually(lambda: log.of("ready") == [first])
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(log.of("ready")) == 2)
    second = child.pid
    assert log.of("ready") == [first, second]
    child.wake()
    eventually(lambda: log.of("woken") == [second])
    assert child.stop(8.0) == 0
    texts = list(events.queue)
    assert texts[0] == f"process {first} started"
    assert "SIGKILL" in texts[1]
    assert texts[1].endswith("next start in 0.1 s")
    assert texts[2] == f"process {second} started"
    assert "exit status 0" in texts[3]


def test_a_child_that_keeps_dying_is_restarted_more_and_more_slowly(
    make: Maker, eventually: Callable[..., None]
) -> None:
    moments: list[tuple[float, str]] = []
    child = make("raise SystemExit(3)", lambda text: moments.append((time.monotonic(), text)))
    child.start()
    starts: Callable[[], list[float]] = lambda: [at for at, text in moments if text.endswith("started")]  # noqa: E731
    eventually(lambda: len(starts()) == 4)
    child.stop(2.0)
    ends = [at for at, text in moments if "exit status 3" in text]
    waits = [begun - ended for ended, begun in zip(ends, starts()[1:], strict=False)]
    for wait, least in zip(waits, (0.1, 0.2, 0.4), strict=False):
        assert wait >= least


def test_stopping_while_it_waits_to_restart_is_immediate(make: Maker, eventually: Callable[..., None]) -> None:
    events: list[str] = []
    child = make("raise SystemExit(3)", events.append)
    child.start()
    eventually(lambda: any("next start in 0.8 s" in text for text in events))
    began = time.monotonic()
    assert child.stop(5.0) == 3
    assert time.monotonic() - began < 0.7
    started = len([text for text in events if text.endswith("started")])
    assert started == 4


def test_one_that_ignores_everything_is_killed_with_what_it_started(
    make: Maker, log: Log, eventually: Callable[..., None], alive: Callable[[int], bool]
) -> None:
    child = make(_STUBBORN)
    child.start()
    pid = child.pid
    assert pid is not None
    eventually(lambda: log.of("ready"))
    began = time.monotonic()
    assert child.stop(0.6) == -signal.SIGKILL
    assert 0.5 < time.monotonic() - began < 3.0
    eventually(lambda: not alive(log.of("ready")[0]))
    assert not alive(pid)


def test_what_a_killed_child_had_started_is_killed_too(
    make: Maker, log: Log, eventually: Callable[..., None], alive: Callable[[int], bool]
) -> None:
    child = make(_STUBBORN)
    child.start()
    eventually(lambda: log.of("ready"))
    [own] = log.of("ready")
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: not alive(own))


def test_sigterm_comes_before_the_end_of_the_deadline(make: Maker, log: Log, eventually: Callable[..., None]) -> None:
    child = make(_DEAF)
    child.start()
    eventually(lambda: log.of("ready"))
    assert child.stop(1.0) == -signal.SIGTERM


def test_waking_never_blocks_or_raises(make: Maker, eventually: Callable[..., None]) -> None:
    child = make("import time; time.sleep(60)")  # reads nothing: its pipe fills up
    child.wake()  # before the start
    child.start()
    began = time.monotonic()

    def wake_often() -> None:
        for _ in range(30_000):
            child.wake()

    threads = [threading.Thread(target=wake_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert time.monotonic() - began < 10
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    for _ in range(1000):  # into a broken pipe, and into none
        child.wake()
    eventually(lambda: child.pid not in (pid, None))
    child.stop(0.2)
    child.wake()


def test_a_wake_up_before_there_is_a_child_is_given_to_it(
    make: Maker, log: Log, eventually: Callable[..., None]
) -> None:
    child = make(_CHILD)
    child.wake()
    child.start()
    eventually(lambda: log.of("woken") == [child.pid])


def test_the_child_leads_a_session_of_its_own(make: Maker) -> None:
    child = make("import time; time.sleep(60)")
    child.start()
    assert child.pid is not None
    assert os.getsid(child.pid) == os.getpgid(child.pid) == child.pid != os.getsid(0)


def test_a_program_that_does_not_exist_fails_at_the_start() -> None:
    child = SupervisedChild(["/nonexistent/program"], env={})
    with pytest.raises(FileNotFoundError):
        child.start()
    assert child.stop(1.0) is None
    with pytest.raises(RuntimeError):
        child.start()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_is_left_when_its_parent_is_killed(
    log: Log, eventually: Callable[..., None], alive: Callable[[int], bool], number: signal.Signals
) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, "-c", _CHILD, str(log.path)])
    try:
        eventually(lambda: log.of("ready"))
        [pid] = log.of("ready")
        assert alive(pid)
        parent.send_signal(number)
        assert parent.wait(5) == -number
        eventually(lambda: not alive(pid))
        assert log.read() == [("ready", pid), ("end", pid)]
    finally:
        parent.kill()
        parent.wait()
