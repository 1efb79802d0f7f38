"""I1, I2, I3 under attack: kill -9 of web, worker and both at random moments under load; nothing lost or doubled."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from voc.db import Database
from voc.model import Feedback, Obligation, Receipt, Work

pytestmark = pytest.mark.slow

TEXTS = ["Pésima atención", "Everything was terrible and slow", "O produto veio quebrado", "Gracias por todo"]


class Load:
    """Clients that send until told to stop; every answer is remembered, an unknown outcome is sent again."""

    def __init__(self, house: Any, token: str, clients: int = 6) -> None:
        self.house, self.token = house, token
        self.accepted: dict[str, str] = {}
        self.doubts = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._client, args=(n,), daemon=True) for n in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _client(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            key = f"{number}-{count}"
            body = {"text": f"{TEXTS[count % 4]} {key}", "metric": "nps", "score": count % 11}
            if self._send(key, body):
                count += 1
            else:
                time.sleep(0.05)

    def _send(self, key: str, body: dict[str, Any]) -> bool:
        """Send until there is an answer; the same key may go several times."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=20)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/api/v1/feedback", body=json.dumps(body), headers=headers)
            with connection.getresponse() as answer:
                content = answer.read()
            if answer.status in (200, 201):
                with self._lock:
                    self.accepted[key] = json.loads(content)["id"]
                return True
            assert answer.status == 503, content
        self.doubts += 1
        return False


def counted(house: Any) -> dict[str, int]:
    db = Database(house.settings.url)
    try:
        with db.reading() as session:
            return {
                "receipts": session.scalar(select(func.count()).select_from(Receipt)) or 0,
                "feedback": session.scalar(select(func.count()).select_from(Feedback)) or 0,
                "unprocessed": session.scalar(select(func.count()).where(Feedback.processed_at.is_(None))) or 0,
                "detractors": session.scalar(select(func.count()).where(Feedback.stance == "detractor")) or 0,
                "obligations": session.scalar(select(func.count()).select_from(Obligation)) or 0,
                "work": session.scalar(select(func.count()).select_from(Work)) or 0,
            }
    finally:
        db.close()


def ids(house: Any) -> set[str]:
    db = Database(house.settings.url)
    try:
        with db.reading() as session:
            return {str(feedback_id) for feedback_id in session.scalars(select(Feedback.id))}
    finally:
        db.close()


@pytest.mark.parametrize("victim", ["web", "worker", "both"])
def test_kill_under_load_loses_and_doubles_nothing(house: Any, until: Callable[..., None], victim: str) -> None:
    house.start()
    token = house.token("feedback:write")
    dice = random.Random(victim)
    with Load(house, token) as load:
        for _ in range(3):
            time.sleep(0.3 + dice.random())
            if victim in ("worker", "both"):
                house.kill_worker()
            if victim in ("web", "both"):
                house.kill_web()
                assert not house.left(10), "an orphan lived on"
                house.start()
        time.sleep(0.5)
        until(lambda: len(load.accepted) > 30, "some load")
    until(lambda: counted(house)["unprocessed"] == 0 and counted(house)["work"] == 0, "the worker to finish", 60)
    numbers = counted(house)
    stored = ids(house)
    assert set(load.accepted.values()) <= stored, "accepted and lost"
    assert len(set(load.accepted.values())) == len(load.accepted), "two keys, one feedback"
    # A request whose answer was lost may be stored without our knowing, but never twice: its key came again.
    assert numbers["feedback"] == numbers["receipts"] == len(stored)
    assert numbers["feedback"] - len(load.accepted) <= len(load._threads)
    assert numbers["obligations"] == numbers["detractors"] > 0
    proof = house.voc("verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert house.terminate() < 10


def test_sigterm_under_load_loses_nothing_and_ends(house: Any, until: Callable[..., None]) -> None:
    house.start()
    token = house.token("feedback:write")
    with Load(house, token) as load:
        until(lambda: len(load.accepted) > 50, "some load")
        assert house.terminate() < 10
        assert not house.left(5)
    assert set(load.accepted.values()) <= ids(house)
    house.start()
    until(lambda: counted(house)["work"] == 0, "the worker to finish", 60)
    assert house.voc("verify").returncode == 0


def test_second_server_on_the_same_instance_refuses(sqlite_house: Any) -> None:
    sqlite_house.start()
    second = sqlite_house.voc("serve", "--port", "0", timeout=30)
    assert second.returncode == 1
    assert "already serves this instance" in second.stderr


def test_worker_comes_back_after_kill(sqlite_house: Any, until: Callable[..., None]) -> None:
    sqlite_house.start()
    first = sqlite_house.worker()
    assert first is not None
    sqlite_house.kill_worker()
    until(lambda: (now := sqlite_house.worker()) is not None and now.pid != first.pid, "a new worker")
