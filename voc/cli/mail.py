"""`voc mail`: a mail server brings one mail on standard input. What it does with it follows from the exit status."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from voc.cli.opening import opened
from voc.core.errors import NotFound

# Bytes of one mail; every mail server has a limit of its own below this.
LARGEST = 60_000_000
CONTENT_TYPE = "message/rfc822"
# sysexits.h: the mail itself is wrong (it goes back), and: try again (it stays in the mail server's queue).
EX_DATAERR = 65
EX_TEMPFAIL = 75


class Pipe(click.Group):
    """A mistyped option is a mistake of ours as well: the mail waits until somebody has mended the command."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the subcommand; wrong usage ends as *try again*."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            error.show()
            raise SystemExit(EX_TEMPFAIL) from error


@click.group(cls=Pipe)
def mail() -> None:
    """Mail: take one from a mail server."""


@mail.command()
@click.option("--channel", "name", required=True, help="Channel it belongs to: its public name, or its name.")
def receive(name: str) -> None:
    """Store the mail on standard input, for a mail server's pipe.

    Exit status 0: it is stored, durably. 75: try again, whatever it was (database busy or gone, disk full, no such
    channel, voc being updated): the mail server keeps the mail meanwhile, so that no mistake of ours sends a
    customer's words back. 65: there was no mail, or it has more than 60 MB. The server need not run.
    """
    try:
        body = _read(sys.stdin.buffer)
        if not body.strip():
            _refuse("there was no mail on standard input", EX_DATAERR)
        if len(body) > LARGEST:
            _refuse(f"this mail has more than {LARGEST:,} bytes", EX_DATAERR)
        _store(name, body)
    except Exception as error:  # noqa: BLE001  the border of the mail server: any other status would send the mail back
        _refuse(" ".join(str(error).split()) or type(error).__name__, EX_TEMPFAIL)


def _read(stream: BinaryIO) -> bytes:
    """Everything, or one byte more than may be."""
    return stream.read(LARGEST + 1)


def _store(name: str, body: bytes) -> None:
    """Store the mail; raises NotFound without such a channel, Busy when the database cannot be written now."""
    from voc.core.vocabulary import Door
    from voc.intake import queries
    from voc.intake.arrive import arrive

    with opened() as runtime:
        with runtime.db.reading() as session:
            channel = queries.channel_by_slug(session, name) or queries.channel_by_name(session, name)
            if channel is None or not channel.active:
                raise NotFound(f"there is no channel {name}" if channel is None else f"channel {name} is switched off")
            # What a plugin that could not be loaded would say is not known: its mail is kept.
            offered = runtime.host.channel(channel.kind)
            if offered is not None and not offered[1].takes_mail:
                raise NotFound(f"channel {name} is of kind {channel.kind}, which takes no mail")
            channel_id = channel.id
        arrive(
            runtime.writer,
            runtime.keys,
            door=Door.PIPE,
            channel_id=channel_id,
            body=body,
            content_type=CONTENT_TYPE,
            now=runtime.clock(),
        )


def _refuse(reason: str, status: int) -> None:
    """Say why on standard error, which mail servers write into their log, and end."""
    click.echo(f"voc: {reason}", err=True)
    raise SystemExit(status)
