"""Feedback as a table: one line each, the same columns in every file, nothing that a spreadsheet would calculate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

Cell = str | int | float | None

AUTHOR = ("name", "email", "phone", "external_id", "verified")
COLUMNS = (
    "kind", "id", "receipt_id", "received_at", "sent_at", "channel", "channel_kind", "tracking_code", "language",
    "text", "metric", "score", "stance", "mixed", "reasons", "policy", "label", "probability", "opinions", "risks",
    *(f"author_{name}" for name in AUTHOR),
    "consent", "customer_id", "unit", "facts", "case",
)  # fmt: skip
# With --all: what is known of a receipt that is no feedback, and the raw text of both.
MORE_COLUMNS = ("state", "reason", "content_type", "raw", "raw_base64")

# What makes a spreadsheet calculate: these signs, also in their full-width form, and what it skips before them.
_CALCULATES = tuple("=+-@\t\r\n＝＋－＠")


def columns(*, everything: bool) -> tuple[str, ...]:
    """The heads of the table."""
    return (*COLUMNS, *MORE_COLUMNS) if everything else COLUMNS


def rows(records: Iterable[dict[str, Any]], *, everything: bool) -> Iterator[list[Cell]]:
    """One line for each record of `feedback_records`, in the order of `columns`."""
    names = columns(everything=everything)
    for record in records:
        author = record.get("author") or {}
        known = {**record, **{f"author_{name}": author.get(name) for name in AUTHOR}}
        yield [_cell(known.get(name)) for name in names]


def calculates(value: Cell) -> bool:
    """Whether a spreadsheet would take this text for a formula."""
    return isinstance(value, str) and value.startswith(_CALCULATES)


def _cell(value: Any) -> Cell:
    """0 stays 0, unanswered is empty; lists and objects are JSON, empty ones nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else None
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)
