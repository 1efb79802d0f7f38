"""`voc channel poll`: fetch now, and say what came."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from voc.cli.opening import opened
from voc.core.errors import Invalid, NotFound, VocError

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voc.model import Channel
    from voc.runtime import Runtime

# Seconds between two looks at whether it was done.
LOOK = 0.3


@click.command()
@click.argument("slug")
@click.option(
    "--wait", type=click.FloatRange(1, 600), metavar="SECONDS", help="Wait until it was done; at most so long."
)
def poll(slug: str, wait: float | None) -> None:
    """Let the running server fetch what is new in this channel now, and say how it went last time.

    With --wait say how it went this time and how many receipts came; exit 1 when it went wrong or took longer. How many
    of them could be read is shown by voc channel list and voc channel tail.
    """
    from voc.cli.channel import channel_of
    from voc.intake.fetch import fetch_soon

    with opened() as runtime:
        with runtime.db.reading() as session:
            newest = _newest(session, channel_of(session, slug).id)
        with runtime.db.writing() as session:
            found = channel_of(session, slug)
            if why := _why_not(runtime, found):
                raise why
            fetch_soon(session, found.id, now=runtime.clock())
        if wait is None:
            last = found.fetched_at.isoformat(timespec="seconds") if found.fetched_at else "never"
            click.echo(f"asked for; last fetched: {last}; {found.health} {found.health_text or ''}".rstrip())
            return
        done = _done(runtime, found, wait)
        click.echo(f"{_came(runtime, found.id, newest)}; {done.health} {done.health_text or ''}".rstrip())
        if done.failures:
            raise SystemExit(1)


def _why_not(runtime: Runtime, channel: Channel) -> VocError | None:
    """Why nobody fetches for this channel, None when somebody does."""
    from voc.intake.fetch import polled

    if runtime.host.channel(channel.kind) is None:
        return NotFound(runtime.host.missing(channel.kind))
    if not channel.active:
        return Invalid(f"the channel {channel.slug} is switched off: voc channel on {channel.slug}")
    if not runtime.host.capable(channel.kind, "FETCH"):
        return Invalid(f"the channel {channel.slug} is not polled: what it brings comes by itself")
    if not polled(channel.options):
        return Invalid(f"the channel {channel.slug} is never polled: its option poll_seconds is 0")
    return None


def _done(runtime: Runtime, before: Channel, wait: float) -> Channel:
    """The channel after the fetching that was asked for, with all its pages; raises VocError when that takes longer."""
    from voc.intake.fetch import KIND
    from voc.intake.queries import channel_by_id, due_of

    end = time.monotonic() + wait
    while time.monotonic() < end:
        time.sleep(LOOK)
        with runtime.db.reading() as session:
            now = channel_by_id(session, before.id)
            due = due_of(session, KIND, before.id)
        tried = (now.fetched_at, now.failures) != (before.fetched_at, before.failures)
        # Due at once: there is another page.
        if tried and due is not None and due > runtime.clock():
            return now
    raise VocError(f"it was not done within {wait:g} seconds: does the server run?")


def _newest(session: Session, channel_id: UUID) -> UUID | None:
    from voc.intake.reading.queries import newest_receipts

    return next((line.id for line in newest_receipts(session, channel_id, limit=1)), None)


def _came(runtime: Runtime, channel_id: UUID, before: UUID | None) -> str:
    """How many receipts are newer, in words."""
    from voc.intake.reading.queries import newest_receipts

    with runtime.db.reading() as session:
        lines = newest_receipts(session, channel_id, limit=1000)
        new = [line for line in lines if before is None or line.id > before]
    more = "1000 or more" if len(new) == 1000 else str(len(new)) if new else "no"
    return f"{more} new receipt{'' if len(new) == 1 else 's'}"
