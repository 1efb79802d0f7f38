"""`voc export`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

from voc.cli.opening import opened
from voc.core.errors import Invalid

SHOWN_EVERY = 1000

Item = TypeVar("Item")


@click.group()
def export() -> None:
    """Export feedback."""


@export.command()
@click.option("--all", "everything", is_flag=True, help="Also robots, quarantine, and the raw text of everything.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "xlsx"]),
    default="jsonl",
    help="One JSON object a line, or a table: csv, or xlsx for Excel (needs the extra xlsx).",
)
@click.option(
    "--mask",
    is_flag=True,
    help="Marks such as [teléfono] in place of personal data, in the language of the house; no raw text.",
)
def feedback(everything: bool, form: str, mask: bool) -> None:
    """Every feedback with its analysis and stance, oldest first, on standard output."""
    from voc.runtime.export import feedback_records, masked_records, write_csv, write_jsonl, write_xlsx

    write = {"jsonl": write_jsonl, "csv": write_csv, "xlsx": write_xlsx}[form]
    if form == "xlsx" and sys.stdout.isatty():
        raise Invalid("an Excel file is not for the screen: voc export feedback --format xlsx > feedback.xlsx")
    stream = sys.stdout.buffer
    with opened(with_plugins=False) as runtime:
        records = feedback_records(runtime.db, everything=everything)
        if mask:
            records = masked_records(runtime.db, records, reader=runtime.settings.language)
        write(_counted(records), stream, everything=everything)
    stream.flush()


def _counted(items: Iterable[Item]) -> Iterator[Item]:
    """The same, with their number on standard error where somebody looks at it."""
    shown, count = sys.stderr.isatty() and not sys.stdout.isatty(), 0
    for item in items:
        yield item
        count += 1
        if shown and count % SHOWN_EVERY == 0:
            click.echo(f"\r{count:,} lines", err=True, nl=False)
    if shown:
        click.echo(f"\r{count:,} lines", err=True)
