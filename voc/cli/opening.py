"""Opening the instance for a command."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from voc.core import logs
from voc.core.settings import Settings, load

if TYPE_CHECKING:
    from voc.runtime import Runtime


def settings(**overrides: Any) -> Settings:
    """The settings that apply, with logging configured for a command: warnings and worse."""
    found = load(**overrides)
    logs.configure(level="warning", style=found.log_format)
    return found


def address(found: Settings, path: str) -> str:
    """The whole address of `path` for people; when nobody can tell, a guess, and a word about it on standard error."""
    from voc.runtime.address import found as known

    settings = known(found)
    if settings is None:
        where = found.public("")
        click.echo(
            f"the address is assumed: no server runs here that could tell, and VOC_BASE_URL is not set. "
            f"Where voc is found under another one, it goes in place of {where}",
            err=True,
        )
    return (settings or found).public(path)


@contextmanager
def opened(*, with_plugins: bool = True, **overrides: Any) -> Iterator[Runtime]:
    """The runtime over the instance named by the settings, of which `overrides` change some; closed at the end."""
    from voc.runtime.instance import open_instance

    found = settings(**overrides)
    # Which plugin is in quarantine is said by the commands that it matters to, not by each.
    logging.getLogger("voc.plugin_host.host").setLevel(logging.ERROR)
    runtime = open_instance(found, create=False, with_plugins=with_plugins)
    try:
        yield runtime
    finally:
        runtime.close()
