"""What privacy does in the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from voc.jobs import Periodic, Registry
from voc.privacy.retention import remove_old_bodies


def _remove(context: object, now: datetime) -> None:
    remove_old_bodies(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def register(registry: Registry) -> None:
    """Declare the periodic work."""
    registry.add(periodic=[Periodic("privacy.retention", timedelta(hours=6), _remove)])
