"""`voc plugin play`: the fixtures' vendor on loopback, played by hand."""

from __future__ import annotations

import os
import select
import shlex
import sys
from typing import TYPE_CHECKING

import click

from voc.core.clock import utc_now
from voc.core.errors import Invalid
from voc.core.text import storable

if TYPE_CHECKING:
    from voc.testkit.playing import Play

# Seconds between two looks at what reached customers, and characters of a line that is typed.
LOOK = 0.2
LONGEST = 100_000


@click.command()
@click.argument("plugin")
@click.option("--kind", default="", help="Of which kind of channel, where the plugin has several; the first.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Where it listens; any port that is free.")
def play(plugin: str, kind: str, port: int) -> None:
    """Play the vendor of PLUGIN (a folder, or the name of one that is here) on this machine, until Ctrl-C.

    It starts the vendor of fixtures.py, says how to add a channel for it, gives what customers say there, and shows
    what reaches them. A line that is typed is said by a customer; !down, !busy, !denied, !gone, !silent, !lost and
    !nonsense make that go wrong there, and !well ends it. The plugin's files are run in this process.
    """
    from voc.cli.checking import located
    from voc.testkit.playing import playing

    with playing(located(plugin), clock=utc_now, kind=kind, port=port) as stage:
        try:
            click.echo(_how(stage))
            for said in stage.first():
                score = "" if said.score is None else f" ({said.metric} {said.score})"
                click.echo(f"a customer says: {said.text}{score}")
            _listen(stage)
        except KeyboardInterrupt:
            click.echo("the vendor is gone", err=True)


def _how(stage: Play) -> str:
    """How a channel is added that finds this vendor."""
    words = ["voc", "channel", "add", stage.channel.kind, stage.channel.title or stage.channel.kind]
    options = dict(stage.options)
    if stage.fetched and "poll_seconds" not in {option.name for option in stage.channel.options}:
        options["poll_seconds"] = 5
    for name, value in options.items():
        said = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        words += ["--option", f"{name}={said}"]
    return f"{shlex.join(words)}\nvoc reaches this machine only with VOC_PRIVATE_ADDRESSES=127.0.0.0/8"


def _listen(stage: Play) -> None:
    """Show what reaches customers and say what is typed, until somebody ends it."""
    typed, typing = b"", sys.stdin is not None
    while True:
        ready = select.select([sys.stdin] if typing else [], [], [], LOOK)[0]
        if ready:
            piece = os.read(sys.stdin.fileno(), LONGEST)
            typing = bool(piece)
            *lines, typed = (typed + piece)[-LONGEST:].split(b"\n")
            for line in lines:
                _typed(stage, line.decode("utf-8", "replace").strip())
        for text in stage.heard():
            click.echo(f"a customer reads: {storable(' '.join(text.split()))}")


def _typed(stage: Play, line: str) -> None:
    try:
        if line.startswith("!"):
            stage.trouble(line[1:])
            click.echo(f"from now on: {line[1:]}")
        elif line:
            click.echo(f"a customer says: {stage.say(line).text}")
    except Invalid as error:
        click.echo(str(error), err=True)
