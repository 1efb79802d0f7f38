"""A report for people: a table for the terminal or for a page, then the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from voc.analysis.evaluation.report import Report, Row
from voc.core.text import shorten

Format = Literal["text", "markdown"]

HEAD = (
    "language", "source", "n", "accuracy", "macro-F1", "negative recall", "negative precision", "calibration error",
    "unknown", "language right", "topics F1",
)  # fmt: skip
_PLAIN_COLUMNS = ("ece", "unknown", "language_accuracy", "topics_micro_f1")
NOTHING = "–"
SHOWN = 160  # characters of a mistake


def written(report: Report, form: Format) -> str:
    """The report; ends with a line feed."""
    table = [HEAD, *(_cells(row) for row in report.rows)]
    parts = [markdown(table) if form == "markdown" else aligned(table)]
    if report.analyzers:
        parts.append(f"Answered by {plain(', '.join(report.analyzers))}.")
    if report.worst:
        lines = [
            f"{m.example.language} {plain(m.example.source)}: {m.label} {m.probability:.2f}, is {m.example.label}: "
            f"{plain(shorten(m.example.text[: 4 * SHOWN], SHOWN))}"
            for m in report.worst
        ]
        head = "## Worst mistakes" if form == "markdown" else "worst mistakes"
        bullet = "- " if form == "markdown" else "  "
        parts.append("\n".join([head, "", *(bullet + line for line in lines)]))
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """A text of somebody else on one line of ours: nothing in it moves the cursor."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _cells(row: Row) -> tuple[str, ...]:
    """One row of the table."""
    source = "mean of sources" if row.kind == "mean" else row.source or "all"
    with_interval = [
        figure(row.figures[name], row.intervals[name])
        for name in ("accuracy", "macro_f1", "negative_recall", "negative_precision")
    ]
    others = [figure(row.figures[name], None) for name in _PLAIN_COLUMNS]
    return (row.language, plain(source), f"{row.n or row.texts:,}", *with_interval, *others)


def figure(value: float | None, around: tuple[float | None, float | None] | None) -> str:
    """``.712 (.690–.731)``: three decimals, the interval in brackets; a dash for nothing."""
    if value is None:
        return NOTHING
    low, high = around or (None, None)
    return _short(value) if low is None or high is None else f"{_short(value)} ({_short(low)}–{_short(high)})"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def aligned(table: Sequence[Sequence[str]]) -> str:
    """Columns of even width; the first row is the head."""
    kept = _without_empty(table)
    widths = [max(len(row[index]) for row in kept) for index in range(len(kept[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in kept
    )


def markdown(table: Sequence[Sequence[str]]) -> str:
    """A table of a page; the first row is the head."""
    kept = _without_empty(table)
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in kept]
    return "\n".join([lines[0], "|" + "---|" * len(kept[0]), *lines[1:]])


def _without_empty(table: Sequence[Sequence[str]]) -> list[list[str]]:
    """The same without columns that hold nothing but dashes."""
    head, *rows = table
    kept = [i for i in range(len(head)) if not rows or any(row[i] != NOTHING for row in rows)]
    return [[row[index] for index in kept] for row in table]
