"""`voc run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voc.cli.channel import read_options
from voc.cli.opening import opened
from voc.core.errors import Invalid, NotFound, VocError
from voc.core.text import storable

if TYPE_CHECKING:
    from voc.runtime import Runtime

# Seconds that a command may take.
LONGEST = 600.0


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
            for line in _lines(runtime, name, options):
                click.echo(line)
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


def _lines(runtime: Runtime, name: str, options: tuple[str, ...]) -> list[str]:
    """What the command says, without the plugin's secrets and what a terminal would obey; raises VocError with its
    sentence."""
    from voc.plugin import Command
    from voc.plugin_host import PluginFailed
    from voc.plugin_host.context import plugin_context
    from voc.plugin_host.offers import said_by

    offered = runtime.host.offered("commands")
    plugin, command = offered.get(name, ("", None))
    if not isinstance(command, Command):
        raise NotFound(f"there is no command {name}; there are {', '.join(sorted(offered)) or 'none'}")
    values, wrong = command.options.check(read_options(options, command.options))
    if wrong:
        raise Invalid(fields=wrong)
    ctx = plugin_context(runtime, plugin)
    try:
        lines = runtime.host.guard.call(plugin, said_by, command, ctx, values, limit=LONGEST)
    except PluginFailed as error:
        raise VocError(f"{name}: {error.__cause__ or error.reason}") from error
    masked = getattr(ctx.log, "masked", str)
    return [storable(masked(line)) for line in lines]
