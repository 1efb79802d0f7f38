"""The past understood again by a house that goes on taking feedback: stopped, resumed, its worker killed; everything
is understood exactly once more, and every number is what the raw rows say.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from voc.core.clock import utc_now
from voc.core.vocabulary import LANGUAGES, Door
from voc.db import Database
from voc.intake.incoming import Incoming
from voc.intake.writer import accept_all
from voc.jobs.engine import Engine
from voc.jobs.queries import latest_run
from voc.model import Analysis, AnalysisRun, Channel, Feedback, Obligation, Work
from voc.runtime.instance import open_instance

pytestmark = pytest.mark.slow

ITEMS = 2_000
BATCH = 250
OLDER = "before"
TEXTS = (
    "La atención en caja fue amable y rápida, muy contenta.",
    "El pedido {n} llegó roto y nadie contesta el teléfono.",
    "A entrega {n} chegou com três dias de atraso.",
    "The staff were kind and quick, a wonderful experience.",
    "¿A qué hora abren el {n}?",
)


def fill(house: Any) -> None:
    """As many feedback as `ITEMS`, worked off by a worker in this process and marked as another model's work."""
    runtime = open_instance(house.settings, create=True)
    try:
        with runtime.db.reading() as session:
            channel_id = session.scalars(select(Channel.id)).first()
        assert channel_id is not None
        for start in range(0, ITEMS, BATCH):
            rows = [said(channel_id, number) for number in range(start, start + BATCH)]
            with runtime.db.writing(durable=False) as session:
                accept_all(session.connection(), runtime.registry, rows, look=False)
            Engine(runtime, worker="filling").drain("flow")
        with runtime.db.writing() as session:
            assert session.scalar(select(func.count()).select_from(Analysis)) == ITEMS
            session.execute(update(Analysis).values(version=OLDER))
    finally:
        runtime.close()


def said(channel_id: Any, number: int) -> Incoming:
    text = TEXTS[number % len(TEXTS)].format(n=number)
    language = LANGUAGES[0] if number % len(TEXTS) != 3 else LANGUAGES[-1]
    feedback = {"text": text, "metric": "nps", "score": number % 11, "language_hint": language}
    return Incoming(
        door=Door.API,
        channel_id=channel_id,
        content_type="application/json",
        body=json.dumps(feedback).encode(),
        received_at=utc_now(),
        content_hash=number.to_bytes(32),
        feedback=feedback,
    )


def test_all_of_the_past_is_understood_once_more(house: Any, until: Callable[..., None]) -> None:
    fill(house)
    db = Database(house.settings.url)

    def run() -> AnalysisRun:
        with db.reading() as session:
            found = latest_run(session, AnalysisRun)
            assert found is not None
            return found

    def count(statement: Any) -> int:
        with db.reading() as session:
            return session.scalar(statement) or 0

    def post(key: str) -> None:
        body = {"text": "Pésima atención, nadie contesta.", "metric": "nps", "score": 1}
        sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        assert house.request("POST", "/api/v1/feedback", body, sent)[0] == 201

    try:
        house.start()
        token = house.token("feedback:write")
        command(house, "redo")
        until(lambda: run().seen >= ITEMS // 4, "a quarter of the past", 120)
        post("first")
        assert command(house, "stop").startswith("stopped: everything, ")
        stood = run().seen
        assert ITEMS // 4 <= stood < ITEMS
        post("second")
        until(lambda: not count(select(func.count()).select_from(Work).where(Work.lane == "flow")), "what came in")
        assert run().seen == stood
        assert command(house, "resume").startswith("running: everything, ")
        until(lambda: run().seen >= ITEMS // 2, "half of the past", 120)
        house.kill_worker()
        post("third")
        until(lambda: run().finished_at is not None, "all of the past", 120)
        assert command(house, "status") == f"done: everything, {ITEMS} of {ITEMS}, {ITEMS} changed"
        waiting = select(func.count()).select_from(Feedback).where(Feedback.processed_at.is_(None))
        until(lambda: not count(waiting), "everything that came in meanwhile")
        house.terminate()
        assert count(select(func.count()).select_from(Feedback)) == ITEMS + 3
        # Once by the other model, once by this one; the three that came meanwhile only by this one.
        assert count(select(func.count()).select_from(Analysis)) == 2 * ITEMS + 3
        newest = select(func.count(Analysis.feedback_id.distinct())).where(Analysis.version != OLDER)
        assert count(newest) == ITEMS + 3
        promises = select(func.count(Obligation.feedback_id) - func.count(Obligation.feedback_id.distinct()))
        assert count(promises) == 0
    finally:
        db.close()
    for words in (("verify",), ("insights", "recount")):
        done = house.voc(*words)
        assert done.returncode == 0, done.stdout


def command(house: Any, word: str) -> str:
    done = house.voc("analysis", word)
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()
