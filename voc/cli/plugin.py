"""`voc plugin`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from voc.cli.opening import opened
from voc.cli.plugin_check import check
from voc.cli.plugin_new import new
from voc.cli.plugin_play import play
from voc.cli.plugin_set import set_settings
from voc.cli.plugin_states import COMMANDS
from voc.core.errors import NeverStarted
from voc.core.settings import load

if TYPE_CHECKING:
    from voc.plugin_host.host import PluginState
    from voc.runtime import Runtime


@click.group()
def plugin() -> None:
    """Plugins: list, write, check, play their vendor, set, switch on and off, isolate."""


@plugin.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON list.")
@click.option("-v", "--verbose", is_flag=True, help="Also every offer by kind, and when schedules ran and run next.")
def list_plugins(as_json: bool, verbose: bool) -> None:
    """Every plugin found, where it came from, the level it claims, why when it is in quarantine, and what it uses that
    goes away.

    Each is tried for this list, as a start would; where a running server says otherwise of one, that stands below it.
    Where voc was never started, what it would find: none of it is loaded or tried for that.
    """
    try:
        with opened() as runtime:
            elsewhere = _elsewhere(runtime)
            states = [replace(it, warnings=(*it.warnings, *elsewhere.get(it.name, ()))) for it in runtime.host.states]
            _tell(states, as_json, (lambda name: _more(runtime, name)) if verbose else None)
    except NeverStarted:
        from voc.plugin_host.policy import Policy
        from voc.plugin_host.unstarted import found

        settings = load()
        click.echo("nothing was started yet: these are found, and voc serve loads them", err=True)
        _tell(found(settings.instance, Policy.of(settings)), as_json, None)


def _tell(states: list[PluginState], as_json: bool, more: Callable[[str], Iterator[str]] | None) -> None:
    """The list; `more` gives further lines by the name of a plugin."""
    if as_json:
        click.echo(json.dumps([asdict(state) for state in states], ensure_ascii=False, indent=2))
        return
    for state in states:
        # Several offers may have one name: -v tells their kinds.
        what = ", ".join(dict.fromkeys([*state.kinds, *state.analyzers, *state.offers]))
        where = state.isolation if state.state in ("loaded", "found") else ""
        row = f"{state.name:16} {state.source:10} {where:8} {state.level or '-':6} {state.state:12}"
        click.echo(f"{row} {state.reason or what}")
        for warning in state.warnings:
            click.echo(f"{'':16} ! {warning}")
        for line in more(state.name) if more else ():
            click.echo(f"{'':16} {line}")


def _elsewhere(runtime: Runtime) -> dict[str, list[str]]:
    """By plugin, what processes that run now say otherwise of it."""
    from voc.plugin_host.reports import told

    found: dict[str, list[str]] = {}
    states = {state.name: state.state for state in reversed(runtime.host.states)}
    with runtime.db.reading() as session:
        for row in told(session, now=runtime.clock()):
            if row.name in states and row.state != states[row.name]:
                why = f": {row.reason}" if row.reason else ""
                found.setdefault(row.name, []).append(f"in the running {row.process}: {row.state}{why}")
    return found


def _more(runtime: Runtime, plugin: str) -> Iterator[str]:
    """What a plugin offers beside channels and analyzers, a line each; how schedules stand."""
    from voc.plugin_host.offers import KINDS
    from voc.plugin_host.queries import schedules

    with runtime.db.reading() as session:
        rounds = {row.name: row for row in schedules(session)}
    for key, offers in runtime.host.part(plugin).offers.items():
        for name in offers:
            line, row = f"{KINDS[key].word} {name}", rounds.get(name) if key == "schedules" else None
            if row is not None:
                ran = f"{row.outcome} {row.ran_at:%Y-%m-%d %H:%M} UTC" if row.ran_at else "has not run yet"
                line += f": {ran}, next {row.due_at:%Y-%m-%d %H:%M} UTC. {row.text}"
            yield line.rstrip()


for command in (check, new, play, set_settings, *COMMANDS):
    plugin.add_command(command)
