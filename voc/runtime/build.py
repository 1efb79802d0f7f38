"""Building the runtime: the same for the web process, the worker, a command and a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from voc.core.clock import Clock, utc_now
from voc.core.settings import Settings
from voc.db import Database
from voc.intake.writer import Writer
from voc.jobs import Registry
from voc.plugin_host import PluginHost
from voc.runtime.registry import fill
from voc.security.keys import Keys


def _nobody() -> None:
    """Nobody to wake: the worker looks by itself now and then."""


@dataclass
class Runtime:
    """Everything a handler, a command or a request needs. `wake` tells the worker that there is work."""

    settings: Settings
    db: Database
    keys: Keys
    host: PluginHost
    registry: Registry
    writer: Writer
    clock: Clock = utc_now
    wake: Callable[[], None] = field(default=_nobody)
    since: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Remember since when this process is at it."""
        self.since = self.clock()

    def close(self) -> None:
        """Write what waits, close what is open."""
        self.writer.close()
        self.host.close()
        self.db.close()


def build(settings: Settings, keys: Keys, *, clock: Clock = utc_now, with_plugins: bool = True) -> Runtime:
    """Put the runtime together over an instance that stands (see `voc.runtime.instance`)."""
    db = Database(settings.url, pool_size=settings.threads + 8)
    registry = fill(Registry())
    db.info["registry"] = registry
    blocked = settings.plugins_blocked
    host = (
        PluginHost.load(settings.instance, blocked=blocked, limit=settings.plugin_seconds)
        if with_plugins
        else PluginHost(limit=settings.plugin_seconds)
    )
    return Runtime(
        settings=settings, db=db, keys=keys, host=host, registry=registry, writer=Writer(db, registry), clock=clock
    )
