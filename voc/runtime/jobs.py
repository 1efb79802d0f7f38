"""What the runtime does in the worker: it watches the disk, and does what plugins do by themselves."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from voc.core.disk import low_disk
from voc.core.settings import Settings
from voc.jobs import Periodic, Registry
from voc.runtime import schedules

log = logging.getLogger(__name__)


class Context(Protocol):
    """What watching needs of the runtime."""

    settings: Settings


def warn_of_full_disk(context: Context, _now: datetime) -> None:
    """Say in the log, every time it is looked at, that space runs out; the status page and /metrics say it too."""
    free = low_disk(context.settings)
    if free is not None:
        log.warning("little space is left on the disk", extra={"free_mb": free, "low_mb": context.settings.disk_low_mb})


def register(registry: Registry) -> None:
    """Declare the periodic work."""
    registry.add(periodic=[Periodic("runtime.disk", timedelta(minutes=5), warn_of_full_disk)])
    schedules.register(registry)
