"""`voc plugin new`: a whole package to start from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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
OFFERS = ("channel", "analyzer", "action", "notifier", "slot", "exporter", "command", "schedule")


@click.command()
@click.argument("name")
@click.option(
    "--offers",
    multiple=True,
    type=click.Choice(OFFERS),
    help="What it offers; may be repeated, but for a channel. Asked for at a terminal, else a channel.",
)
@click.option("--kind", help="What its channels, or its other offers, are called; the name, unless it is given.")
@click.option("--title", help="What people call it; from the name, unless it is given.")
@click.option(
    "--can",
    "capabilities",
    multiple=True,
    type=click.Choice(list(CAPABILITIES), case_sensitive=False),
    help="What the source of a channel can do; may be repeated. Asked for at a terminal, else ACCEPT.",
)
@click.option("--into", type=click.Path(file_okay=False), default=".", help="Folder in which to write it; here.")
def new(
    name: str,
    offers: tuple[str, ...],
    kind: str | None,
    title: str | None,
    capabilities: tuple[str, ...],
    into: str,
) -> None:
    """Write the package of a new plugin called NAME: code, texts, fixtures, tests, packaging.

    It keeps the rules of bronze at once. What is yours to fill in is marked with FILL IN.
    """
    from voc.testkit.scaffold import write

    asks = sys.stdin.isatty()
    name = _until_free(name, lambda word: _check_name(word, offers), "Another name", asks=asks)
    if not offers:
        offers = (_offer(),) if asks and not capabilities else ("channel",)
    kind = _until_free(kind or name, lambda word: _check_kind(word, offers), "Another kind", asks=asks)
    if "channel" in offers and not capabilities:
        capabilities = tuple(_asked()) if asks else PROPOSED
    said = title or name.replace("_", " ").capitalize()
    written = write(
        Path(into), name, kind=kind, title=said, capabilities=frozenset(capabilities), offers=frozenset(offers)
    )
    for path in written:
        click.echo(str(path))
    click.echo(f"Next: fill in what is marked FILL IN, and run voc plugin check {Path(into) / name}")


def _until_free(word: str, check: Callable[[str], None], question: str, *, asks: bool) -> str:
    """The word, or the first one typed at a terminal that can be."""
    from voc.core.errors import Conflict, Invalid

    while True:
        try:
            check(word)
        except (Invalid, Conflict) as error:
            if not asks:
                raise
            click.echo(str(error), err=True)
            word = click.prompt(question)
        else:
            return word


def _check_name(name: str, offers: tuple[str, ...]) -> None:
    """Raises Invalid or Conflict for what a new plugin cannot be called."""
    from voc.core.errors import Conflict
    from voc.testkit.scaffold import check_name, ending

    check_name(name, ending(offers))
    if name in _bundled():
        raise Conflict(f"{name} is a plugin that comes with voc; take {name}_{ending(offers)}")


def _check_kind(kind: str, offers: tuple[str, ...]) -> None:
    """Raises Invalid or Conflict for what its offers cannot be called."""
    from voc.core.errors import Conflict
    from voc.testkit.plugin import words
    from voc.testkit.scaffold import check_word

    check_word("kind", kind)
    for offer in offers:
        key = "kinds" if offer == "channel" else f"{offer}s"
        for plugin, manifest in _bundled().items():
            if kind in words(manifest, key):
                raise Conflict(f"{kind} is the {offer} of the plugin {plugin}, which comes with voc; take own_{kind}")


def _bundled() -> dict[str, Mapping[str, Any]]:
    """plugin.toml of each plugin that comes with voc, by its name."""
    from voc.plugin_host.sources import candidates
    from voc.testkit.plugin import read_manifest

    found = [item for item in candidates(None) if item.source == "bundled"]
    return {item.name: read_manifest(item.manifest.parent) for item in found}


def _offer() -> str:
    """What a person wants to offer."""
    found: str = click.prompt("It offers", type=click.Choice(OFFERS), default="channel")
    return found


def _asked() -> list[str]:
    """The capabilities that a person chooses."""
    return [name for name, what in CAPABILITIES.items() if click.confirm(f"{name}: {what}?", default=name in PROPOSED)]
