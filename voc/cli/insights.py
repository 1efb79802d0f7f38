"""`voc insights`."""

from __future__ import annotations

import json

import click

from voc.cli.opening import opened


@click.group()
def insights() -> None:
    """Numbers, and the proof that they are right."""


@insights.command()
@click.option("--fix", is_flag=True, help="Put right what differs; what was found is still said, with exit 1.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def recount(fix: bool, as_json: bool) -> None:
    """Count everything once more from the raw rows and print the difference, table by table; exit 1 unless it is 0.
    Beside a running server too."""
    from voc.insights.recount import recount as count_again

    with opened(with_plugins=False) as runtime:
        found = count_again(runtime, runtime.clock(), fix=fix)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else "\n".join(found.lines()))
    if found.difference:
        raise SystemExit(1)
