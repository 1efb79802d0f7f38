"""`voc export feedback --mask`: nothing that names a person is in the file, whatever its form, and the rest is."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from tests.conftest import worker_of
from voc.cli import cli
from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric
from voc.intake.incoming import Incoming
from voc.runtime import Runtime
from voc.runtime.export import feedback_records, masked_records
from voc.runtime.export.masking import kind_of
from voc.security import tokens

Work = Callable[[], None]

AUTHOR = {
    "name": "Ana Quispe Huamán", "email": "ana.quispe@example.pe", "phone": "+51987654321", "external_id": "C-77881",
    "handle": "@anitaq", "verified": False,
}  # fmt: skip
TEXT = (
    "Soy Ana Quispe (C-77881, @anitaq), DNI 45678912, cel 987 654 321, ana.quispe@example.pe. "
    "Pagué con 4111 1111 1111 1111 y es una estafa, pésima atención: los voy a denunciar. "
    "Vivo en Av. Arequipa 1234. Pedido 123456789 por S/ 120.50"
)
FACTS = {
    "order": "A-7", "total": 120.5, "items": 0, "phone": 987654322, "customerEmail": "otra@example.pe",
    "comment": "llamar al 987654323", "nested": {"who": ["RUT 12.345.678-5"]}, "987654324": "x",
    "card": 4111111111111111,
}  # fmt: skip
PLANTED = [
    "Quispe", "Huamán", "Ana", "ana.quispe", "example.pe", "987654321", "987 654 321", "77881", "anitaq", "45678912",
    "4111", "Arequipa", "987654322", "987654323", "987654324", "otra@", "12.345.678",
]  # fmt: skip
MARKS = ["[nombre]", "[e-mail]", "[teléfono]", "[tarjeta]", "[documento]", "[dirección]"]
STAYS = [*MARKS, "123456789", "120.5", "A-7", "estafa"]


def say(runtime: Runtime, **feedback: Any) -> None:
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    body = json.dumps(feedback, ensure_ascii=False, default=str).encode()
    channel: UUID = found.channel_id
    runtime.writer.accept(
        Incoming(
            door=Door.API, channel_id=channel, content_type="application/json", body=body,
            received_at=runtime.clock(), content_hash=hashlib.sha256(body).digest(), feedback=feedback,
        )
    )  # fmt: skip


def planted(runtime: Runtime) -> None:
    say(runtime, text=TEXT, metric=Metric.NPS, score=0, author=AUTHOR, facts=FACTS)


def records(runtime: Runtime, **how: bool) -> list[dict[str, Any]]:
    found = feedback_records(runtime.db, **how)
    return list(masked_records(runtime.db, found, reader="es"))


def test_nothing_planted_is_left_and_the_rest_is_there(runtime: Runtime, work: Work) -> None:
    planted(runtime)
    work()
    (record,) = records(runtime)
    text = json.dumps(record, ensure_ascii=False)
    assert [item for item in PLANTED if item in text] == []
    assert [item for item in STAYS if item not in text] == []
    assert record["author"] == {
        "name": "[nombre]", "email": "[e-mail]", "phone": "[teléfono]", "external_id": "[dato personal]",
        "handle": "[dato personal]", "verified": False,
    }  # fmt: skip
    (plain,) = feedback_records(runtime.db)
    assert {
        name: record[name] for name in ("id", "score", "metric", "stance", "case", "channel", "label", "policy")
    } == {name: plain[name] for name in ("id", "score", "metric", "stance", "case", "channel", "label", "policy")}
    assert record["score"] == 0
    assert list(record) == list(plain)


def test_spans_point_into_the_masked_text(runtime: Runtime, work: Work) -> None:
    planted(runtime)
    work()
    (record,) = records(runtime)
    (plain,) = feedback_records(runtime.db)
    assert plain["risks"], "the text holds words of risk"
    for masked, original in zip(record["risks"], plain["risks"], strict=True):
        assert record["text"][masked["start"] : masked["end"]] == masked["word"] == original["word"]
    for reason in record["reasons"]:
        if "start" in reason:
            assert reason["end"] <= len(record["text"])


def test_raw_text_is_left_out(runtime: Runtime, work: Work) -> None:
    planted(runtime)
    say(runtime, text="987654321 ana.quispe@example.pe")
    work()
    found = records(runtime, everything=True)
    assert {record["raw"] for record in found} == {"[dato personal]"}
    text = json.dumps(found, ensure_ascii=False)
    assert [item for item in PLANTED if item in text] == []


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx"])
def test_command(
    sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch, form: str, everything: bool
) -> None:
    planted(sqlite_runtime)
    worker_of(sqlite_runtime)()
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    command = ["export", "feedback", "--format", form, *(["--all"] if everything else [])]
    open_text = readable(CliRunner().invoke(cli, command).stdout_bytes, form)
    assert [item for item in PLANTED if item not in open_text] == [], (
        "without --mask it is there, where this test looks"
    )
    done = CliRunner().invoke(cli, [*command, "--mask"])
    assert done.exit_code == 0
    text = readable(done.stdout_bytes, form)
    assert [item for item in PLANTED if item in text] == []
    assert [item for item in STAYS if item not in text] == []


def readable(data: bytes, form: str) -> str:
    """Everything that is said in an export."""
    if form == "jsonl":
        return "\n".join(json.dumps(json.loads(line), ensure_ascii=False) for line in data.decode().splitlines())
    if form == "csv":
        return "\n".join(cell for row in csv.reader(io.StringIO(data.decode(), newline="")) for cell in row)
    book = load_workbook(io.BytesIO(data))
    return "\n".join(str(cell) for sheet in book.worksheets for row in sheet.values for cell in row)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("customerPhone", "phone"), ("correo_electronico", "email"), ("first_name", "name"), ("name", "name"),
        ("RUT", "identity"), ("Dirección", "address"), ("customer", "other"), ("product_name", None), ("order", None),
        ("total", None), ("items", None), ("", None),
    ],
)  # fmt: skip
def test_fields_by_their_names(field: str, kind: str | None) -> None:
    assert kind_of(field) == kind
