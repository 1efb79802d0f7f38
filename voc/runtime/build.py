"""Building the runtime: the same for the web process, the worker, a command and a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voc.core.clock import Clock, utc_now
from voc.core.settings import Settings
from voc.db import Database
from voc.intake.writer import Writer
from voc.jobs import Registry
from voc.plugin_host import PluginHost, queries
from voc.plugin_host.choices import chosen
from voc.plugin_host.isolated.plugin import Bounds
from voc.plugin_host.policy import Choice, Policy
from voc.process.frames import MB
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
    # The newest choice about plugins that `host` follows.
    plugins_chosen_at: datetime | None = None

    def __post_init__(self) -> None:
        """Remember since when this process is at it."""
        self.since = self.clock()

    def close(self) -> None:
        """Write what waits, close what is open."""
        self.writer.close()
        self.host.close()
        self.db.close()


def load_plugins(settings: Settings, choices: Mapping[str, Choice] | None = None) -> PluginHost:
    """The host with every plugin that the settings, and what people chose, want."""
    bounds = Bounds(
        memory=settings.plugin_memory_mb * MB,
        file_size=settings.plugin_file_mb * MB,
        private=settings.private_addresses,
    )
    return PluginHost.load(
        settings.instance, limit=settings.plugin_seconds, policy=Policy.of(settings, choices), bounds=bounds
    )  # fmt: skip


def build(settings: Settings, keys: Keys, *, clock: Clock = utc_now, with_plugins: bool = True) -> Runtime:
    """Put the runtime together over an instance that stands (see `voc.runtime.instance`)."""
    db = Database(settings.url, pool_size=settings.threads + 8)
    registry = fill(Registry())
    db.info["registry"] = registry
    with db.reading() as session:
        choices, newest = chosen(session), queries.newest_choice(session)
    host = load_plugins(settings, choices) if with_plugins else PluginHost(limit=settings.plugin_seconds)
    db.info["host"] = host
    made = Runtime(
        settings=settings, db=db, keys=keys, host=host, registry=registry, writer=Writer(db, registry), clock=clock
    )
    made.plugins_chosen_at = newest
    return made
