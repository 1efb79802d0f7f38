"""`voc plugin enable`, `disable`, `quarantine`, `release` and `isolate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voc.cli.opening import opened
from voc.core.errors import NotFound

if TYPE_CHECKING:
    from voc.plugin_host.choices import Deed
    from voc.runtime import Runtime

FOLLOWS = "a running server follows within seconds"


def _name_of(runtime: Runtime, name: str) -> str:
    """The name, when there is such a plugin or one was chosen for."""
    from voc.plugin_host.choices import chosen

    with runtime.db.reading() as session:
        known = {*chosen(session), *(state.name for state in runtime.host.states)}
    if name not in known:
        raise NotFound(f"there is no plugin {name}: voc plugin list shows them")
    return name


def _do(name: str, deed: Deed, reason: str = "") -> None:
    from voc.plugin_host.choices import choose
    from voc.security.access import SYSTEM

    with opened(plugins="none") as runtime:
        known = _name_of(runtime, name)
        with runtime.db.writing(patience=30) as session:
            choose(session, known, deed, reason=reason, now=runtime.clock(), actor=SYSTEM)
    click.echo(f"{name}: {deed}d; {FOLLOWS}" if deed != "quarantine" else f"{name}: quarantined; {FOLLOWS}")


@click.command()
@click.argument("name")
def enable(name: str) -> None:
    """Load the plugin NAME again."""
    _do(name, "enable")


@click.command()
@click.argument("name")
def disable(name: str) -> None:
    """Switch the plugin NAME off: nothing of it is called; what arrives for it meanwhile waits in quarantine."""
    _do(name, "disable")


@click.command()
@click.argument("name")
@click.option("--reason", default="", help="Why, for whoever looks at it next.")
def quarantine(name: str, reason: str) -> None:
    """Put the plugin NAME into quarantine."""
    _do(name, "quarantine", reason)


@click.command()
@click.argument("name")
def release(name: str) -> None:
    """Let the plugin NAME out of quarantine: its files are loaded anew."""
    _do(name, "release")


@click.command()
@click.argument("name")
@click.argument("where", type=click.Choice(["process", "worker", "default"]))
def isolate(name: str, where: str) -> None:
    """Say where the plugin NAME runs: in processes of its own, in the worker, or as settings and plugin say."""
    from voc.plugin_host.choices import choose_isolation
    from voc.security.access import SYSTEM

    with opened(plugins="none") as runtime:
        known = _name_of(runtime, name)
        with runtime.db.writing(patience=30) as session:
            choose_isolation(session, known, where, now=runtime.clock(), actor=SYSTEM)
    click.echo(f"{name}: {where}; {FOLLOWS}")


COMMANDS = (enable, disable, quarantine, release, isolate)
