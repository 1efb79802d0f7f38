"""The limited child: what it may use, what happens when it takes more, and that none is ever left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voc.process.limited import MB, LimitedChild, Limits, Pool, Unable

HERE = str(Path(__file__).parent)
ROOT = str(Path(__file__).parents[3])
QUICK = Limits(memory=200 * MB, cpu=0.5, wall=5.0, questions=3, large=MB, reply=10 * MB)


@pytest.fixture
def child() -> Iterator[LimitedChild]:
    """A child that does what it is told."""
    found = LimitedChild("naughty_child", limits=QUICK, folders=(ROOT, HERE))
    yield found
    found.close()


def test_it_answers_and_stays(child: LimitedChild) -> None:
    assert child.pid is None
    assert child.ask(b"echo ", b"hola") == b"echo hola"
    first = child.pid
    assert first is not None
    assert child.ask(b"echo") == b"echo"
    assert child.pid == first


def test_large_questions_and_answers_pass_both_ways_at_once(child: LimitedChild) -> None:
    large = b"echo " + os.urandom(3 * MB)
    assert child.ask(large) == large
    # It held a lot of memory: the next question meets a fresh one.
    assert child.pid is None


def test_it_is_replaced_after_so_many_questions(child: LimitedChild) -> None:
    seen = set()
    for _ in range(6):
        child.ask(b"echo")
        seen.add(child.pid)
    assert len(seen - {None}) == 2


def test_computing_too_long_ends_it(child: LimitedChild) -> None:
    with pytest.raises(Unable, match=r"took more than 0\.5 seconds of computing"):
        child.ask(b"burn")
    with pytest.raises(Unable, match=r"took more than 0\.2 seconds of computing"):
        child.ask(b"burn", cpu=0.2)
    assert child.ask(b"echo") == b"echo"


def test_taking_too_long_ends_it(alive: Callable[[int], bool]) -> None:
    child = LimitedChild("naughty_child", limits=Limits(wall=1.0), folders=(ROOT, HERE))
    assert child.ask(b"echo") == b"echo"
    pid = child.pid
    with pytest.raises(Unable, match="took more than 1 seconds"):
        child.ask(b"sleep")
    assert pid is not None
    assert not alive(pid)
    child.close()


def test_taking_too_much_memory_ends_it(child: LimitedChild) -> None:
    with pytest.raises(Unable, match="needed more than 200 MB of memory"):
        child.ask(b"eat", cpu=10)
    assert child.ask(b"echo") == b"echo"


def test_it_writes_no_file_and_opens_few(child: LimitedChild) -> None:
    assert child.ask(b"write") == b"OSError"
    assert int(child.ask(b"open")) <= 16


def test_an_answer_that_is_too_long_is_not_waited_for(child: LimitedChild) -> None:
    with pytest.raises(Unable, match="too large"):
        child.ask(b"lie")
    assert child.ask(b"echo") == b"echo"


def test_one_that_was_killed_between_two_questions_is_replaced(child: LimitedChild) -> None:
    child.ask(b"echo")
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.ask(b"echo") == b"echo"


def test_a_failing_one_says_so(child: LimitedChild) -> None:
    with pytest.raises(Unable, match="failed"):
        child.ask(b"nonsense")
    with pytest.raises(Unable, match="failed"):
        LimitedChild("there_is_no_such_module", limits=QUICK, folders=(ROOT, HERE)).ask(b"echo")


@pytest.mark.parametrize("doing", ["echo", "burn"])
def test_it_dies_with_its_parent(doing: str, alive: Callable[[int], bool], eventually: Callable[..., None]) -> None:
    """Idle it meets the end of file; at work its own limit of computing time ends it."""
    code = (
        "import os, sys, threading\n"
        "from voc.process.limited import LimitedChild, Limits\n"
        f"child = LimitedChild('naughty_child', limits=Limits(cpu=1.0), folders=({ROOT!r}, {HERE!r}))\n"
        "child.ask(b'echo')\n"
        f"threading.Thread(target=lambda: child.ask(b'{doing}'), daemon=True).start()\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    parent.communicate(timeout=10)
    eventually(lambda: not alive(pid))


def test_a_pool_serves_many_threads_with_few_children() -> None:
    pool = Pool("naughty_child", size=2, limits=Limits(), folders=(ROOT, HERE))
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda number=number: answers.append(pool.ask(b"echo %d" % number)))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(answers) == sorted(b"echo %d" % number for number in range(12))
    assert len(pool._idle) <= 2
    pool.close()


def test_a_closed_pool_leaves_nobody_behind(alive: Callable[[int], bool]) -> None:
    pool = Pool("naughty_child", size=2, limits=Limits(), folders=(ROOT, HERE))
    pool.ask(b"echo")
    (child,) = pool._idle
    pid = child.pid
    pool.close()
    assert pid is not None
    assert not alive(pid)


def test_a_full_pool_does_not_wait_for_ever() -> None:
    pool = Pool("naughty_child", size=1, limits=Limits(wall=1.0), folders=(ROOT, HERE))
    told: list[str] = []

    def ask() -> None:
        try:
            pool.ask(b"sleep")
        except Unable as error:
            told.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(told) == 3
    pool.close()
