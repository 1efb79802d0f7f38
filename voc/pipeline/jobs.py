"""What the pipeline does in the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from voc.intake.events import FeedbackChanged, FeedbackStored
from voc.jobs import Handler, Periodic, Registry
from voc.pipeline.introduce import KIND as INTRODUCE_KIND
from voc.pipeline.introduce import introduce_late
from voc.pipeline.process import KIND, settle_batch, understand_batch
from voc.pipeline.reconcile import reconcile
from voc.pipeline.reread import KIND as REREAD_KIND
from voc.pipeline.reread import settle_again, understand_again


def _reconcile(context: object, now: datetime) -> None:
    reconcile(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def _prove(context: object, now: datetime) -> None:
    from voc.pipeline.prove import prove  # all the checks: not before they are needed

    prove(context, now)  # type: ignore[arg-type]  # the same


def register(registry: Registry) -> None:
    """Declare handlers, subscriptions and the reconciler."""
    registry.add(
        # Small batches: while one is written, nobody else can be accepted.
        [
            Handler(KIND, apply=settle_batch, prepare=understand_batch, batch=32, durable=False),
            Handler(REREAD_KIND, apply=settle_again, prepare=understand_again, durable=False),
            Handler(INTRODUCE_KIND, apply=introduce_late, durable=False),
        ],
        [
            Periodic("pipeline.reconcile", timedelta(minutes=10), _reconcile),
            Periodic("pipeline.proof", timedelta(minutes=10), _prove),
        ],
    )
    registry.subscribe(FeedbackStored, KIND)
    registry.subscribe(FeedbackChanged, REREAD_KIND)
    registry.subscribe(FeedbackChanged, INTRODUCE_KIND)
