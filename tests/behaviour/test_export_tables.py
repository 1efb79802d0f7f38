"""The same as a table: CSV for programs, Excel for people; 0 is 0, unanswered is empty, nothing is calculated."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from voc.cli import cli
from voc.core.errors import VocError
from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric
from voc.intake.incoming import Incoming
from voc.runtime import Runtime
from voc.runtime.export import feedback_records, write_csv, write_xlsx, xlsx_file
from voc.runtime.export.table import COLUMNS, MORE_COLUMNS, columns
from voc.security import tokens

Work = Callable[[], None]
DANGEROUS = ["=1+1", "+51 987 654 321", "-3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.fixture
def channel_id(runtime: Runtime) -> UUID:
    return channel_of(runtime)


def channel_of(runtime: Runtime) -> UUID:
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    return found.channel_id


def say(
    runtime: Runtime, channel_id: UUID, text: str | None, score: int | None, body: bytes = b"{}", **author: Any
) -> None:
    runtime.writer.accept(
        Incoming(
            door=Door.API, channel_id=channel_id, content_type="application/json", body=body,
            received_at=runtime.clock(), content_hash=hashlib.sha256(body).digest(),
            feedback={
                "text": text, "metric": Metric.NPS if score is not None else None, "score": score,
                "author": author or None, "facts": {"order": "=A-7", "items": 0},
            },
        )
    )  # fmt: skip


def table(runtime: Runtime, *, everything: bool = False) -> list[dict[str, str]]:
    """The CSV, as a program reads it."""
    stream = io.BytesIO()
    write_csv(feedback_records(runtime.db, everything=everything), stream, everything=everything)
    assert not stream.closed
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode("utf-8"), newline="")))


def sheets(runtime: Runtime, *, everything: bool = False) -> list[list[tuple[Any, ...]]]:
    """The Excel file, as a program reads it: the values of each sheet."""
    stream = io.BytesIO()
    write_xlsx(feedback_records(runtime.db, everything=everything), stream, everything=everything)
    book = load_workbook(io.BytesIO(stream.getvalue()))
    return [list(sheet.values) for sheet in book.worksheets]


def test_csv_has_everything_in_its_column(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    author = {"name": "Ana, la «ñ»", "email": "ana@example.com", "phone": "+51 987", "external_id": None}
    say(runtime, channel_id, 'Pésimo "ñandú" 👍,\nuno', 0, **author, verified=False)
    say(runtime, channel_id, None, 10)
    say(runtime, channel_id, "sin nota", None)
    work()
    rows = table(runtime)
    assert tuple(rows[0]) == COLUMNS
    assert [row["score"] for row in rows] == ["0", "10", ""]
    assert [row["metric"] for row in rows] == ["nps", "nps", ""]
    assert [row["text"] for row in rows] == ['Pésimo "ñandú" 👍,\nuno', "", "sin nota"]
    assert rows[0]["stance"] == "detractor"
    assert rows[0]["case"] == "1"
    assert [row["case"] for row in rows[1:]] == ["", ""]
    assert rows[0]["author_name"] == "Ana, la «ñ»"
    assert rows[0]["author_phone"] == "'+51 987"
    assert rows[0]["author_verified"] == "false"
    assert rows[0]["author_external_id"] == ""
    assert json.loads(rows[0]["facts"]) == {"order": "=A-7", "items": 0}
    assert json.loads(rows[0]["reasons"])
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


def test_a_table_says_all_that_json_says(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    say(runtime, channel_id, "Malo", 1, name="Ana")
    work()
    (record,) = feedback_records(runtime.db, everything=True)
    (row,) = table(runtime, everything=True)
    assert set(record) - {"author"} <= set(row), "a new field needs a column"
    assert tuple(row) == COLUMNS + MORE_COLUMNS
    assert row["raw"] == "{}"
    for name in ("id", "received_at", "channel", "language", "tracking_code", "policy"):
        assert row[name] == (record[name] or "")


def test_nothing_is_calculated(runtime: Runtime, channel_id: UUID) -> None:
    for text in (*DANGEROUS, "Malo = bueno", "'=1", "#N/A"):
        say(runtime, channel_id, text, None, name=text)
    said = [row["text"] for row in table(runtime)]
    assert said == [*(f"'{text}" for text in DANGEROUS), "Malo = bueno", "'=1", "#N/A"]
    stream = io.BytesIO()
    write_xlsx(feedback_records(runtime.db), stream, everything=False)
    sheet = load_workbook(io.BytesIO(stream.getvalue())).worksheets[0]
    cells = [row[COLUMNS.index("text")] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * len(DANGEROUS) + [False] * 3
    assert [str(cell.value).lstrip() for cell in cells[:4]] == DANGEROUS[:4], "as it was said"


def test_excel_has_everything_in_its_column(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    say(runtime, channel_id, "Pésimo ñandú 👍", 0)
    say(runtime, channel_id, None, 10)
    say(runtime, channel_id, "sin nota", None, body=b"\x00\x0b\xef\xbf\xbe=")
    work()
    (values,) = sheets(runtime, everything=True)
    assert values[0] == COLUMNS + MORE_COLUMNS
    rows = [dict(zip(values[0], line, strict=True)) for line in values[1:]]
    assert [row["score"] for row in rows] == [0, 10, None]
    assert [type(row["score"]) for row in rows[:2]] == [int, int]
    assert [row["text"] for row in rows] == ["Pésimo ñandú 👍", None, "sin nota"]
    assert rows[2]["raw"] == "\ufffd\ufffd\ufffd="


def test_what_no_cell_holds_is_cut_and_says_so(runtime: Runtime, channel_id: UUID) -> None:
    say(runtime, channel_id, "ñ" * 60_000, None)
    (values,) = sheets(runtime)
    text = values[1][COLUMNS.index("text")]
    assert len(text) == xlsx_file.LONGEST
    assert text.endswith("[60000 characters in all: jsonl and csv have the rest]")
    assert len(table(runtime)[0]["text"]) == 60_000


def test_a_full_sheet_is_followed_by_another(
    runtime: Runtime, channel_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 4)
    for number in range(7):
        say(runtime, channel_id, f"voz {number}", number)
    found = sheets(runtime)
    assert [len(values) for values in found] == [4, 4, 2]
    assert {values[0] for values in found} == {COLUMNS}
    assert [line[COLUMNS.index("score")] for values in found for line in values[1:]] == list(range(7))


def test_an_empty_house_has_heads_only(sqlite_runtime: Runtime) -> None:
    assert table(sqlite_runtime) == []
    assert sheets(sqlite_runtime) == [[COLUMNS]]


@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=8) | st.none() | st.integers()), max_size=5))
def test_no_cell_of_any_csv_is_a_formula(records: list[dict[str, Any]]) -> None:
    stream = io.BytesIO()
    write_csv(({**record, "author": None} for record in records), stream, everything=False)
    read = list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8", "surrogatepass"), newline="")))
    assert read[0] == list(columns(everything=False))
    assert len(read) == len(records) + 1
    negative = {str(value) for record in records for value in record.values() if isinstance(value, int)}
    assert [c for line in read for c in line if c.startswith(tuple("=+-@\t\r")) and c not in negative] == []


def test_memory_stays_flat(tmp_path: Path) -> None:
    def many(count: int) -> Any:
        return ({"kind": "feedback", "id": str(n), "text": "x" * 2000, "score": 0} for n in range(count))

    for write in (write_csv, write_xlsx):
        peaks = []
        for count in (300, 3000):
            tracemalloc.start()
            with (tmp_path / "out").open("wb") as stream:
                write(many(count), stream, everything=False)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] - peaks[0] < 2_000_000, write.__name__


def test_command(sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    say(sqlite_runtime, channel_of(sqlite_runtime), "año =", 0)
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    done = CliRunner().invoke(cli, ["export", "feedback", "--format", "csv"])
    assert done.exit_code == 0
    assert done.stdout_bytes.startswith(b"kind,id,receipt_id,")
    (row,) = csv.DictReader(io.StringIO(done.stdout_bytes.decode("utf-8"), newline=""))
    assert (row["kind"], row["score"], row["text"]) == ("feedback", "0", "año =")
    done = CliRunner().invoke(cli, ["export", "feedback", "--all", "--format", "xlsx"])
    assert done.exit_code == 0
    (sheet,) = load_workbook(io.BytesIO(done.stdout_bytes)).worksheets
    assert sheet.max_row == 2
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    missing = CliRunner().invoke(cli, ["export", "feedback", "--format", "xlsx"])
    assert isinstance(missing.exception, VocError)
    assert "voc-server[xlsx]" in str(missing.exception)
    assert CliRunner().invoke(cli, ["export", "feedback", "--format", "csv"]).exit_code == 0
