"""`voc plugin`."""

from __future__ import annotations

import click

from voc.cli.opening import opened


@click.group()
def plugin() -> None:
    """Plugins: list."""


@plugin.command(name="list")
def list_plugins() -> None:
    """Every plugin found, where it came from, and why when it is in quarantine."""
    with opened() as runtime:
        for state in runtime.host.states:
            what = ", ".join([*state.kinds, *state.analyzers])
            click.echo(f"{state.name:16} {state.source:10} {state.state:12} {state.reason or what}")
