"""`voc plugin new`: a whole package to start from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

CAPABILITIES = {
    "ACCEPT": "the source posts to us (a webhook)",
    "FETCH": "we ask the source for what is new",
    "FORM": "voc draws a public form",
    "SEND": "we answer the customer there",
    "THREADS": "answers name what they answer",
    "EDITS": "customers change and delete what they said",
}
PROPOSED = ("ACCEPT",)


@click.command()
@click.argument("name")
@click.option("--kind", help="What channels of it are called in `voc channel add`; the name, unless it is given.")
@click.option("--title", help="What people call it; from the name, unless it is given.")
@click.option(
    "--can",
    "capabilities",
    multiple=True,
    type=click.Choice(list(CAPABILITIES), case_sensitive=False),
    help="What the source can do; may be repeated. Asked for at a terminal, else ACCEPT.",
)
@click.option("--into", type=click.Path(file_okay=False), default=".", help="Folder in which to write it; here.")
def new(name: str, kind: str | None, title: str | None, capabilities: tuple[str, ...], into: str) -> None:
    """Write the package of a new channel called NAME: code, texts, fixtures, tests, packaging.

    It keeps the rules of bronze at once. What is yours to fill in is marked with FILL IN.
    """
    from voc.testkit.scaffold import write

    chosen = capabilities or (tuple(_asked()) if sys.stdin.isatty() else PROPOSED)
    said = title or name.replace("_", " ").capitalize()
    written = write(Path(into), name, kind=kind or name, title=said, capabilities=frozenset(chosen))
    for path in written:
        click.echo(str(path))
    click.echo(f"Next: fill in what is marked FILL IN, and run voc plugin check {Path(into) / name}")


def _asked() -> list[str]:
    """The capabilities that a person chooses."""
    return [name for name, what in CAPABILITIES.items() if click.confirm(f"{name}: {what}?", default=name in PROPOSED)]
