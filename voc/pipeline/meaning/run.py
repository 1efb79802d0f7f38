"""Making meanings: of what has just been understood, and page by page, newest first, of what came in before.

The vectors are computed without holding the database, then written in one short transaction. Everything here is in the
spare lane, which gives way to what comes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.embedding.encoder import encoder, model_name
from voc.analysis.embedding.vectors import packed
from voc.audit import audit
from voc.core.clock import Clock
from voc.core.settings import Settings
from voc.db import Database
from voc.jobs import Item, backruns
from voc.jobs import queries as job_queries
from voc.jobs.backruns import Reached
from voc.model import EmbeddingRun
from voc.pipeline.meaning import queries
from voc.pipeline.meaning.order import AT_ONCE, is_on
from voc.pipeline.redo.queries import how_many
from voc.pipeline.topics import PERMISSION
from voc.search.meaning import keep
from voc.search.meaning import queries as kept
from voc.search.meaning.keep import Meaning
from voc.security.access import Actor, require

RUN_KIND = "pipeline.meaning_run"
# What is missing and came in this long ago was not made by the work that came with it: a run makes it.
OVERDUE = timedelta(hours=1)


class Context(Protocol):
    """What is needed of the runtime."""

    db: Database
    clock: Clock
    settings: Settings


@dataclass(frozen=True, slots=True)
class Made:
    """Meanings with the group of each; `reached`: how far the page of a run gets."""

    model: str
    meanings: tuple[Meaning, ...]
    groups: dict[UUID, UUID]
    reached: Reached | None = None


def make_fresh(context: Context, items: Sequence[Item]) -> list[Made | None]:
    """Meanings of what the work names; None when that is switched off by now. Raises Missing."""
    return [_made(context, [UUID(key) for key in item.data["ids"]]) for item in items]


def write_fresh(session: Session, context: Context, pairs: Sequence[tuple[Item, Made | None]]) -> None:
    """Keep them, of whatever still says the same."""
    for _, made in pairs:
        if made is not None:
            _write(session, made, context.clock())


def make_pages(context: Context, items: Sequence[Item]) -> list[Made | None]:
    """Meanings of the next page of each run; None when it has ended, or when that is switched off. Raises Missing."""
    return [_page(context, item.subject) for item in items]


def _page(context: Context, run_id: UUID) -> Made | None:
    with context.db.reading() as session:
        run = session.get(EmbeddingRun, run_id)
        if run is None or run.finished_at is not None:
            return None
        ids = queries.page(session, run.since, run.reached_id, AT_ONCE)
        total = how_many(session, run.since) if run.total is None else run.total
        start = run.reached_id
    reached = Reached(start, ids[-1] if ids else None, len(ids), total)
    return _made(context, ids, reached)


def _made(context: Context, ids: Sequence[UUID], reached: Reached | None = None) -> Made | None:
    """Meanings of those of these feedback that have none of this model."""
    if not is_on(context.settings):
        return None
    made_by = encoder()
    model = model_name(made_by)
    with context.db.reading() as session:
        rows = [(row.id, row.text or "", row.received_at) for row in queries.without(session, ids, model)]
    vectors = made_by.passages([text for _, text, _ in rows])
    meanings = tuple(
        Meaning(feedback_id, text, received_at, packed(vector))
        for (feedback_id, text, received_at), vector in zip(rows, vectors, strict=True)
    )
    with context.db.reading() as session:
        groups = keep.grouped(session, model, meanings)
    return Made(model, meanings, groups, reached)


def write_pages(session: Session, context: Context, pairs: Sequence[tuple[Item, Made | None]]) -> None:
    """Keep what a page made, and order the next one."""
    for item, made in pairs:
        run = job_queries.run_for_update(session, EmbeddingRun, item.subject)
        now = context.clock()
        if made is None:
            # Nobody stopped it: once it is switched on again, another one makes what is missing.
            run.finished_at = run.finished_at or now
        elif made.reached is not None and backruns.is_next(run, made.reached):
            changed = _write(session, made, now)
            backruns.advance(session, run, RUN_KIND, made.reached, changed=changed, now=now)


def _write(session: Session, made: Made, now: datetime) -> int:
    """Keep the meanings of whatever still says the same; returns how many these are."""
    words = queries.present_words(session, [one.feedback_id for one in made.meanings])
    still = [one for one in made.meanings if words.get(one.feedback_id) == one.text]
    keep.put(session, made.model, still, made.groups, now=now)
    return len(still)


def order_run(session: Session, *, actor: Actor, now: datetime) -> EmbeddingRun:
    """Order a run over everything; one that is still going on is stopped. Raises Missing."""
    require(actor, PERMISSION)
    run = backruns.order(
        session, EmbeddingRun, RUN_KIND, asked_by=actor.user_id, since=None, now=now, made_by=model_name(encoder())
    )
    audit(session, actor_id=actor.user_id, action="meaning.run", subject_id=run.id, now=now)
    return run


def stop_run(session: Session, run_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Stop a run; what it made stays. Raises NotFound; False when it had ended."""
    require(actor, PERMISSION)
    done = backruns.stop(session, EmbeddingRun, run_id, now=now)
    if done:
        audit(session, actor_id=actor.user_id, action="meaning.run_stopped", subject_id=run_id, now=now)
    return done


def resume_run(session: Session, run_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Let a stopped run go on where it was. Raises NotFound, and Conflict when a newer one was ordered; False when
    it was not stopped."""
    require(actor, PERMISSION)
    done = backruns.resume(session, EmbeddingRun, RUN_KIND, run_id, now=now)
    if done:
        audit(session, actor_id=actor.user_id, action="meaning.run_resumed", subject_id=run_id, now=now)
    return done


def look_after(context: Context, now: datetime) -> None:
    """Order a run when meanings are missing, unless one is going on or somebody stopped it."""
    if not is_on(context.settings):
        return
    model = model_name(encoder())
    with context.db.reading() as session:
        run = kept.latest_run_of(session, model)
        missing = kept.first_without(session, model, now - OVERDUE if run is not None else now)
    if missing is None or (run is not None and (run.stopped or run.finished_at is None)):
        return
    with context.db.writing(patience=30) as session:
        backruns.order(session, EmbeddingRun, RUN_KIND, asked_by=None, since=None, now=now, made_by=model)
