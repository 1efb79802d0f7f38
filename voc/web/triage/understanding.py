"""Understanding again what came in before, and what was learnt: ordered, stopped and taken back by managers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from voc.core.errors import Conflict, Invalid
from voc.pipeline.redo.run import ask_redo, resume_redo, stop_redo
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.pages import blueprint

KIND = "pipeline.learn"
# How far back past feedback is understood again, in days; 0: everything.
SPANS = (30, 90, 365, 0)
RUNS = "/topics#again"
HEADS = "/topics#heads"


@blueprint.post("/understanding/again")
@signed_in("topic.edit")
def understand_again() -> ResponseReturnValue:
    """Understand again what came in before, in the background."""
    asked = request.form.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]
    topics_only = request.form.get("what") != "all"
    with runtime().db.writing() as session:
        since = now() - timedelta(days=days) if days else None
        ask_redo(session, actor=actor(), since=since, topics_only=topics_only, now=now())
    return _back(RUNS)


@blueprint.post("/understanding/again/<uuid:run_id>/stop")
@signed_in("topic.edit")
def stop_understanding(run_id: UUID) -> ResponseReturnValue:
    """Stop a run; what it did stays. Raises NotFound."""
    with runtime().db.writing() as session:
        stop_redo(session, run_id, actor=actor(), now=now())
    return _back(RUNS)


@blueprint.post("/understanding/again/<uuid:run_id>/resume")
@signed_in("topic.edit")
def resume_understanding(run_id: UUID) -> ResponseReturnValue:
    """Let a stopped run go on; raises NotFound."""
    try:
        with runtime().db.writing() as session:
            resume_redo(session, run_id, actor=actor(), now=now())
    except Conflict:
        flash(_("A newer run was ordered meanwhile."), "warn")
    return _back(RUNS)


@blueprint.post("/understanding/heads")
@signed_in("topic.edit")
def learn_head() -> ResponseReturnValue:
    """Learn from corrections and examples, in the background."""
    from voc.pipeline.heads.learn import ask_learn

    try:
        with runtime().db.writing() as session:
            ask_learn(session, actor=actor(), now=now())
    except Conflict:
        flash(_("It is learning already."), "warn")
    except Invalid:
        flash(_("There are fewer than 100 corrected texts and examples: too few to learn from."), "warn")
    return _back(HEADS)


@blueprint.post("/understanding/heads/<uuid:head_id>/promote")
@signed_in("topic.edit")
def promote_head(head_id: UUID) -> ResponseReturnValue:
    """Let new feedback follow a head; raises NotFound."""
    from voc.pipeline.heads.learn import promote

    try:
        with runtime().db.writing() as session:
            promote(session, head_id, actor=actor(), now=now())
    except Invalid as error:
        flash(" ".join(text for texts in in_words(error.fields).values() for text in texts), "warn")
    return _back(HEADS)


@blueprint.post("/understanding/heads/back")
@signed_in("topic.edit")
def step_back_head() -> ResponseReturnValue:
    """Back to what was in use before."""
    from voc.pipeline.heads.learn import step_back

    try:
        with runtime().db.writing() as session:
            step_back(session, actor=actor(), now=now())
    except Conflict:
        flash(_("No head is in use; this is how it stands now."), "warn")
    return _back(HEADS)


def _back(place: str) -> ResponseReturnValue:
    runtime().wake()
    return redirect(place, 303)
