"""kill -9 while the worker fetches and while it answers: no letter lost or doubled, no answer sent as two."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.doors.postbox import Box, drop
from voc.cases import queries as cases
from voc.cases.answer import answer
from voc.core.vocabulary import MessageState, ObligationState, RoleName
from voc.intake.channels import add_channel
from voc.model import Case, Feedback, Message, Obligation, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import queries as people
from voc.security import users

pytestmark = pytest.mark.slow

LETTERS = 60
ANSWERS = 40
KILLS = 8


@contextmanager
def beside(house: Any) -> Iterator[Runtime]:
    """The same instance opened from this process, beside the one that serves it."""
    runtime = open_instance(house.settings, create=False)
    try:
        yield runtime
    finally:
        runtime.close()


@pytest.fixture
def box(house: Any, tmp_path: Path) -> Box:
    """A channel whose other side is a folder."""
    drop(house.settings.instance)
    found = Box(tmp_path / "box")
    options = {"folder": str(found.folder), "password": "open-sesame", "poll_seconds": 1}
    with beside(house) as runtime, runtime.db.writing() as session:
        given = {"kind": "postbox", "name": "Post", "slug": "post", "options": options, "now": runtime.clock()}
        add_channel(session, runtime.host, **given, keys=runtime.keys)
    return found


@contextmanager
def killing(house: Any, *, seed: int) -> Iterator[None]:
    """Kill the worker, sometimes the whole house, at random moments meanwhile."""
    chance, done = random.Random(seed), threading.Event()

    def run() -> None:
        for number in range(KILLS):
            if done.wait(chance.uniform(0.2, 1.2)):
                return
            if number % 4 == 3:
                house.kill_web()
                house.start()
            else:
                house.kill_worker()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(timeout=120)
        done.set()


def count(runtime: Runtime, model: type[Any], *conditions: Any) -> int:
    with runtime.db.reading() as session:
        return session.execute(select(func.count()).select_from(model).where(*conditions)).scalar_one()


def write_answers(runtime: Runtime) -> None:
    """Answer the first cases, as an agent would, whatever dies meanwhile."""
    with runtime.db.writing() as session:
        email = "eva@aurora.example"
        person = users.add(session, email=email, name="Eva", role=RoleName.AGENT, language="es", now=runtime.clock())
    with runtime.db.reading() as session:
        actor = people.actor_of(session, person.id)
        wanted: list[UUID] = list(session.scalars(select(Case.id).order_by(Case.id).limit(ANSWERS)))
    for case_id in wanted:
        with runtime.db.writing(patience=30) as session:
            version = cases.case_for_update(session, case_id).version
            given = {"text": f"Respuesta {case_id}", "version": version, "now": runtime.clock()}
            answer(session, case_id, actor=actor, **given, domain="aurora.example")
        time.sleep(0.1)


def test_fetching_and_answering_survive_any_death(house: Any, box: Box, until: Callable[..., None]) -> None:
    house.start()
    with killing(house, seed=7):
        for number in range(LETTERS):
            box.put(f"letter-{number}", text=f"Pésimo {number}", metric="csat", score=1)
            time.sleep(0.05)
    with beside(house) as runtime:
        processed = Feedback.processed_at.is_not(None)
        until(lambda: count(runtime, Feedback, processed) >= LETTERS, "every letter is read", patience=150)
        assert [count(runtime, model) for model in (Receipt, Feedback, Obligation)] == [LETTERS] * 3
        with killing(house, seed=11):
            write_answers(runtime)
        sent = Message.state == MessageState.SENT
        # What a dead worker had in hand comes back when its lease has run out, or when its successor takes it over.
        until(lambda: count(runtime, Message, sent) >= ANSWERS, "every answer is sent", patience=200)
        met = Obligation.state == ObligationState.MET
        until(lambda: count(runtime, Obligation, met) >= ANSWERS, "every promise is met", patience=60)
        assert len(box.sent) == ANSWERS
        assert sorted(item["text"] for item in box.sent) == sorted({item["text"] for item in box.sent})
        assert count(runtime, Message) == ANSWERS
    proof = house.voc("verify")
    assert proof.returncode == 0, proof.stdout
