"""The table as an Excel file, for whoever has no use for any other; needs openpyxl (the extra `xlsx`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO, Any

from voc.core.errors import VocError
from voc.runtime.export.table import Cell, calculates, columns, rows

# What one cell and one sheet hold.
LONGEST = 32_767
MOST_ROWS = 1_048_576
_CUT = " … [{length} characters in all: jsonl and csv have the rest]"
# No XML has room for these; texts of customers hold none, raw bodies may.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_xlsx(records: Iterable[dict[str, Any]], stream: IO[bytes], *, everything: bool) -> None:
    """Write the heads and every record to `stream`, a further sheet when one is full; memory stays flat.

    Raises VocError when openpyxl is not installed. Nothing is calculated: text is kept as text, as it is.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise VocError("an Excel file needs openpyxl: pip install 'voc-server[xlsx]', or take --format csv") from None
    book = Workbook(write_only=True)
    heads = columns(everything=everything)
    sheet: Any = None
    full = MOST_ROWS
    for line in rows(records, everything=everything):
        if full >= MOST_ROWS:
            sheet, full = _sheet(book, heads), 1
        sheet.append([_cell(sheet, value) for value in line])
        full += 1
    if sheet is None:
        _sheet(book, heads)
    book.save(stream)


def _sheet(book: Any, heads: tuple[str, ...]) -> Any:
    number = len(book.worksheets) + 1
    sheet = book.create_sheet("feedback" if number == 1 else f"feedback {number}")
    sheet.freeze_panes = "A2"
    sheet.append(heads)
    return sheet


def _cell(sheet: Any, value: Cell) -> Any:
    """Text says that it is text, and with the mark of a typed apostrophe where it would be calculated after an edit."""
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell

    text = _NO_XML.sub("\ufffd", value)
    if len(text) > LONGEST:
        note = _CUT.format(length=len(text))
        text = text[: LONGEST - len(note)] + note
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if calculates(text):
        cell.quotePrefix = True
    return cell
