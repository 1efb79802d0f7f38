"""Where the server of an instance can be found, told by the server itself through its lock."""

from __future__ import annotations

from dataclasses import replace

from voc.core.settings import Settings
from voc.process.lock import Holder, holder

LOCK = "voc.lock"


def server(settings: Settings) -> Holder | None:
    """The server that runs on this instance here and now; None when there is none."""
    return holder(settings.instance / LOCK)


def found(settings: Settings) -> Settings | None:
    """The settings with the address that links must begin with: the one that was set, else that of the running server.

    None when neither is known; what `Settings.public` makes of the port is then a guess.
    """
    if settings.base_url:
        return settings
    running = server(settings)
    return replace(settings, base_url=running.address) if running and running.address else None
