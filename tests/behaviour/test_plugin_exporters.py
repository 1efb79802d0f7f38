"""`voc export feedback --format NAME` with the format of a plugin: the columns of the table, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from voc.cli import cli
from voc.core.errors import Invalid
from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric
from voc.intake.incoming import Incoming
from voc.plugin import Exporter
from voc.plugin_host import Guard
from voc.runtime import Runtime
from voc.runtime.export import Unwritable, feedback_records, write_plugin_file
from voc.runtime.export.plugin_file import PIECE
from voc.runtime.export.table import COLUMNS, MORE_COLUMNS
from voc.security import tokens

NAMES = {"office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
         "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
         "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0"}  # fmt: skip
CODE = """\
from voc.plugin import *

class Fails(Exporter):
    name = "fails"
    def rows(self, columns, records, first):
        if first:
            raise Misconfigured("the disk of the vendor is full")
        return b"a piece"

class Nothing(Exporter):
    name = "nothing"
    def rows(self, columns, records, first):
        return "text"

@hookimpl
def voc_exporters():
    return [Fails(), Nothing()]
"""


def say(runtime: Runtime, channel_id: UUID, text: str, score: int | None) -> None:
    runtime.writer.accept(
        Incoming(
            door=Door.API, channel_id=channel_id, content_type="application/json", body=b"{}",
            received_at=runtime.clock(), content_hash=hashlib.sha256(text.encode()).digest(),
            feedback={"text": text, "metric": Metric.NPS if score is not None else None, "score": score,
                      "author": {"email": "ana@example.com"}, "facts": {}},
        )
    )  # fmt: skip


@pytest.fixture
def house(sqlite_settings: Settings, sqlite_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`house("export", …)` runs a command in a house where two customers said something."""
    with sqlite_runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=sqlite_runtime.clock())
    with sqlite_runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    say(sqlite_runtime, found.channel_id, "=1+1 <b>&\n  dos líneas 😡, ana@example.com", 0)
    say(sqlite_runtime, found.channel_id, "muito bom", None)
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    return lambda *args: CliRunner().invoke(cli, list(args))


def drop(instance: Path) -> None:
    folder = instance / "plugins" / "odd"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE)
    (folder / "plugin.toml").write_text('name = "odd"\ncontract = 1\nexporters = ["fails", "nothing"]\n')


def cells(document: bytes) -> list[list[str | None]]:
    """What a program reads in a flat OpenDocument table."""
    found = []
    for row in ElementTree.fromstring(document).iter(f"{{{NAMES['table']}}}table-row"):
        line: list[str | None] = []
        for cell in row.iter(f"{{{NAMES['table']}}}table-cell"):
            value = cell.get(f"{{{NAMES['office']}}}value")
            said = ["".join(_words(part)) for part in cell.iter(f"{{{NAMES['text']}}}p")]
            line.append(value if value is not None else "\n".join(said) if said else None)
        found.append(line)
    return found


def _words(part: ElementTree.Element) -> list[str]:
    blank = f"{{{NAMES['text']}}}s"
    inner = [(" " * int(item.get(f"{{{NAMES['text']}}}c", "1")) if item.tag == blank else "\t") + (item.tail or "")
             for item in part]  # fmt: skip
    return [part.text or "", *inner]


def test_the_bundled_format_reads_back_what_was_said(house: Callable[..., Any]) -> None:
    done = house("export", "feedback", "--format", "flat-ods")
    assert done.exit_code == 0
    head, first, second = cells(done.stdout_bytes)
    assert tuple(head) == COLUMNS
    one, two = dict(zip(COLUMNS, first, strict=True)), dict(zip(COLUMNS, second, strict=True))
    assert one["text"] == "=1+1 <b>&\n  dos líneas 😡, ana@example.com"
    assert (one["score"], two["score"], two["text"]) == ("0", None, "muito bom")
    assert b'office:value-type="float" office:value="0"' in done.stdout_bytes
    everything = cells(house("export", "feedback", "--all", "--format", "flat-ods").stdout_bytes)
    assert tuple(everything[0]) == (*COLUMNS, *MORE_COLUMNS)


def test_personal_data_can_be_masked(house: Callable[..., Any]) -> None:
    done = house("export", "feedback", "--mask", "--format", "flat-ods")
    assert done.exit_code == 0
    assert b"ana@example.com" not in done.stdout_bytes
    assert "dos líneas".encode() in done.stdout_bytes


def test_an_unknown_format_lists_what_there_is(house: Callable[..., Any]) -> None:
    done = house("export", "feedback", "--format", "pdf")
    assert done.exit_code == 1
    assert isinstance(done.exception, Invalid)
    assert str(done.exception) == "there is no format pdf; there are jsonl, csv, xlsx, flat-ods"
    assert done.stdout_bytes == b""


def test_half_a_file_is_never_written(
    house: Callable[..., Any], sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(sqlite_settings.instance)
    monkeypatch.setattr("voc.runtime.export.plugin_file.PIECE", 1)
    for form, reason in (
        ("fails", "plugin odd could not write fails: the disk of the vendor is full; nothing was written"),
        ("nothing", "plugin odd gave no bytes for nothing; nothing was written"),
    ):
        done = house("export", "feedback", "--format", form)
        assert (done.exit_code, done.stdout_bytes, str(done.exception)) == (1, b"", reason)
        assert isinstance(done.exception, Unwritable)


class Counting(Exporter):
    """Says how it was asked."""

    name = "counting"

    def begin(self, columns: Any) -> bytes:
        return b"["

    def rows(self, columns: Any, records: Any, first: int) -> bytes:
        return f"{first}+{len(records)} ".encode()

    def end(self, columns: Any, count: int) -> bytes:
        return f"]{count}".encode()


def test_records_come_in_pieces(runtime: Runtime) -> None:
    stream, records = io.BytesIO(), [{"id": str(number)} for number in range(2 * PIECE + 1)]
    count = write_plugin_file(Guard(limit=5), "p", Counting(), iter(records), stream, everything=False)
    assert (count, stream.getvalue()) == (1001, b"[0+500 500+500 1000+1 ]1001")
    stream = io.BytesIO()
    records = list(feedback_records(runtime.db))
    assert write_plugin_file(Guard(limit=5), "p", Counting(), records, stream, everything=True) == len(records)
    assert stream.getvalue() == b"[]0"
