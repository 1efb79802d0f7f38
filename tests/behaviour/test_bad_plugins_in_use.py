"""A plugin that raises, hangs or lies while it is in use: its receipts wait in quarantine, everybody else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from voc.core.errors import Conflict
from voc.core.settings import Settings
from voc.core.vocabulary import ReceiptState, WorkState
from voc.intake import queries
from voc.intake.channels import add_channel
from voc.intake.incoming import Accepted
from voc.intake.replay import replay
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import Channel, Feedback, Receipt, Work
from voc.plugin_host.guard import MAX_STUCK
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security.access import SYSTEM

# A minimal channel that does what the submission asks for: `items` is Python for what `read` returns.
BOARD = """\
import threading
from datetime import datetime
from voc.plugin import Author, Channel, Field, Form, Ignored, Inbound, Robot, hookimpl

class Board(Channel):
    kind = "board"

    def read(self, view, raw):
        said = view.json(raw)["values"]
        if said.get("do") == "raise":
            raise ValueError("there is no field vendor_ref in it")
        if said.get("do") == "hang":
            threading.Event().wait(20)
        yield from eval(said.get("items", "[Inbound(external_id=said['ref'], text=said['text'])]"))

@hookimpl
def voc_channels():
    return [Board]
"""
MANIFEST = 'name = "board"\ncontract = 1\nkinds = ["board"]\n'
LIMIT = 1.0

Open = Callable[..., Runtime]


@pytest.fixture
def instance(settings: Settings) -> Path:
    """The instance folder with the plugin `board` dropped in."""
    write(settings.instance, BOARD)
    return settings.instance


def write(instance: Path, code: str) -> None:
    folder = instance / "plugins" / "board"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "__init__.py").write_text(code, encoding="utf-8")


# For what waits again and again until a limit is over.
WORKER_FIRST = pytest.mark.parametrize(
    "mode", ["worker", pytest.param("process", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture(params=["worker", "process"])
def mode(request: pytest.FixtureRequest) -> str:
    """Where the plugin runs, in turn."""
    found: str = request.param
    return found


@pytest.fixture
def start(settings: Settings, instance: Path, clock: Any, mode: str) -> Iterator[Open]:
    """Start the house over the instance, as after a restart."""
    running: list[Runtime] = []

    def opened() -> Runtime:
        while running:
            running.pop().close()
        here = ("*",) if mode == "worker" else ()
        changed = replace(settings, plugin_seconds=LIMIT, plugins_in_worker=here)
        running.append(open_instance(changed, create=False, clock=clock))
        return running[0]

    yield opened
    for runtime in running:
        runtime.close()


@pytest.fixture
def house(start: Open) -> Runtime:
    """A running house with one channel of kind `board`."""
    runtime = start()
    with runtime.db.writing() as session:
        add_channel(session, runtime.host, kind="board", name="Board", slug="board", options={}, now=runtime.clock())
    return runtime


def say(runtime: Runtime, number: int, slug: str = "board", **values: Any) -> Accepted:
    """Send one submission through a channel."""
    with runtime.db.reading() as session:
        channel = queries.channel_by_slug(session, slug)
    assert channel is not None
    return submit(
        runtime.writer,
        runtime.keys,
        channel_id=channel.id,
        submission_id=f"page-{number}",
        form_version=1,
        language="es",
        values={"ref": f"r{number}", "text": f"Malo {number}", **values},
        now=runtime.clock(),
    )


def work(runtime: Runtime) -> None:
    """Do everything that is due now."""
    engine = Engine(runtime, worker="test")
    engine.drain("flow")
    # What took too long is tried again where it holds nobody up.
    engine.drain("door")


def state(runtime: Runtime, accepted: Accepted) -> tuple[ReceiptState, str]:
    with runtime.db.reading() as session:
        receipt = queries.receipt_by_id(session, accepted.receipt_id)
        return receipt.state, receipt.reason or ""


def feedback(runtime: Runtime) -> Mapping[str, UUID]:
    """Ids of all feedback by text."""
    with runtime.db.reading() as session:
        return {item.text or "": item.id for item in session.scalars(select(Feedback))}


def test_one_that_raises_stops_nobody(house: Runtime) -> None:
    bad = say(house, 1, do="raise")
    others = [say(house, 2), say(house, 3, slug="feedback", text="Malo por el formulario")]
    work(house)
    found, reason = state(house, bad)
    assert found is ReceiptState.QUARANTINED
    assert reason == "plugin board: ValueError: there is no field vendor_ref in it"
    assert [state(house, item)[0] for item in others] == [ReceiptState.READ] * 2
    assert set(feedback(house)) == {"Malo 2", "Malo por el formulario"}
    with house.db.reading() as session:
        assert [(row.id, row.reason) for row in queries.quarantined_receipts(session)] == [(bad.receipt_id, reason)]


LIES = {
    "nothing": "[]",
    "no_item": "[said]",
    "a_class": "[Inbound]",
    "neither": "[Inbound(external_id='1')]",
    "no_identity": "[Inbound(external_id='', text='x')]",
    "number_as_identity": "[Inbound(external_id=7, text='x')]",
    "half_an_identity": "[Inbound(external_id='\\ud800', text='x')]",
    "text_is_bytes": "[Inbound(external_id='1', text=b'x')]",
    "metric_alone": "[Inbound(external_id='1', text='x', metric='nps')]",
    "score_alone": "[Inbound(external_id='1', text='x', score=3)]",
    "unknown_metric": "[Inbound(external_id='1', metric='mood', score=3)]",
    "metric_is_a_list": "[Inbound(external_id='1', metric=['nps'], score=3)]",
    "above_the_scale": "[Inbound(external_id='1', metric='nps', score=11)]",
    "below_the_scale": "[Inbound(external_id='1', metric='stars', score=0)]",
    "rounded": "[Inbound(external_id='1', metric='nps', score=8.5)]",
    "true_is_no_score": "[Inbound(external_id='1', metric='nps', score=True)]",
    "huge": "[Inbound(external_id='1', metric='nps', score=10**30)]",
    "naive": "[Inbound(external_id='1', text='x', sent_at=datetime(2026, 3, 4))]",
    "time_is_text": "[Inbound(external_id='1', text='x', sent_at='yesterday')]",
    "author_is_text": "[Inbound(external_id='1', text='x', author='Ana')]",
    "email_is_a_list": "[Inbound(external_id='1', text='x', author=Author(email=['a@example.com']))]",
    "language_is_a_number": "[Inbound(external_id='1', text='x', language=5)]",
    "consent_is_text": "[Inbound(external_id='1', text='x', consent='maybe')]",
    "facts_are_text": "[Inbound(external_id='1', text='x', facts='x')]",
    "facts_cannot_be_kept": "[Inbound(external_id='1', text='x', facts={'when': datetime(2026, 3, 4)})]",
    "a_good_one_and_a_lie": "[Inbound(external_id='1', text='x'), Inbound(external_id='2')]",
}


@pytest.mark.parametrize("name", LIES)
def test_lies_are_quarantined_with_a_reason(house: Runtime, name: str) -> None:
    bad = say(house, 1, items=LIES[name])
    good = say(house, 2)
    work(house)
    found, reason = state(house, bad)
    assert found is ReceiptState.QUARANTINED
    assert "board" in reason
    assert state(house, good)[0] is ReceiptState.READ
    assert set(feedback(house)) == {"Malo 2"}


def test_robots_and_ignored_are_kept_with_their_reason(house: Runtime) -> None:
    robot, ignored = say(house, 1, items="[Robot('out of office')]"), say(house, 2, items="[Ignored('a receipt')]")
    work(house)
    assert state(house, robot) == (ReceiptState.ROBOT, "out of office")
    assert state(house, ignored) == (ReceiptState.IGNORED, "a receipt")
    assert feedback(house) == {}


@WORKER_FIRST
def test_one_that_hangs_is_given_up_tried_again_and_quarantined(house: Runtime, clock: Any, mode: str) -> None:
    bad = say(house, 1, do="hang")
    work(house)
    assert house.host.guard.stuck == (1 if mode == "worker" else 0)
    assert state(house, bad)[0] is ReceiptState.STORED
    with house.db.reading() as session:
        assert session.scalars(select(Work.lane).where(Work.subject_id == bad.receipt_id)).one() == "door"
    other = say(house, 2, slug="feedback", text="Malo por el formulario")
    for _ in range(6):
        clock.forward(minutes=10)
        work(house)
    found, reason = state(house, bad)
    assert found is ReceiptState.QUARANTINED
    assert reason == "plugin board: did not answer within 1 seconds"
    assert state(house, other)[0] is ReceiptState.READ
    # In the worker the calls never came back: it asks to be replaced. A process of its own was ended each time.
    tally, processes, living = house.host.figures()["board"]
    assert tally.timeouts == MAX_STUCK
    assert house.host.guard.exhausted == (mode == "worker")
    assert tally.stuck == (MAX_STUCK if mode == "worker" else 0)
    assert (processes.ended if processes else 0, living) == (MAX_STUCK if mode == "process" else 0, 0)


@WORKER_FIRST
def test_breaker_pauses_a_plugin_that_hangs_and_loses_nothing(house: Runtime, mode: str) -> None:
    said = [say(house, number, do="hang") for number in range(6)]
    work(house)
    tally = house.host.guard.tallies["board"]
    assert (tally.timeouts, tally.stuck, tally.state()) == (5, 5 if mode == "worker" else 0, "open")
    innocent = say(house, 9)
    other = say(house, 10, slug="feedback", text="Malo por el formulario")
    work(house)
    assert state(house, other)[0] is ReceiptState.READ
    assert tally.timeouts == 5
    assert state(house, innocent)[0] is ReceiptState.STORED
    assert {state(house, item)[0] for item in said} == {ReceiptState.STORED}
    with house.db.reading() as session:
        waiting = session.scalars(select(Work).where(Work.subject_id == innocent.receipt_id)).one()
    assert waiting.state is WorkState.TODO
    assert "is paused after repeated time-outs" in (waiting.error or "")


def test_fixed_plugin_and_replay_give_the_same_identity_once(house: Runtime, start: Open, instance: Path) -> None:
    two = "[Inbound(external_id='a', text='uno'), Inbound(external_id='b', text='dos', metric='nps', score=FIX)]"
    bad = say(house, 1, items=two)
    again = say(house, 2, items="[Inbound(external_id='a', text='uno')]")
    work(house)
    assert "FIX" in state(house, bad)[1]
    before = feedback(house)
    assert set(before) == {"uno"}
    write(instance, BOARD.replace("import threading", "import threading\nFIX = 0"))
    fixed = start()
    with fixed.db.writing() as session:
        replay(session, bad.receipt_id, actor=SYSTEM, now=fixed.clock())
    work(fixed)
    assert state(fixed, bad) == (ReceiptState.READ, "")
    after = feedback(fixed)
    assert set(after) == {"uno", "dos"}
    # The second delivery had brought the same thing under the same name: it was counted once, and still is.
    assert after["uno"] == before["uno"]
    assert state(fixed, again)[0] is ReceiptState.READ
    with pytest.raises(Conflict), fixed.db.writing() as session:
        replay(session, bad.receipt_id, actor=SYSTEM, now=fixed.clock())
    with fixed.db.reading() as session:
        assert session.scalars(select(Feedback.score).where(Feedback.text == "dos")).one() == 0


def test_plugin_that_is_gone_leaves_its_receipts_in_quarantine(house: Runtime, start: Open, instance: Path) -> None:
    waiting = say(house, 1)
    (instance / "plugins" / "board" / "__init__.py").write_text("raise RuntimeError('no licence')", encoding="utf-8")
    without = start()
    work(without)
    assert state(without, waiting) == (ReceiptState.QUARANTINED, "no loaded plugin reads channels of kind board")
    write(instance, BOARD)
    back = start()
    with back.db.writing() as session:
        replay(session, waiting.receipt_id, actor=SYSTEM, now=back.clock())
    work(back)
    assert set(feedback(back)) == {"Malo 1"}


BAD_FORMS = {
    "raises": ("raise OSError('the vendor says no')", "OSError: the vendor says no"),
    "nothing": ("return None", "form() returned no usable Form"),
    "no_fields": ("return Form(title={}, fields=(), submit={}, languages=('es',))", "form() returned no usable Form"),
    "no_words": (
        "return Form(title=5, fields=(Field('a', 'text', 3),), submit={}, languages=('es',))",
        "form() returned no usable Form",
    ),
    "hangs": ("threading.Event().wait(20)", "did not answer within 1 seconds"),
}


@pytest.mark.parametrize("name", BAD_FORMS)
def test_form_that_cannot_be_had_is_the_channels_health(start: Open, instance: Path, name: str) -> None:
    body, reason = BAD_FORMS[name]
    code = BOARD.replace("    def read(", f"    def form(self, view):\n        {body}\n\n    def read(")
    write(instance, code)
    runtime = start()
    with runtime.db.writing() as session:
        add_channel(session, runtime.host, kind="board", name="Board", slug="board", options={}, now=runtime.clock())
    work(runtime)
    with runtime.db.reading() as session:
        channels = {item.slug: item for item in session.scalars(select(Channel))}
        assert queries.form_channel(session, "board") is None
        assert queries.form_channel(session, "feedback") is not None
    assert channels["board"].health == "failing"
    assert reason in (channels["board"].health_text or "")
    assert channels["feedback"].health == "ok"
    good = say(runtime, 1)
    work(runtime)
    assert state(runtime, good)[0] is ReceiptState.READ


def test_raw_body_stays_whatever_the_plugin_did(house: Runtime) -> None:
    bad = say(house, 1, do="raise", text="lo que dijo la persona")
    work(house)
    with house.db.reading() as session:
        receipt = session.get(Receipt, bad.receipt_id)
    assert receipt is not None
    assert receipt.body is not None
    assert json.loads(receipt.body)["values"]["text"] == "lo que dijo la persona"
