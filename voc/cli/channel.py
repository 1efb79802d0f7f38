"""`voc channel`."""

from __future__ import annotations

import click

from voc.cli.opening import opened
from voc.core.errors import Invalid, NotFound


@click.group()
def channel() -> None:
    """Channels: add, list, check."""


@channel.command()
@click.argument("kind")
@click.argument("name")
@click.option("--slug", help="Public name in the address; default: made of the name.")
@click.option("--option", "options", multiple=True, metavar="K=V", help="A setting of the channel.")
def add(kind: str, name: str, slug: str | None, options: tuple[str, ...]) -> None:
    """Configure a new channel of KIND called NAME."""
    from voc.core.text import fold
    from voc.intake.channels import add_channel

    wrong = [option for option in options if "=" not in option]
    if wrong:
        raise Invalid(f"--option must look like name=value, not {wrong[0]}")
    made = "-".join("".join(char if char.isalnum() else " " for char in fold(name)).split())[:40]
    with opened() as runtime:
        with runtime.db.writing() as session:
            added = add_channel(
                session,
                runtime.host,
                kind=kind,
                name=name,
                slug=slug or made,
                options=dict(option.split("=", 1) for option in options),
                now=runtime.clock(),
            )
        click.echo(runtime.settings.public(f"/f/{added.slug}"))


@channel.command(name="list")
def list_channels() -> None:
    """Every channel with its kind, public name and health."""
    from voc.intake import queries

    with opened(with_plugins=False) as runtime, runtime.db.reading() as session:
        for item in queries.channels(session):
            state = item.health if item.active else "inactive"
            click.echo(f"{item.kind:12} {item.slug:30} {state:10} {item.name} {item.health_text or ''}".rstrip())


@channel.command()
@click.argument("slug")
def check(slug: str) -> None:
    """Ask the channel's plugin whether it could work; exit 1 when it could not."""
    from voc.intake import queries
    from voc.plugin import View

    with opened() as runtime:
        with runtime.db.reading() as session:
            found = queries.channel_by_slug(session, slug)
        offered = runtime.host.channel(found.kind) if found else None
        if found is None or offered is None:
            raise NotFound(f"there is no channel {slug}" if found is None else f"no plugin reads {found.kind}")
        plugin, implementation = offered
        health = runtime.host.guard.call(plugin, implementation.check, View(options=found.options))
        click.echo(f"{health.state}: {health.text}".rstrip(": "))
        if health.state == "failing":
            raise SystemExit(1)
