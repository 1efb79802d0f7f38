"""Feedback as a flat OpenDocument spreadsheet: one XML file that LibreOffice and its like open, and that diff can read.

Every cell says whether it is a number or text, so nothing in it is ever taken for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from voc.plugin import Exporter, hookimpl

NAMES = " ".join(
    f'xmlns:{word}="urn:oasis:names:tc:opendocument:xmlns:{word}:1.0"' for word in ("office", "table", "text", "style")
)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<office:document {NAMES} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">\n'
    '<office:body><office:spreadsheet>\n<table:table table:name="feedback">\n'
)
FOOT = b"</table:table>\n</office:spreadsheet></office:body></office:document>\n"
# What XML cannot hold, whatever it is written as.
_IMPOSSIBLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS = re.compile(r"(?:^ | {2,}|\t)")


class FlatOds(Exporter):
    """`voc export feedback --format flat-ods`."""

    name = "flat-ods"
    title = "Flat OpenDocument spreadsheet"
    suffix = ".fods"

    def begin(self, columns: Sequence[str]) -> bytes:
        """The head of the document, the columns and their names."""
        many = f'<table:table-column table:number-columns-repeated="{max(len(columns), 1)}"/>\n'
        return (HEAD + many + _row(columns)).encode()

    def rows(self, columns: Sequence[str], records: Sequence[Mapping[str, Any]], first: int) -> bytes:
        """One row for each record."""
        return "".join(_row([record.get(column) for column in columns]) for record in records).encode()

    def end(self, columns: Sequence[str], count: int) -> bytes:
        """The end of the document."""
        return FOOT


def _row(values: Sequence[Any]) -> str:
    cells = "".join(map(_cell, values)) or "<table:table-cell/>"
    return f"<table:table-row>{cells}</table:table-row>\n"


def _cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = f'office:value-type="float" office:value={quoteattr(str(value))}'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
    lines = "".join(f"<text:p>{line}</text:p>" for line in _lines(str(value)))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def _lines(text: str) -> Iterator[str]:
    """Paragraphs, with every blank that XML would swallow."""
    for line in _IMPOSSIBLE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield _BLANKS.sub(_blanks, escape(line))


def _blanks(found: re.Match[str]) -> str:
    return "<text:tab/>" if found[0] == "\t" else f'<text:s text:c="{len(found[0])}"/>'


@hookimpl
def voc_exporters() -> list[Exporter]:
    """The one format."""
    return [FlatOds()]
