"""Bad plugins in a real `voc serve`: what freezes, kills or leaves the worker. Intake goes on, nothing accepted is
lost, the worker is replaced, and no process outlives its parent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from tests.behaviour.isolation.conftest import Yard, drop
from voc.core.vocabulary import ReceiptState
from voc.model import Feedback
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

pytestmark = pytest.mark.slow

REGEX = "import re; re.match('(a+)+b', 'a' * 60)"
# In which mode it runs, what it does while it reads, what the operator reads, how the worker fares.
BAD = {
    "hangs_in_worker": ("board", "time.sleep(600)", "did not answer within 1 seconds", "exit status 75"),
    "freezes_the_worker": ("board", REGEX, "the worker died whenever it tried this", "exit status 1)"),
    "leaves_the_worker": ("board", "os._exit(9)", "the worker died whenever it tried this", "exit status 9"),
    "hangs_apart": ("", "time.sleep(600)", "did not answer within 1 seconds", None),
    "freezes_apart": ("", REGEX, "did not answer within 1 seconds", None),
    "leaves_apart": ("", "os._exit(9)", "its process ended by itself with exit status 9", None),
}


@contextmanager
def beside(house: Any) -> Iterator[Runtime]:
    """The same instance opened from this process, beside the one that serves it."""
    runtime = open_instance(house.settings, create=False)
    try:
        yield runtime
    finally:
        runtime.close()


def plugin_processes(house: Any) -> list[int]:
    """Processes of plugins of this house, and what they forked."""
    place = str(house.settings.instance)
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or ())
        if place in words and "isolated.child" in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


@pytest.mark.parametrize("name", BAD)
def test_intake_goes_on_and_nothing_is_lost(sqlite_house: Any, until: Callable[..., None], name: str) -> None:
    house, (here, do, reason, ending) = sqlite_house, BAD[name]
    drop(house.settings.instance)
    with beside(house) as runtime:
        yard = Yard(runtime)
        house.start(VOC_PLUGINS_IN_WORKER=here, VOC_PLUGIN_SECONDS="1", VOC_WORKER_FROZEN_SECONDS="5")
        bearer = {"Authorization": f"Bearer {house.token('feedback:write')}"}
        bad = yard.say(do=do)
        accepted = 0

        def judged() -> bool:
            nonlocal accepted
            status, _ = house.request("POST", "/api/v1/feedback", {"text": f"Pésimo {accepted}"}, bearer)
            assert status == 201
            accepted += 1
            return bool(yard.state(bad)[0] is ReceiptState.QUARANTINED) or any(
                row.state.value == "quarantined" for row in waiting(runtime, bad)
            )

        until(judged, "the bad one is in quarantine", patience=150)
        words = yard.state(bad)[1] + "".join(row.error or "" for row in waiting(runtime, bad))
        assert reason in words
        until(lambda: settled(runtime) >= accepted, "what was accepted is understood", patience=60)
        if ending is None:
            assert "exit status" not in house.output().replace("exit status 9", "")
            assert house.output().count("started") == 1
        else:
            until(lambda: ending in house.output(), "the worker is replaced", patience=30)
        good = yard.say()
        until(lambda: yard.state(good)[0] is ReceiptState.READ, "the next one is read", patience=60)


def waiting(runtime: Runtime, receipt_id: Any) -> Any:
    """The rows of work about a receipt."""
    from voc.model import Work

    with runtime.db.reading() as session:
        return session.scalars(select(Work).where(Work.subject_id == receipt_id)).all()


def settled(runtime: Runtime) -> int:
    """Feedback that was understood."""
    with runtime.db.reading() as session:
        found = select(func.count()).select_from(Feedback).where(Feedback.processed_at.is_not(None))
        return session.execute(found).scalar_one()


@pytest.mark.parametrize("who", ["web", "worker"])
def test_no_plugin_process_outlives_its_parent(sqlite_house: Any, until: Callable[..., None], who: str) -> None:
    house = sqlite_house
    drop(house.settings.instance)
    with beside(house) as runtime:
        yard = Yard(runtime)
        house.start(VOC_PLUGIN_SECONDS="60")
        # Busy, deaf to signals, and with a copy of itself.
        yard.say(
            do=f"import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nos.fork()\n{REGEX}"
        )
        until(lambda: len(plugin_processes(house)) >= 2, "the plugin and its copy are at it")
        before = plugin_processes(house)
        house.kill_web() if who == "web" else house.kill_worker()
        until(lambda: not set(before) & set(plugin_processes(house)), "they are gone", patience=15)
        if who == "web":
            assert plugin_processes(house) == []
            last = "the server process ended without a word"
            until(lambda: last in house.output(), "the worker says what became of the server")
