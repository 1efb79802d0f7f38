"""The demo, on both databases: a believable house, filled once however often it is started or interrupted."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from voc.core.errors import Busy
from voc.core.settings import load
from voc.core.vocabulary import CaseState, MessageState, ObligationState, Stance
from voc.intake.queries import form_channel
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import (
    Case,
    CaseEvent,
    Channel,
    DeliveryKey,
    Escalation,
    Feedback,
    House,
    Judgement,
    Message,
    Note,
    Obligation,
    Receipt,
    Team,
    TeamMember,
    User,
    Work,
)
from voc.pipeline.reconcile import reconcile
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.runtime.demo import loader
from voc.runtime.demo.data import read_demo
from voc.runtime.demo.loader import fill_demo
from voc.runtime.instance import open_instance
from voc.security import queries as people

TABLES = (
    Receipt, DeliveryKey, Feedback, Case, CaseEvent, Obligation, Judgement, Message, Note, User, Team, TeamMember,
    Channel, Escalation,
)  # fmt: skip


@contextmanager
def working(runtime: Runtime) -> Iterator[Engine]:
    """The worker's engine at work beside the loader, as in `voc serve`."""
    found = Engine(runtime, worker="test")
    runtime.wake = found.wake
    thread = threading.Thread(target=found.run)
    thread.start()
    try:
        yield found
    finally:
        found.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture
def engine(runtime: Runtime) -> Iterator[Engine]:
    with working(runtime) as found:
        yield found


def counts(runtime: Runtime) -> dict[str, int]:
    """Rows of every table that the demo writes."""
    with runtime.db.reading() as session:
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        }


def test_demo_is_a_believable_house(runtime: Runtime, engine: Engine) -> None:
    demo = read_demo()
    fill_demo(runtime, threading.Event())
    engine.stop()
    now = runtime.clock()
    with runtime.db.reading() as session:
        house = session.get_one(House, 1)
        feedback = session.scalars(select(Feedback)).all()
        cases = session.scalars(select(Case)).all()
        promises = Counter(session.scalars(select(Obligation.state)))
        messages = session.scalars(select(Message)).all()
        judging = session.scalars(select(Judgement)).all()
        told = session.scalars(select(Escalation)).all()
        notes = session.scalars(select(Note)).all()
        kinds = session.scalars(select(Work.kind)).all()
    assert (house.name, house.short_name, house.language) == ("Almacenes Aurora", "Aurora", "es")
    assert (house.demo_done, house.demo_total) == (demo.total, demo.total)
    assert len(feedback) == len(demo.voices)
    assert {item.stance for item in feedback} == set(Stance)
    assert all(item.processed_at is not None for item in feedback)
    assert [f.score for f in feedback if f.score == 0], "an answered 0 stays 0"
    assert sum(f.score is None for f in feedback) == sum(v.score is None for v in demo.voices)
    assert {case.state for case in cases} == {CaseState.OPEN, CaseState.RESOLVED}
    assert promises[ObligationState.MET] == len(demo.replies)
    assert promises[ObligationState.WAIVED] == len(demo.waivers)
    assert promises[ObligationState.OPEN] >= 5
    assert any(case.next_due_at and case.next_due_at < now for case in cases), "somebody waits too long"
    assert any(case.next_due_at and case.next_due_at > now for case in cases)
    open_cases = [case for case in cases if case.state is CaseState.OPEN]
    assert any(case.owner_id is None for case in open_cases)
    assert any(case.owner_id and not case.first_answered_at for case in open_cases)
    assert len({case.team_id for case in cases}) == 3
    assert sum(item.decided_at is None for item in judging) >= 4
    assert len(messages) == len(demo.replies)
    assert {message.state for message in messages} == {MessageState.SENT}
    assert all(message.attempts == 0 for message in messages), "no answer of the demo leaves the house"
    assert "delivery.send" not in kinds
    assert len(notes) == sum(bool(reply.note) for reply in demo.replies)
    assert all(item.created_at == item.due_at for item in told), "each lead was told when it happened"
    assert all(case.opened_at < now - timedelta(minutes=10) for case in cases)
    assert reconcile(runtime, now).total == 0
    assert verify(runtime, now=now).ok


def test_twice_is_once(runtime: Runtime, engine: Engine) -> None:
    fill_demo(runtime, threading.Event())
    before = counts(runtime)
    fill_demo(runtime, threading.Event())
    assert counts(runtime) == before
    with runtime.db.reading() as session:
        admin = people.first_admin(session)
        assert admin is not None
        assert admin.email == "admin@localhost", "the first administrator stays"
        for slug in ("aurora", "entrega"):
            form = form_channel(session, slug)
            assert form is not None
            assert form.form["languages"] == ["es", "pt", "en"]
        assert session.scalars(select(Channel.health)).all() == ["ok"] * 3
        assert not session.scalars(select(User).where(User.password.is_not(None))).all()


@pytest.fixture(scope="module")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Counts of a demo that was never interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "instance"
    shutil.copytree(sqlite_template, folder)
    at = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    runtime = open_instance(load({}, instance=folder), create=False, clock=lambda: at)
    with working(runtime):
        fill_demo(runtime, threading.Event())
    found = counts(runtime)
    runtime.close()
    return found


@pytest.mark.slow
def test_interrupted_anywhere_it_goes_on(
    runtime: Runtime, engine: Engine, whole: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader dies right after a step was written, a little later each time, and is started again."""
    patiently: Callable[..., object] = loader._patiently
    runs, steps = 0, 0

    class Died(Exception):
        pass

    def deadly(*arguments: object) -> object:
        nonlocal steps
        result = patiently(*arguments)
        steps += 1
        if steps == 4 * runs:
            raise Died
        return result

    monkeypatch.setattr(loader, "_patiently", deadly)
    for runs in range(1, 30):  # noqa: B007
        steps = 0
        try:
            fill_demo(runtime, threading.Event())
            break
        except Died:
            continue
    assert 4 < runs < 29
    assert counts(runtime) == whole


@pytest.mark.slow
def test_stopped_it_ends_and_goes_on(runtime: Runtime, engine: Engine, whole: dict[str, int]) -> None:
    for after in (2, 5):
        stop, seen = threading.Event(), 0

        def wake(stop: threading.Event = stop, after: int = after) -> None:
            nonlocal seen
            engine.wake()
            seen += 1
            if seen == after:
                stop.set()

        runtime.wake = wake
        fill_demo(runtime, stop)
        with runtime.db.reading() as session:
            house = session.get_one(House, 1)
        assert house.demo_done is not None
        assert house.demo_total is not None
        assert house.demo_done < house.demo_total
    runtime.wake = engine.wake
    fill_demo(runtime, threading.Event())
    assert counts(runtime) == whole


def test_somebodys_own_house_is_left_alone(runtime: Runtime, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with runtime.db.reading() as session:
        form = form_channel(session, "feedback")
    assert form is not None
    submit(
        runtime.writer, runtime.keys, channel_id=form.id, submission_id="own", form_version=form.form_version,
        language="es", values={"text": "Malo"}, now=runtime.clock(),
    )  # fmt: skip
    before = counts(runtime)
    fill_demo(runtime, threading.Event())
    after = counts(runtime)
    assert (after["receipt"], after["user"], after["channel"]) == (1, before["user"], before["channel"])
    assert "leaves it alone" in caplog.text


def test_busy_database_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries = threading.Event(), 0
    monkeypatch.setattr(stop, "wait", lambda _seconds: False)

    def busy() -> str:
        nonlocal tries
        tries += 1
        if tries < 5:
            raise Busy
        return "done"

    assert loader._patiently(stop, busy) == "done"
