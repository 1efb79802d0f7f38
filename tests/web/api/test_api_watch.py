"""The addresses for whatever looks after the process."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from voc.api import queries, watch
from voc.db import Database
from voc.runtime.heartbeat import beat
from voc.runtime.instance import HEAD

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[a-z0-9]+"(,[a-z]+="[a-z0-9]+")*\})? -?[0-9.e+]+')


def figures(program: Any) -> dict[str, float]:
    """Every sample of /metrics."""
    answer = program.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples), samples
    names = {line.split("{")[0].split(" ")[0] for line in samples}
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} == names
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in samples)}


@pytest.fixture
def unreachable(tmp_path: Path) -> Database:
    """A database that cannot be opened."""
    return Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'voc.db'}")


def test_alive_without_a_database(program: Any, unreachable: Database) -> None:
    program.runtime.db = unreachable
    assert program.client.get("/healthz").json == {"status": "ok"}
    ready = program.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json["reasons"] == ["the database does not answer"]
    assert figures(program)["voc_database_up"] == 0


def test_ready(program_on_both: Any, work: Callable[[], None], clock: Any) -> None:
    program = program_on_both
    work()
    assert program.client.get("/readyz").json == {"status": "ready", "reasons": []}
    program.post({"text": "a"})
    clock.forward(seconds=watch.LATE.total_seconds() - 60)
    beat(program.runtime.db, clock())
    assert program.client.get("/readyz").status_code == 200
    clock.forward(minutes=2)
    beat(program.runtime.db, clock())
    late = program.client.get("/readyz")
    assert late.status_code == 503
    assert "work has been waiting" in late.json["reasons"][0]
    work()
    assert program.client.get("/readyz").status_code == 200


def test_not_ready_without_a_sign_of_life(program_on_both: Any, clock: Any) -> None:
    program = program_on_both
    clock.forward(seconds=110)
    assert program.client.get("/readyz").status_code == 200, "the worker has a moment to begin"
    clock.forward(seconds=20)
    never = program.client.get("/readyz")
    assert never.status_code == 503
    assert never.json["reasons"] == ["no worker has ever been alive"]
    beat(program.runtime.db, clock())
    assert program.client.get("/readyz").status_code == 200
    clock.forward(seconds=125)
    quiet = program.client.get("/readyz")
    assert quiet.status_code == 503
    assert quiet.json["reasons"] == ["no worker has given a sign of life for 125 seconds"]


def test_not_ready_on_another_revision(program_on_both: Any) -> None:
    program = program_on_both
    with program.runtime.db.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = program.client.get("/readyz")
    assert answer.status_code == 503
    assert HEAD in answer.json["reasons"][0]


def test_metrics(program_on_both: Any, work: Callable[[], None], clock: Any) -> None:
    program = program_on_both
    work()
    before = figures(program)
    customer = {"name": "Ana Secreta", "email": "ana@example.com"}
    program.post({"metric": "nps", "score": 0, "customer": customer})
    program.post({})
    clock.forward(seconds=30)
    during = figures(program)
    assert during["voc_database_up"] == 1
    assert during['voc_http_responses_total{class="2xx"}'] == before['voc_http_responses_total{class="2xx"}'] + 2
    assert during['voc_http_responses_total{class="4xx"}'] == before['voc_http_responses_total{class="4xx"}'] + 1
    assert during['voc_work_rows{state="todo"}'] > before['voc_work_rows{state="todo"}']
    assert 29 < during["voc_work_oldest_due_seconds"] < 31
    work()
    clock.forward(days=30)
    after = figures(program)
    assert after["voc_cases_overdue"] == 1
    assert after["voc_receipts_quarantined"] == 0
    assert after["process_start_time_seconds"] == before["process_start_time_seconds"]
    assert "Ana" not in program.client.get("/metrics").text


@pytest.mark.parametrize("name", ["overdue_cases", "quarantined_receipts"])
def test_figures_come_from_an_index(program: Any, name: str) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    database = program.runtime.db
    more = [program.runtime.clock() + timedelta(days=1)] if name == "overdue_cases" else []
    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        getattr(queries, name)(session, *more)
        event.remove(database.engine, "before_cursor_execute", note)
        (statement, parameters) = statements[-1]
        raw = session.connection().connection.cursor()
        plan = " ".join(row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, parameters))
    assert "INDEX ix_" in plan, plan
    assert "LIMIT" in statement
