"""`voc export`."""

from __future__ import annotations

import sys

import click

from voc.cli.opening import opened

SHOWN_EVERY = 1000


@click.group()
def export() -> None:
    """Export feedback."""


@export.command()
@click.option("--all", "everything", is_flag=True, help="Also robots, quarantine, and the raw text of everything.")
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", help="One JSON object a line.")
def feedback(everything: bool, form: str) -> None:
    """Every feedback with its analysis and stance, oldest first, on standard output."""
    from voc.runtime.export import feedback_lines

    shown, count, stream = sys.stderr.isatty() and not sys.stdout.isatty(), 0, sys.stdout.buffer
    with opened(with_plugins=False) as runtime:
        for line in feedback_lines(runtime.db, everything=everything):
            stream.write(line.encode("utf-8") + b"\n")
            count += 1
            if shown and count % SHOWN_EVERY == 0:
                click.echo(f"\r{count:,} lines", err=True, nl=False)
    stream.flush()
    if shown:
        click.echo(f"\r{count:,} lines", err=True)
