"""`voc verify`."""

from __future__ import annotations

import json

import click

from voc.cli.opening import opened


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
def verify(as_json: bool) -> None:
    """Prove that nobody was left behind; exit 1 when something is not as it must be. Beside a running server too."""
    from voc.pipeline import verify as proof

    with opened(with_plugins=False) as runtime:
        report = proof.verify(runtime, now=runtime.clock())
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else "\n".join(report.lines()))
    if not report.ok:
        raise SystemExit(1)
