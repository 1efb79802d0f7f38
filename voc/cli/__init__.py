"""The `voc` command: one small file for each noun, imported only when it is called."""

from __future__ import annotations

import sys

import click

from voc import __version__
from voc.core.errors import VocError

COMMANDS = {
    "serve": ("serve", "Serve web and worker over one instance."),
    "db": ("database", "Bring the database up to date, or check it."),
    "backup": ("backup", "Write a backup of the running instance."),
    "restore": ("backup", "Restore a backup into an empty instance."),
    "doctor": ("doctor", "Look over the instance and say what is wrong."),
    "verify": ("verify", "Prove that nobody was left behind."),
    "user": ("user", "People who work here."),
    "token": ("token", "Access for the API."),
    "channel": ("channel", "Channels: add, set, test, read again."),
    "mail": ("mail", "Mail: take one from a mail server."),
    "survey": ("survey", "Surveys: invite people, list."),
    "plugin": ("plugin", "Plugins: list, write, check, play their vendor, set, switch on and off, isolate."),
    "run": ("run", "Run a command of a plugin."),
    "analyze": ("analyze", "Say what a text says."),
    "analysis": ("analysis", "Understand past feedback again; learn topics."),
    "competitors": ("competitors", "Names of competitors: a customer who names one may leave."),
    "evaluate": ("evaluate", "How well labelled texts are understood."),
    "insights": ("insights", "Numbers, and the proof that they are right."),
    "export": ("export", "Export feedback."),
}


class LazyGroup(click.Group):
    """Knows every command by name and help; imports its code only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(f"voc.cli.{COMMANDS[cmd_name][0]}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="voc")
def cli() -> None:
    """Voice of the customer: listen wherever customers speak, and leave nobody who is unhappy without an answer.

    Every command works on the instance in the folder that VOC_INSTANCE names, ./instance unless it is set.
    """


def main() -> None:
    """Run the command; what went wrong is said in one line, with exit status 1 (2 for wrong usage)."""
    try:
        cli()
    except VocError as error:
        click.echo(f"voc: {error}", err=True)
        sys.exit(1)
