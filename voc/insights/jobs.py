"""What insights do in the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from voc.insights.emerging.keeping import keep_phrases
from voc.insights.rollups import roll_up
from voc.jobs import Periodic, Registry


def _roll_up(context: object, now: datetime) -> None:
    roll_up(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def _keep_phrases(context: object, now: datetime) -> None:
    keep_phrases(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def register(registry: Registry) -> None:
    """Declare the periodic work."""
    registry.add(
        periodic=[
            Periodic("insights.rollups", timedelta(seconds=10), _roll_up),
            Periodic("insights.phrases", timedelta(minutes=3), _keep_phrases),
        ]
    )
