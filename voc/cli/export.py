"""`voc export`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from voc.cli.opening import opened
from voc.core.errors import Invalid

if TYPE_CHECKING:
    from voc.runtime import Runtime

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
    metavar="NAME",
    default="jsonl",
    help="jsonl: one JSON object a line (the default). A table: csv, xlsx for Excel (needs the extra xlsx), or a "
    "format of a plugin, such as flat-ods.",
)
@click.option(
    "--mask",
    is_flag=True,
    help="Marks such as [teléfono] in place of personal data, in the language of the house; no raw text.",
)
def feedback(everything: bool, form: str, mask: bool) -> None:
    """Every feedback with its analysis and stance, oldest first, on standard output."""
    from voc.runtime.export import feedback_records, masked_records, write_csv, write_jsonl, write_xlsx

    ours = {"jsonl": write_jsonl, "csv": write_csv, "xlsx": write_xlsx}
    if form == "xlsx" and sys.stdout.isatty():
        raise Invalid("an Excel file is not for the screen: voc export feedback --format xlsx > feedback.xlsx")
    stream = sys.stdout.buffer
    with opened(with_plugins=form not in ours) as runtime:
        write = ours.get(form) or _plugin_writer(runtime, form, tuple(ours))
        records = feedback_records(runtime.db, everything=everything)
        if mask:
            records = masked_records(runtime.db, records, reader=runtime.settings.language)
        write(_counted(records), stream, everything=everything)
    stream.flush()


def _plugin_writer(runtime: Runtime, form: str, ours: tuple[str, ...]) -> Callable[..., object]:
    """What writes the format of a plugin; raises Invalid when there is none of this name."""
    from voc.plugin import Exporter
    from voc.runtime.export import write_plugin_file

    offered = runtime.host.offered("exporters")
    plugin, exporter = offered.get(form, ("", None))
    if not isinstance(exporter, Exporter):
        raise Invalid(f"there is no format {form}; there are {', '.join((*ours, *sorted(offered)))}")
    if exporter.binary and sys.stdout.isatty():
        file = f"feedback{exporter.suffix}"
        raise Invalid(f"this format is not for the screen: voc export feedback --format {form} > {file}")
    return partial(write_plugin_file, runtime.host.guard, plugin, exporter)


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
