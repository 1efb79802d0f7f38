"""`voc competitors`."""

from __future__ import annotations

from collections.abc import Callable

import click

from voc.cli.opening import opened

Names = tuple[str, ...]


@click.group()
def competitors() -> None:
    """Names of competitors: a customer who names one counts as about to leave."""


@competitors.command(name="list")
def show() -> None:
    """The names, one a line."""
    from voc.pipeline.competitors import competitors as stored

    with opened(with_plugins=False) as runtime, runtime.db.reading() as session:
        for name in stored(session):
            click.echo(name)


@competitors.command()
@click.argument("names", nargs=-1, required=True)
def add(names: Names) -> None:
    """Add names. One in CAPITALS is only heard in capitals; leave out names that are everyday words."""
    _change(lambda known: [*known, *names])


@competitors.command()
@click.argument("names", nargs=-1, required=True)
def remove(names: Names) -> None:
    """Take names out of the list; one that is not in it changes nothing."""
    _change(lambda known: [name for name in known if name not in names])


def _change(change: Callable[[list[str]], list[str]]) -> None:
    """Write the list anew and show it."""
    from voc.pipeline.competitors import competitors as stored
    from voc.pipeline.competitors import save_competitors
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime:
        with runtime.db.writing() as session:
            names = save_competitors(session, change(stored(session)), actor=SYSTEM, now=runtime.clock())
        for name in names:
            click.echo(name)
