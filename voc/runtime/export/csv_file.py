"""The table as CSV: UTF-8, commas, quotes doubled (RFC 4180)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import TextIOWrapper
from typing import IO, Any

from voc.runtime.export.table import Cell, calculates, columns, rows


def write_csv(records: Iterable[dict[str, Any]], stream: IO[bytes], *, everything: bool) -> None:
    """Write the heads and every record to `stream`, which stays open.

    Text that a spreadsheet would calculate gets an apostrophe before it, which makes it text again.
    """
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(columns(everything=everything))
        writer.writerows(map(_harmless, line) for line in rows(records, everything=everything))
        text.flush()
    finally:
        text.detach()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if calculates(cell) else cell
