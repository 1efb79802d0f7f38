"""Understanding everything again, page by page in the background, newest first: topics only, or all of it.

Analyses are only ever added, and only where something came out otherwise; what a person corrected is left alone. With
all of it the stance is judged again too, as for words that changed: no promise is taken back, and who turns out to be
unhappy gets one, whose clock starts now. Topics alone change no stance, open no case and tell nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.retag import retag
from voc.analysis.taxonomy import Taxonomy
from voc.audit import audit
from voc.core.ids import new_id
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights.marks import touch
from voc.jobs import Item, backruns
from voc.jobs import queries as job_queries
from voc.jobs.backruns import Reached
from voc.model import Analysis, AnalysisRun, Feedback
from voc.pipeline import queries
from voc.pipeline.process import Context, Surroundings, Understanding, surroundings, understand
from voc.pipeline.redo import queries as past
from voc.pipeline.redo.queries import Past
from voc.pipeline.reread import judge_again
from voc.pipeline.topics import PERMISSION
from voc.plugin_host import PluginFailed, PluginHost
from voc.search.index import reindex
from voc.security.access import Actor, require

log = logging.getLogger(__name__)

KIND = "pipeline.redo"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A feedback that would be understood otherwise now; `whole` None: only its topics were looked for."""

    feedback_id: UUID
    text: str | None
    analysis_id: UUID | None
    row: dict[str, Any]
    whole: Understanding | None


@dataclass(frozen=True, slots=True)
class Page:
    """What one page found, and how far it gets."""

    found: tuple[Found, ...]
    reached: Reached


def ask_redo(
    session: Session, *, actor: Actor, since: datetime | None, topics_only: bool, now: datetime
) -> AnalysisRun:
    """Order a run over everything that came in since then (None: ever); one that is still going on is stopped."""
    require(actor, PERMISSION)
    run = backruns.order(
        session, AnalysisRun, KIND, asked_by=actor.user_id, since=since, now=now, topics_only=topics_only
    )
    audit(
        session,
        actor_id=actor.user_id,
        action="analysis.redo",
        subject_id=run.id,
        now=now,
        topics_only=topics_only,
    )
    return run


def stop_redo(session: Session, run_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Stop a run; what it did stays. Raises NotFound; False when it had ended."""
    require(actor, PERMISSION)
    done = backruns.stop(session, AnalysisRun, run_id, now=now)
    if done:
        audit(session, actor_id=actor.user_id, action="analysis.redo_stopped", subject_id=run_id, now=now)
    return done


def resume_redo(session: Session, run_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Let a stopped run go on where it was. Raises NotFound, and Conflict when a newer one was ordered; False when
    it was not stopped."""
    require(actor, PERMISSION)
    done = backruns.resume(session, AnalysisRun, KIND, run_id, now=now)
    if done:
        audit(session, actor_id=actor.user_id, action="analysis.redo_resumed", subject_id=run_id, now=now)
    return done


def understand_pages(context: Context, items: Sequence[Item]) -> list[Page | None]:
    """Understand the next page of each run without holding the database; None when it has ended."""
    return [_page(context, item.subject) for item in items]


def _page(context: Context, run_id: UUID) -> Page | None:
    with context.db.reading() as session:
        run = session.get(AnalysisRun, run_id)
        if run is None or run.finished_at is not None:
            return None
        rows = past.page(session, run.since, run.reached_id, PAGE)
        total = past.how_many(session, run.since) if run.total is None else run.total
        taxonomy = queries.taxonomy(session)
        around = surroundings(session, [row.feedback.id for row in rows]) if not run.topics_only else None
        start = run.reached_id
    if not rows:
        return Page((), Reached(start, None, 0, total))
    found = _found(context, [row for row in rows if not row.by_person], taxonomy, around)
    return Page(tuple(found), Reached(start, rows[-1].feedback.id, len(rows), total))


def _found(context: Context, rows: Sequence[Past], taxonomy: Taxonomy, around: Surroundings | None) -> list[Found]:
    """What is understood otherwise now: the whole page under one guard; when that fails, each text under its own."""

    def all_of_them(guarded: bool) -> list[Found]:
        now = context.clock()
        again = [_again(context.host, row, taxonomy, around, now, guarded=guarded) for row in rows]
        return [item for item in again if item is not None]

    try:
        return context.host.guard.call("analysis", all_of_them, False)
    except PluginFailed as error:
        log.warning("analysis of a page failed, one by one now", extra={"reason": error.reason})
    return all_of_them(True)


def _again(
    host: PluginHost, row: Past, taxonomy: Taxonomy, around: Surroundings | None, now: datetime, *, guarded: bool
) -> Found | None:
    """What is understood of one feedback now; None when it is what was understood before."""
    whole, analyzer, version = None, row.analyzer, row.version
    if around is None:
        result = retag(row.feedback.text or "", row.result, taxonomy)
    else:
        whole = understand(host, row.feedback, taxonomy, around, guarded=guarded)
        if whole.stored is None:
            return None
        result = whole.stored
        analyzer, version = whole.analyzer
    if result == row.result and (analyzer, version) == (row.analyzer, row.version):
        return None
    values = {
        "id": new_id(),
        "feedback_id": row.feedback.id,
        "language": result["language"],
        "label": result["sentiment"]["label"],
        "probability": result["sentiment"]["probability"],
        "result": result,
        "analyzer": analyzer,
        "version": version,
        "author_id": None,
        "created_at": now,
    }
    return Found(row.feedback.id, row.feedback.text, row.feedback.analysis_id, values, whole)


def write_pages(session: Session, context: Context, pairs: Sequence[tuple[Item, Page | None]]) -> None:
    """Write what a page found, and order the next one."""
    for item, page in pairs:
        run = job_queries.run_for_update(session, AnalysisRun, item.subject)
        if page is None or not backruns.is_next(run, page.reached):
            continue
        now = context.clock()
        changed = _write(session, context, page.found, now)
        backruns.advance(session, run, KIND, page.reached, changed=changed, now=now)


def _write(session: Session, context: Context, found: Sequence[Found], now: datetime) -> int:
    """Store the analyses of those that nobody changed meanwhile; returns how many these are."""
    present = past.present(session, [item.feedback_id for item in found])
    still = [item for item in found if _unchanged(item, present.get(item.feedback_id))]
    # Written now: the newest analysis of a feedback is the one that it shows.
    bulk_insert(session.connection(), table_of(Analysis), [{**item.row, "created_at": now} for item in still])
    for item in still:
        present[item.feedback_id].analysis_id = item.row["id"]
    session.flush()
    for item in still:
        feedback = present[item.feedback_id]
        if item.whole is not None and item.whole.decision.stance is not feedback.stance:
            judge_again(session, context, feedback, item.whole, now=now, since=now)
    ids = [item.feedback_id for item in still]
    session.flush()
    touch(session, ids, now=now)
    reindex(session, ids)
    return len(ids)


def _unchanged(item: Found, feedback: Feedback | None) -> bool:
    """Whether a feedback still is what was understood."""
    return (
        feedback is not None
        and feedback.deleted_at is None
        and (feedback.text, feedback.analysis_id) == (item.text, item.analysis_id)
    )
