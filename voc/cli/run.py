"""`voc run`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING

import click

from voc.cli.channel import read_options
from voc.cli.opening import opened
from voc.core.errors import Invalid, NotFound, VocError
from voc.core.text import storable

if TYPE_CHECKING:
    from voc.runtime import Runtime

# Seconds that a command may take, and characters of one line.
LONGEST = 600.0
LONGEST_LINE = 10_000


@click.command()
@click.argument("name", required=False)
@click.option(
    "--option", "options", multiple=True, metavar="K=V",
    help="What the command is given. A secret is better read from a file (K=@FILE) or standard input (K=-).",
)  # fmt: skip
def run(name: str | None, options: tuple[str, ...]) -> None:
    """Run the command NAME of a plugin; without NAME, list them with what they can be given."""
    with opened() as runtime:
        if name is not None:
            _run(runtime, name, options)
            return
        if options:
            raise Invalid("which command are these for? voc run lists them")
        offered = runtime.host.offered("commands")
        for word, (plugin, command) in sorted(offered.items()):
            takes = " ".join(f"[{option.name}]" if not option.required else option.name for option in command.options)
            click.echo(
                f"{word:24} {plugin:16} {runtime.host.said_offer('commands', word, 'en').description} {takes}".rstrip()
            )
        if not offered:
            click.echo("no loaded plugin has a command", err=True)


class Aloud:
    """Says a command's lines as they come, without the plugin's secrets and what a terminal would obey. When nobody
    hears them any more (`| head`) the command goes on: it may be in the middle of its work."""

    def __init__(self, masked: Callable[[str], str]) -> None:
        self._masked = masked
        self._unheard: OSError | None = None
        self._over = False

    def tell(self, line: str) -> None:
        """One line; nothing after the end, when a call that was given up still goes on."""
        if self._over or self._unheard is not None:
            return
        try:
            click.echo(storable(self._masked(line[:LONGEST_LINE])))
        except OSError as error:
            self._unheard = error

    def end(self) -> OSError | None:
        """The command is over; what kept its lines from being heard, if something did."""
        self._over = True
        return self._unheard


def _run(runtime: Runtime, name: str, options: tuple[str, ...]) -> None:
    """Run it to its end and say what it says; raises VocError with its sentence."""
    from voc.plugin import Command
    from voc.plugin_host import PluginFailed
    from voc.plugin_host.context import plugin_context
    from voc.plugin_host.offers import said_by
    from voc.plugin_host.telling import Telling

    offered = runtime.host.offered("commands")
    plugin, command = offered.get(name, ("", None))
    if not isinstance(command, Command):
        raise NotFound(f"there is no command {name}; there are {', '.join(sorted(offered)) or 'none'}")
    values, wrong = command.options.check(read_options(options, command.options))
    if wrong:
        raise Invalid(fields=wrong)
    ctx = plugin_context(runtime, plugin)
    aloud = Aloud(getattr(ctx.log, "masked", str))
    heard = Telling(**{field.name: getattr(ctx, field.name) for field in fields(ctx)}, tell=aloud.tell)
    try:
        runtime.host.guard.call(plugin, said_by, command, heard, values, limit=LONGEST)
    except PluginFailed as error:
        raise VocError(f"{name}: {error.__cause__ or error.reason}") from error
    finally:
        unheard = aloud.end()
    if unheard is not None:
        raise unheard
