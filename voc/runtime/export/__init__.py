"""Taking one's own data out: JSON lines, CSV or an Excel file, in key order, in constant memory."""

from __future__ import annotations

from voc.runtime.export.csv_file import write_csv
from voc.runtime.export.lines import feedback_lines, feedback_records, write_jsonl
from voc.runtime.export.masking import masked_records
from voc.runtime.export.plugin_file import Unwritable, write_plugin_file
from voc.runtime.export.xlsx_file import write_xlsx

__all__ = [
    "Unwritable",
    "feedback_lines",
    "feedback_records",
    "masked_records",
    "write_csv",
    "write_jsonl",
    "write_plugin_file",
    "write_xlsx",
]
