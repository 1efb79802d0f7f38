"""`voc token`."""

from __future__ import annotations

import click

from voc.cli.opening import opened
from voc.core.vocabulary import Scope


@click.group()
def token() -> None:
    """Access for the API."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the token may do; may be given several times.",
)
def add(name: str, scopes: tuple[str, ...]) -> None:
    """Make a token and print it, once, alone on standard output."""
    from voc.security import tokens

    with opened(with_plugins=False) as runtime:
        with runtime.db.writing() as session:
            made = tokens.add(session, name=name, scopes=scopes, now=runtime.clock())
        click.echo(made)
