"""`voc plugin set`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voc.cli.channel import read_options
from voc.cli.opening import opened
from voc.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from voc.plugin_host.settings import Setting


@click.command(name="set")
@click.argument("name")
@click.argument("options", nargs=-1, metavar="[K=V]...")
@click.option("--forget", multiple=True, metavar="K", help="A secret to forget.")
def set_settings(name: str, options: tuple[str, ...], forget: tuple[str, ...]) -> None:
    """Change settings of the plugin NAME as a whole, and show them.

    What is not named stays, K= puts back what the plugin has. A secret is better read from a file (K=@FILE) or
    standard input (K=-); secrets are never shown. A running server follows at once.
    """
    from voc.plugin_host.settings import change_settings, shown
    from voc.security.access import SYSTEM

    if odd := next((option for option in options if not option.partition("=")[1]), None):
        raise Invalid(f"a setting looks like name=value, not {odd}")
    with opened() as runtime:
        state = next((state for state in runtime.host.states if state.name == name), None)
        if state is None:
            raise NotFound(f"there is no plugin {name}: voc plugin list shows them")
        declared = runtime.host.settings_of(name)
        if state.state != "loaded":
            raise Invalid(f"plugin {name} is {state.state}: its settings are known when it is loaded")
        secret = {option.name for option in declared if option.secret}
        if unknown := [item for item in forget if item not in secret]:
            raise Invalid(f"{unknown[0]} is no secret of plugin {name}")
        if options or forget:
            given = read_options(options, declared)
            with runtime.db.writing(patience=30) as session:
                change_settings(
                    session, runtime.host, name, given,
                    now=runtime.clock(), actor=SYSTEM, keys=runtime.keys, forget=forget,
                )  # fmt: skip
        with runtime.db.reading() as session:
            settings = shown(session, runtime.host, name, runtime.keys)
    for setting in settings:
        click.echo(f"{setting.option.name:20} {_words(setting):30} {setting.option.help}")
    if not settings:
        click.echo(f"plugin {name} has no settings", err=True)


def _words(setting: Setting) -> str:
    """Its value for people."""
    if setting.option.secret:
        return "(given)" if setting.given else "(not given)"
    value = setting.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return "(not given)" if value is None else str(value)
