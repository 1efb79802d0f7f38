"""A gallery of bad plugins in processes of their own: each fault is named, hurts nobody, and the next call works."""

from __future__ import annotations

import os
from typing import Any

import psutil
import pytest

from voc.core.vocabulary import ReceiptState

FORK = "if os.fork() == 0:\n    time.sleep(600)"

# What the plugin does while it reads -> what the operator reads.
ENDS = {
    "exits": ("os._exit(3)", "its process ended by itself with exit status 3"),
    "is_killed": ("import signal; os.kill(os.getpid(), signal.SIGSEGV)", "its process was ended by SIGSEGV"),
    "sleeps": ("time.sleep(600)", "did not answer within 3 seconds"),
    "computes": ("while True: pass", "did not answer within 3 seconds"),
    "catastrophic_regex": ("import re; re.match('(a+)+b', 'a' * 60)", "did not answer within 3 seconds"),
    "blocks_signals": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\ntime.sleep(600)",
        "did not answer within 3 seconds",
    ),
    "leaks": ("held = bytearray(1 << 30)", "needed more than 512 MB of memory"),
    "forks_and_hangs": (FORK + "\ntime.sleep(600)", "did not answer within 3 seconds"),
    "talks_without_end": (
        "while True:\n    view.text_of_html('<p>x</p>')",
        "did not answer within 3 seconds",
    ),
    "writes_into_the_pipe": (
        "for pipe in range(3, 100):\n    try: os.write(pipe, b'\\xff' * 64)\n    except OSError: pass",
        "said what cannot be understood",
    ),
}

# Each of them is waited for four times; others that must be ended stand for them where it must be quick.
PATIENT = ("sleeps", "computes", "catastrophic_regex", "blocks_signals", "forks_and_hangs", "talks_without_end")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in PATIENT else name for name in ENDS]
)
def test_one_that_ends_or_hangs_is_counted_and_followed_by_a_fresh_one(yard: Any, clock: Any, name: str) -> None:
    do, reason = ENDS[name]
    bad = yard.say(do=do)
    for _ in range(5):
        yard.work()
        clock.forward(minutes=10)
    state, found = yard.state(bad)
    assert state is ReceiptState.QUARANTINED
    assert found.startswith(f"plugin board: {reason}")
    tally, processes, _ = yard.runtime.host.figures()["board"]
    assert tally.timeouts + tally.crashes == 4
    assert processes is not None
    assert (processes.ended, processes.crashes) == (tally.timeouts, tally.crashes)
    assert any(reason in what for _, what in tally.errors)
    # Not one that was ended is alive, nor what it forked.
    assert yard.children() == set()
    assert yard.settle(yard.say(), clock) is ReceiptState.READ


SURVIVED = {
    "floods_output": "print('x' * 80_000_000)",
    "reads_its_input": "import sys; assert sys.stdin.read() == ''",
    "changes_folder": "os.chdir('/tmp')",
    "monkeypatches": "import json; json.dumps = None; open = None; threading.Thread = None",
    "forks": "os.fork()",
    "starts_threads": "for _ in range(20): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    "prints_after_closing": "os.close(1); os.close(2)",
    "sees_no_environment": "assert not [name for name in os.environ if name.startswith('VOC_')]",
    "exits_in_words": "import atexit; atexit.register(os._exit, 9)",
}


@pytest.mark.parametrize("name", SURVIVED)
def test_one_that_misbehaves_without_ending_hurts_only_itself(yard: Any, name: str) -> None:
    here, environment = os.getcwd(), dict(os.environ)
    odd = yard.say(do=SURVIVED[name])
    yard.work()
    assert yard.state(odd) == (ReceiptState.READ, "")
    assert (os.getcwd(), dict(os.environ)) == (here, environment)
    yard.runtime.host.close()
    assert yard.children() == set()


REFUSED = {
    "raises": ("raise KeyError('vendor_ref')", "KeyError: 'vendor_ref'"),
    "exits_softly": ("raise SystemExit(3)", "SystemExit: 3"),
    "returns_a_stranger": ("item = object()", "returned object, which means nothing here"),
    "returns_a_class": ("item = Inbound", "returned type, which means nothing here"),
    "returns_too_much": (
        "item = Inbound(external_id='1', text='x' * 40_000_000)",
        "is longer than it may be",
    ),
    "nests": (
        "deep = []\nfor _ in range(50_000): deep = [deep]\nitem = Inbound('1', 'x', facts={'a': deep})",
        "nested",
    ),
    "writes_a_huge_file": (
        "import tempfile\nfile = tempfile.TemporaryFile()\nfor _ in range(64): file.write(b'x' * (1 << 20))",
        "File too large",
    ),
    "opens_everything": ("held = [open('/dev/null') for _ in range(1000)]", "Too many open files"),
    "asks_for_a_store": ("view.parsers.get('x')", "this is not there in this call"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_quarantined_with_its_reason(yard: Any, name: str) -> None:
    do, reason = REFUSED[name]
    bad = yard.say(do=do)
    yard.work()
    state, found = yard.state(bad)
    assert state is ReceiptState.QUARANTINED
    assert reason in found
    good = yard.say()
    yard.work()
    assert yard.state(good)[0] is ReceiptState.READ


def test_one_that_dies_between_two_calls_costs_neither(yard: Any) -> None:
    others = {process.pid for process in psutil.Process().children()}
    first = yard.say(do="threading.Timer(0.3, os._exit, args=(7,)).start()")
    yard.work()
    processes = yard.runtime.host.figures()["board"][1]
    before = processes.starts
    (child,) = {process.pid for process in psutil.Process().children()} - others
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    second = yard.say()
    yard.work()
    assert [yard.state(item)[0] for item in (first, second)] == [ReceiptState.READ] * 2
    assert (processes.crashes, processes.starts) == (1, before + 1)
