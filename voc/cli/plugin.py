"""`voc plugin`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from voc.cli.opening import opened
from voc.cli.plugin_check import check
from voc.cli.plugin_new import new
from voc.cli.plugin_states import COMMANDS


@click.group()
def plugin() -> None:
    """Plugins: list, write, check, switch on and off, isolate."""


@plugin.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON list.")
def list_plugins(as_json: bool) -> None:
    """Every plugin found, where it came from, the level it claims, and why when it is in quarantine."""
    with opened() as runtime:
        if as_json:
            click.echo(json.dumps([asdict(state) for state in runtime.host.states], ensure_ascii=False, indent=2))
            return
        for state in runtime.host.states:
            what = ", ".join([*state.kinds, *state.analyzers])
            where = state.isolation if state.state == "loaded" else ""
            row = f"{state.name:16} {state.source:10} {where:8} {state.level or '-':6} {state.state:12}"
            click.echo(f"{row} {state.reason or what}")


for command in (check, new, *COMMANDS):
    plugin.add_command(command)
