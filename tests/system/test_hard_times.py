"""When the database cannot be written: 503 with Retry-After, nothing half-stored, recovery without a restart."""

from __future__ import annotations

import http.client
import json
import os
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from voc.db import Database
from voc.model import DeliveryKey, Feedback, Receipt, Work

pytestmark = pytest.mark.slow


def post(house: Any, token: str, key: str, text: str = "Malo") -> tuple[int, Any]:
    status, content = house.request(
        "POST",
        "/api/v1/feedback",
        {"text": text, "metric": "nps", "score": 0},
        {"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )
    return status, json.loads(content)


def rows(house: Any) -> dict[str, int]:
    db = Database(house.settings.url)
    try:
        with db.reading() as session:
            return {
                model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
                for model in (Receipt, Feedback, DeliveryKey)
            }
    finally:
        db.close()


def settled(house: Any) -> bool:
    db = Database(house.settings.url)
    try:
        with db.reading() as session:
            return not session.scalar(select(func.count()).select_from(Work))
    finally:
        db.close()


def test_locked_database(sqlite_house: Any, until: Callable[..., None]) -> None:
    sqlite_house.start()
    token = sqlite_house.token("feedback:write")
    assert post(sqlite_house, token, "before")[0] == 201
    until(lambda: settled(sqlite_house), "the worker to finish")
    before = rows(sqlite_house)
    blocker = sqlite3.connect(Path(sqlite_house.settings.url.removeprefix("sqlite:///")), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    status, problem = post(sqlite_house, token, "during")
    assert status == 503
    assert problem["status"] == 503
    assert rows(sqlite_house) == before
    # Pages that only read go on.
    assert sqlite_house.request("GET", "/f/feedback")[0] == 200
    blocker.execute("ROLLBACK")
    blocker.close()
    status, again = post(sqlite_house, token, "during")
    assert status in (200, 201)
    assert post(sqlite_house, token, "during") == (200, again)
    until(lambda: settled(sqlite_house), "the worker to finish")
    assert sqlite_house.voc("verify").returncode == 0


def test_disk_full(sqlite_house: Any, until: Callable[..., None]) -> None:
    """The files of the server may not grow any more: what a full disk feels like to SQLite."""
    sqlite_house.start()
    token = sqlite_house.token("feedback:write")
    assert post(sqlite_house, token, "before")[0] == 201
    until(lambda: settled(sqlite_house), "the worker to finish")
    before = rows(sqlite_house)
    path = sqlite_house.settings.url.removeprefix("sqlite:///")
    size = max(os.path.getsize(path), os.path.getsize(path + "-wal"))
    server = psutil.Process(sqlite_house.process.pid)
    server.rlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    statuses = {post(sqlite_house, token, f"full-{n}", "x" * 90_000)[0] for n in range(3)}
    assert statuses <= {201, 503}
    assert 503 in statuses
    server.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for n in range(3):
        assert post(sqlite_house, token, f"full-{n}", "x" * 90_000)[0] in (200, 201)
    assert rows(sqlite_house) == {name: count + 3 for name, count in before.items()}
    until(lambda: settled(sqlite_house), "the worker to finish")
    assert sqlite_house.voc("verify").returncode == 0


def test_retry_after_is_said(sqlite_house: Any) -> None:
    sqlite_house.start()
    token = sqlite_house.token("feedback:write")
    blocker = sqlite3.connect(Path(sqlite_house.settings.url.removeprefix("sqlite:///")), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", sqlite_house.port, timeout=20)) as connection:
        connection.request("POST", "/api/v1/feedback", body='{"text": "Malo"}', headers=headers)
        with connection.getresponse() as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) >= 1
    blocker.execute("ROLLBACK")
    blocker.close()


def test_wrong_setting_is_named(sqlite_house: Any) -> None:
    import subprocess
    import sys

    for name, value in (("VOC_PORT", "80a"), ("VOC_ZONE", "Mars/Base"), ("VOC_PROT", "1"), ("VOC_FORM_RATE", "many")):
        done = subprocess.run(
            [sys.executable, "-m", "voc", "serve"],
            env={**sqlite_house.environment, name: value},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode != 0
        assert name in done.stderr
        assert "Traceback" not in done.stderr


def test_a_body_over_the_limit_gets_the_error_shape_of_the_api_and_a_page_elsewhere(sqlite_house: Any) -> None:
    sqlite_house.start()
    token = sqlite_house.token("feedback:write")
    status, problem = post(sqlite_house, token, "huge", "x" * 2_000_000)
    assert status == 413
    assert (problem["status"], problem["code"]) == (413, "too_large")
    status, page = sqlite_house.request("POST", "/f/feedback", "x" * 2_000_000, {"Accept-Language": "pt"})
    assert status == 413
    assert "É mais do que esta página pode receber" in page.decode()
