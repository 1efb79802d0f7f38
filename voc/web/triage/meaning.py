"""What means the same: searching by meaning, what is similar, what says nearly the same, and how far its making is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from voc.analysis.embedding.encoder import INSTALL, Missing, encoder, installed, model_name
from voc.cases.queries import feedback_in_order, feedback_view
from voc.cases.views import FeedbackView, Page
from voc.core.errors import Conflict
from voc.jobs.queries import latest_run
from voc.model import EmbeddingRun
from voc.pipeline.meaning.order import is_on
from voc.pipeline.meaning.run import order_run, resume_run, stop_run
from voc.search.facets import Filters
from voc.search.meaning import queries
from voc.search.meaning.find import by_meaning, similar_to
from voc.search.syntax import LONGEST, Query
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.finding import MEANING
from voc.web.triage.names import topic_names
from voc.web.triage.pages import blueprint

ALIKE = 100
SIMILAR = 5
PLACE = "/status#meaning"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question by meaning: `question` None when none was asked; `problem` when it could not be understood."""

    offered: bool
    question: Any = None
    made_by: str = ""
    problem: str = ""


def asked_by_meaning(values: Mapping[str, str]) -> Asked:
    """What an address asks for by meaning; nothing where that is switched off. Computes without the database."""
    offered, typed = is_on(runtime().settings), values.get("q", "")[:LONGEST].strip()
    if not offered or values.get("by") != MEANING or not typed:
        return Asked(offered)
    try:
        made_by = encoder()
    except Missing as error:
        return Asked(offered, problem=str(error))
    return Asked(offered, made_by.question(typed), model_name(made_by))


def meant(session: Session, asked: Asked, filters: Filters) -> Page:
    """The feedback nearest to the question, the nearest first; there is one page."""
    hits = by_meaning(session, asked.question, asked.made_by, filters)
    return Page(feedback_in_order(session, [hit.feedback_id for hit in hits]), None)


def alike_counts(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many others say nearly the same as each of these; nothing where meanings are not made."""
    return queries.how_many_alike(session, ids) if ids and is_on(runtime().settings) else {}


def similar(session: Session, feedback_id: UUID) -> tuple[FeedbackView, ...]:
    """What means nearly the same in other words, the nearest first; nothing where meanings are not made."""
    if not is_on(runtime().settings):
        return ()
    return feedback_in_order(session, [hit.feedback_id for hit in similar_to(session, feedback_id, limit=SIMILAR)])


@blueprint.get("/feedback/<uuid:feedback_id>/alike")
@signed_in("feedback.view")
def alike(feedback_id: UUID) -> ResponseReturnValue:
    """What says nearly the same as this one, newest first; raises NotFound."""
    with runtime().db.reading() as session:
        item = feedback_view(session, feedback_id)
        kept = queries.kept(session, feedback_id) if is_on(runtime().settings) else None
        ids = queries.alike(session, kept.group_id, ALIKE + 1) if kept else [feedback_id]
        rows = feedback_in_order(session, ids[:ALIKE])
        names = topic_names(session).known
    return render_template(
        "triage/alike.html",
        item=item,
        rows=rows,
        names=names,
        query=Query(),
        alike={},
        made_by=kept.model if kept else "",
        more=len(ids) > ALIKE,
        most=ALIKE,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How the making of meanings stands, for the status page."""

    wanted: bool
    installed: bool
    install: str
    kept: int
    run: EmbeddingRun | None


def standing(session: Session) -> Standing:
    """What the status page says of it."""
    wanted, there = runtime().settings.embeddings, installed()
    count = queries.how_many_kept(session) if wanted else 0
    return Standing(wanted, there, INSTALL, count, latest_run(session, EmbeddingRun) if wanted else None)


@blueprint.post("/meaning/runs")
@signed_in("topic.edit")
def begin_meaning() -> ResponseReturnValue:
    """Make what is missing of the past, in the background."""
    if is_on(runtime().settings):
        try:
            encoder()
            with runtime().db.writing() as session:
                order_run(session, actor=actor(), now=now())
        except Missing as error:
            flash(str(error), "warn")
    return _back()


@blueprint.post("/meaning/runs/<uuid:run_id>/stop")
@signed_in("topic.edit")
def stop_meaning(run_id: UUID) -> ResponseReturnValue:
    """Stop a run; what it made stays. Raises NotFound."""
    with runtime().db.writing() as session:
        stop_run(session, run_id, actor=actor(), now=now())
    return _back()


@blueprint.post("/meaning/runs/<uuid:run_id>/resume")
@signed_in("topic.edit")
def resume_meaning(run_id: UUID) -> ResponseReturnValue:
    """Let a stopped run go on; raises NotFound."""
    try:
        with runtime().db.writing() as session:
            resume_run(session, run_id, actor=actor(), now=now())
    except Conflict:
        flash(_("A newer run was ordered meanwhile."), "warn")
    return _back()


def _back() -> ResponseReturnValue:
    runtime().wake()
    return redirect(PLACE, 303)
