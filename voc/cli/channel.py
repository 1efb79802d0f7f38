"""`voc channel`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.channel_poll import poll
from voc.cli.channel_reread import reread
from voc.cli.channel_tail import tail
from voc.cli.opening import address, opened
from voc.core.errors import Invalid, NotFound, VocError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voc.model import Channel
    from voc.plugin import Options

OPTION = "A setting of the channel. A secret is better read from a file (K=@FILE) or standard input (K=-)."


@click.group()
def channel() -> None:
    """Channels: add, set, list, check, poll, on, off, replay, reread, tail."""


@channel.command()
@click.argument("kind")
@click.argument("name")
@click.option("--slug", help="Public name in the address; default: made of the name.")
@click.option("--option", "options", multiple=True, metavar="K=V", help=OPTION)
def add(kind: str, name: str, slug: str | None, options: tuple[str, ...]) -> None:
    """Configure a new channel of KIND called NAME."""
    from voc.intake.channels import add_channel, slug_of

    with opened() as runtime:
        found = runtime.host.channel(kind)
        if found is None and any(kind in (*state.kinds, state.name) for state in runtime.host.states):
            raise NotFound(runtime.host.missing(kind))
        given = read_options(options, found[1].options if found else None)
        with runtime.db.writing() as session:
            added = add_channel(
                session,
                runtime.host,
                kind=kind,
                name=name,
                slug=slug or slug_of(name),
                options=given,
                now=runtime.clock(),
                keys=runtime.keys,
            )
        if runtime.host.capable(kind, "FORM"):
            click.echo(address(runtime.settings, f"/f/{added.slug}"))
        elif runtime.host.capable(kind, "ACCEPT"):
            click.echo(address(runtime.settings, f"/in/{added.key}"))
        else:
            click.echo(added.slug)


@channel.command(name="set")
@click.argument("slug")
@click.option("--option", "options", multiple=True, metavar="K=V", help=f"{OPTION} K= puts back what the plugin has.")
@click.option("--name", help="Another name for people.")
@click.option("--forget", multiple=True, metavar="K", help="A secret to forget.")
def set_options(slug: str, options: tuple[str, ...], name: str | None, forget: tuple[str, ...]) -> None:
    """Change settings of the channel SLUG; what is not named stays."""
    from voc.intake.channels import change_channel
    from voc.security.access import SYSTEM

    with opened() as runtime:
        with runtime.db.reading() as session:
            present = channel_of(session, slug)
        found = runtime.host.channel(present.kind)
        if found is None:
            raise NotFound(runtime.host.missing(present.kind))
        declared = {item.name: item for item in found[1].options}
        if unknown := [item for item in forget if item not in declared or not declared[item].secret]:
            raise Invalid(f"{unknown[0]} is no secret of channels of kind {present.kind}")
        kept = {key: value for key, value in present.options.items() if key in declared}
        given = read_options(options, found[1].options)
        with runtime.db.writing() as session:
            change_channel(
                session,
                runtime.host,
                present.id,
                name=present.name if name is None else name,
                options={**kept, **given},
                now=runtime.clock(),
                actor=SYSTEM,
                keys=runtime.keys,
                version=present.version,
                forget=forget,
            )


def read_options(options: Sequence[str], declared: Options | None) -> dict[str, Any]:
    """The settings as typed; a secret may stand in a file or on standard input instead. Raises Invalid.

    Only a secret is looked for there: another setting may well begin with @, such as the name of an account.
    """
    given: dict[str, Any] = {}
    secret = {item.name for item in declared or () if item.secret}
    stdin = [option for option in options if option.endswith("=-") and option[:-2] in secret]
    if len(stdin) > 1:
        raise Invalid("only one secret can be read from standard input")
    for option in options:
        key, equals, value = option.partition("=")
        if not equals:
            raise Invalid(f"--option must look like name=value, not {option}")
        given[key] = _secret(key, value) if key in secret else value
    return given


def _secret(key: str, value: str) -> str:
    if value == "-":
        read = sys.stdin.read()
    elif value.startswith("@"):
        try:
            read = Path(value[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"{key} cannot be read from {value[1:]}: {error}") from None
    else:
        if value:
            click.echo(
                f"others on this machine can see {key} in the command; {key}=@FILE or {key}=- hides it", err=True
            )
        return value
    found = read.removesuffix("\n").removesuffix("\r")
    if not found:
        raise Invalid(f"{key}: there is nothing to read")
    return found


@channel.command(name="list")
def list_channels() -> None:
    """Every channel with its kind, public name, health (new while nobody has looked yet), how long ago it was fetched
    (- when it is not), name, and how much of it is in quarantine."""
    from voc.intake import queries
    from voc.intake.lag import is_new, lag, short
    from voc.intake.reading.queries import held_counts

    with opened(with_plugins=False) as runtime, runtime.db.reading() as session:
        now, held = runtime.clock(), held_counts(session)
        for item in queries.channels(session):
            state = "inactive" if not item.active else "new" if is_new(item) else item.health
            behind = lag(item, now)
            since = short(behind) if behind is not None else "-"
            waits = f" [{held[item.id]} in quarantine]" if held.get(item.id) else ""
            about = f"{item.name}{waits} {item.health_text or ''}".rstrip()
            click.echo(f"{item.kind:12} {item.slug:30} {state:10} {since:>6} {about}")


@channel.command()
@click.argument("slug")
def check(slug: str) -> None:
    """Ask the channel's plugin whether it could work; exit 1 when it could not."""
    from voc.intake.check import check_now

    with opened() as runtime:
        with runtime.db.reading() as session:
            found = channel_of(session, slug)
        offered = runtime.host.channel(found.kind)
        if offered is None:
            raise NotFound(runtime.host.missing(found.kind))
        health = check_now(runtime, found, *offered)
        click.echo(f"{health.state}: {health.text}".rstrip(": "))
        if health.state == "failing":
            raise SystemExit(1)


@channel.command(name="on")
@click.argument("slug")
def switch_on(slug: str) -> None:
    """Switch the channel SLUG on."""
    _switch(slug, active=True)


@channel.command(name="off")
@click.argument("slug")
def switch_off(slug: str) -> None:
    """Switch the channel SLUG off: what it brought stays, what arrives for it is refused."""
    _switch(slug, active=False)


def _switch(slug: str, *, active: bool) -> None:
    from voc.intake.channels import set_active
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime, runtime.db.writing() as session:
        set_active(session, channel_of(session, slug).id, active=active, now=runtime.clock(), actor=SYSTEM)


@channel.command(name="replay")
@click.argument("slug")
@click.option("--all", "everything", is_flag=True, help="Everything that is in quarantine now, page by page.")
def read_again(slug: str, everything: bool) -> None:
    """Let the running server read again what it could not read of the channel SLUG.

    Without --all only the newest receipt, to see whether it can be read now. What cannot be read comes back.
    """
    from voc.intake import queries
    from voc.intake.replay import replay, replay_all
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime, runtime.db.writing() as session:
        found, now = channel_of(session, slug), runtime.clock()
        if everything:
            replay_all(session, found.id, actor=SYSTEM, now=now)
            click.echo("asked for: it goes on in the background", err=True)
            return
        newest = queries.newest_quarantined(session, found.id)
        if newest is None:
            raise VocError(f"nothing of the channel {slug} is in quarantine")
        replay(session, newest, actor=SYSTEM, now=now)
        click.echo(f"receipt {newest} will be read again; voc channel tail {slug} shows what became of it")


def channel_of(session: Session, slug: str) -> Channel:
    """The channel of this public name; raises NotFound."""
    from voc.intake import queries

    found = queries.channel_by_slug(session, slug)
    if found is None:
        raise NotFound(f"there is no channel {slug}")
    return found


for command in (poll, reread, tail):
    channel.add_command(command)
