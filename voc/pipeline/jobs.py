"""What the pipeline does in the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from voc.intake.events import FeedbackStored
from voc.jobs import Handler, Periodic, Registry
from voc.pipeline.process import KIND, settle_batch, understand_batch
from voc.pipeline.reconcile import reconcile


def _reconcile(context: object, now: datetime) -> None:
    reconcile(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def register(registry: Registry) -> None:
    """Declare handlers, subscriptions and the reconciler."""
    registry.add(
        # Small batches: while one is written, nobody else can be accepted.
        [Handler(KIND, apply=settle_batch, prepare=understand_batch, batch=16, durable=False)],
        [Periodic("pipeline.reconcile", timedelta(minutes=10), _reconcile)],
    )
    registry.subscribe(FeedbackStored, KIND)
