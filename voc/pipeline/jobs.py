"""What the pipeline does in the worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from voc.intake.events import FeedbackChanged, FeedbackStored
from voc.jobs import Handler, Item, Periodic, Registry
from voc.pipeline.introduce import KIND as INTRODUCE_KIND
from voc.pipeline.introduce import introduce_late
from voc.pipeline.meaning.order import KIND as MEANING_KIND
from voc.pipeline.meaning.run import RUN_KIND, look_after, make_fresh, make_pages, write_fresh
from voc.pipeline.meaning.run import write_pages as write_meaning_pages
from voc.pipeline.process import KIND, settle_batch, understand_batch
from voc.pipeline.reconcile import reconcile
from voc.pipeline.redo.run import KIND as REDO_KIND
from voc.pipeline.redo.run import understand_pages, write_pages
from voc.pipeline.reread import KIND as REREAD_KIND
from voc.pipeline.reread import settle_again, understand_again


def _reconcile(context: object, now: datetime) -> None:
    reconcile(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def _prove(context: object, now: datetime) -> None:
    from voc.pipeline.prove import prove  # all the checks: not before they are needed

    prove(context, now)  # type: ignore[arg-type]  # the same


def _mean(context: object, now: datetime) -> None:
    look_after(context, now)  # type: ignore[arg-type]  # the same


def _learn(context: object, now: datetime) -> None:
    from voc.pipeline.heads.learn import learn_when_due

    with context.db.writing(patience=30) as session:  # type: ignore[attr-defined]  # the same
        learn_when_due(session, now=now)


def _learn_heads(context: Any, items: Sequence[Item]) -> list[Any]:
    from voc.pipeline.heads.learn import learn_heads  # only when there is something to learn

    return list(learn_heads(context, items))


def _store_heads(session: Session, context: Any, pairs: Sequence[tuple[Item, Any]]) -> None:
    from voc.pipeline.heads.learn import store_heads

    store_heads(session, context, pairs)


def register(registry: Registry) -> None:
    """Declare handlers, subscriptions and the reconciler."""
    registry.add(
        # Small batches: while one is written, nobody else can be accepted.
        [
            Handler(KIND, apply=settle_batch, prepare=understand_batch, batch=32, durable=False),
            Handler(REREAD_KIND, apply=settle_again, prepare=understand_again, durable=False),
            Handler(INTRODUCE_KIND, apply=introduce_late, durable=False),
            Handler(REDO_KIND, apply=write_pages, prepare=understand_pages, lane="spare", durable=False),
            Handler(MEANING_KIND, apply=write_fresh, prepare=make_fresh, lane="spare", durable=False),
            Handler(RUN_KIND, apply=write_meaning_pages, prepare=make_pages, lane="spare", durable=False),
            Handler("pipeline.learn", apply=_store_heads, prepare=_learn_heads, lane="spare"),
        ],
        [
            Periodic("pipeline.reconcile", timedelta(minutes=10), _reconcile),
            Periodic("pipeline.learn", timedelta(days=1), _learn),
            Periodic("pipeline.meaning", timedelta(hours=1), _mean),
            Periodic("pipeline.proof", timedelta(minutes=10), _prove),
        ],
    )
    registry.subscribe(FeedbackStored, KIND)
    registry.subscribe(FeedbackChanged, REREAD_KIND)
    registry.subscribe(FeedbackChanged, INTRODUCE_KIND)
