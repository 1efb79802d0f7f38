"""Everything comes out, once, in order, as it went in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import event, update

from voc.cli import cli
from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric, ReceiptState
from voc.intake.incoming import Incoming
from voc.intake.queries import form_channel
from voc.intake.submit import submit
from voc.model import Receipt
from voc.runtime import Runtime
from voc.runtime.export import feedback_lines, lines
from voc.security import tokens

Work = Callable[[], None]


@pytest.fixture
def channel_id(runtime: Runtime) -> UUID:
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    return found.channel_id


def say(runtime: Runtime, channel_id: UUID, text: str | None, score: int | None, body: bytes = b"{}") -> None:
    runtime.writer.accept(
        Incoming(
            door=Door.API, channel_id=channel_id, content_type="application/json", body=body,
            received_at=runtime.clock(), content_hash=hashlib.sha256(body).digest(),
            feedback={"text": text, "metric": Metric.NPS if score is not None else None, "score": score},
        )
    )  # fmt: skip


def out(runtime: Runtime, **how: bool) -> list[dict[str, Any]]:
    return [json.loads(line) for line in feedback_lines(runtime.db, **how)]


def test_scores_stay_what_they_are(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    for score in (0, None, 10):
        say(runtime, channel_id, "Pésimo ñandú 👍\n=1+1", score)
    work()
    rows = out(runtime)
    assert [row["score"] for row in rows] == [0, None, 10]
    assert [row["metric"] for row in rows] == ["nps", None, "nps"]
    assert {row["text"] for row in rows} == {"Pésimo ñandú 👍\n=1+1"}
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert rows[0]["stance"] == "detractor"
    assert rows[0]["case"] == 1
    assert rows[0]["reasons"]
    assert rows[1]["case"] == 2, "the words alone say it"
    assert "raw" not in rows[0]


def test_pages_lose_and_double_nothing(runtime: Runtime, channel_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PAGE", 3)
    for number in range(9):
        say(runtime, channel_id, f"voz {number}", number)
        assert [row["score"] for row in out(runtime)] == list(range(number + 1))


def test_memory_is_bounded_by_pages(runtime: Runtime, channel_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line comes after one page was read, not after all of them."""
    monkeypatch.setattr(lines, "PAGE", 2)
    for number in range(6):
        say(runtime, channel_id, f"voz {number}", number)
    statements: list[str] = []
    event.listen(runtime.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    found = feedback_lines(runtime.db)
    next(found)
    assert sum("FROM feedback" in statement for statement in statements) == 1
    assert len(list(found)) == 5
    assert sum("FROM feedback" in statement for statement in statements) == 4


def test_all_adds_robots_quarantine_and_raw_text(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    with runtime.db.reading() as session:
        form = form_channel(session, "feedback")
    assert form is not None
    for name, robot in (("person", None), ("machine", "filled in the trap")):
        submit(
            runtime.writer, runtime.keys, channel_id=form.id, submission_id=name, form_version=form.form_version,
            language="es", values={"text": f"soy {name}"}, now=runtime.clock(), robot=robot,
        )  # fmt: skip
    say(runtime, channel_id, "binary", None, body=b"\xff\xfe\x00")
    work()
    submit(
        runtime.writer, runtime.keys, channel_id=form.id, submission_id="broken", form_version=form.form_version,
        language="es", values={"text": "no se pudo"}, now=runtime.clock(),
    )  # fmt: skip
    with runtime.db.writing() as session:
        session.execute(
            update(Receipt)
            .where(Receipt.delivery_id == "broken")
            .values(state=ReceiptState.QUARANTINED, reason="cannot be read")
        )
        session.execute(update(Receipt).where(Receipt.delivery_id == "person").values(body=None))
    assert [row["text"] for row in out(runtime)] == ["binary", "soy person"]
    rows = out(runtime, everything=True)
    assert [row["kind"] for row in rows] == ["feedback", "feedback", "receipt", "receipt"]
    by_text = {row.get("text"): row for row in rows}
    assert by_text["binary"]["raw_base64"] == "//4A"
    assert by_text["soy person"]["raw"] is None, "the retention period is over"
    assert [(row["state"], row["reason"]) for row in rows[2:]] == [
        ("robot", "filled in the trap"),
        ("quarantined", "cannot be read"),
    ]
    assert "no se pudo" in rows[3]["raw"]


def test_command_writes_utf8_lines(
    sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=sqlite_runtime.clock())
    with sqlite_runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    for score in (0, 5):
        say(sqlite_runtime, found.channel_id, "año", score)
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    done = CliRunner().invoke(cli, ["export", "feedback", "--all", "--format", "jsonl"])
    assert done.exit_code == 0
    assert [json.loads(line)["score"] for line in done.stdout_bytes.decode("utf-8").splitlines()] == [0, 5]
    assert done.stderr == ""
    refused = CliRunner().invoke(cli, ["export", "feedback", "--format", "pdf"])
    assert refused.exit_code == 1
    assert "there is no format pdf; there are jsonl, csv, xlsx" in str(refused.exception)
