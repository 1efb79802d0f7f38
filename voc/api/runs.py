"""Understanding past feedback again, over the API: ordering it, seeing how far it is, stopping it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import RAISE, Schema, fields

from voc.api import declared, examples
from voc.api.bearer import caller, needs
from voc.api.bodies import body_of
from voc.api.fields import Moment, YesNo
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import no_such
from voc.core.errors import NotFound
from voc.core.vocabulary import Scope
from voc.jobs.queries import newest_runs
from voc.model import AnalysisRun
from voc.pipeline.redo.run import ask_redo, resume_redo, stop_redo

blueprint = Operations("analysis", __name__, url_prefix="/api/v1", description="Understanding past feedback again.")


class RunIn(Schema):
    """What is to be understood again."""

    class Meta:
        unknown = RAISE

    topics_only = YesNo(metadata={"description": "Only look for the topics again; false unless given."})
    since = Moment(metadata={"description": "Only what came in from then on; everything unless given."})


class RunChange(Schema):
    """What is to become of a run."""

    class Meta:
        unknown = RAISE

    stopped = YesNo(required=True, metadata={"description": "True stops it, false lets it go on."})


class RunOut(Schema):
    """How far a run is."""

    id = declared.key("The run.")
    topics_only = declared.yes_no("Whether only the topics are looked for.")
    since = declared.at("Only what came in from then on; null: everything.", null=True)
    state = declared.text("`running`, `stopped` or `done`.")
    total = declared.number("How many feedback it goes through; null until they were counted.", null=True)
    seen = declared.number("How many of them were read.")
    changed = declared.number("How many of those are understood otherwise now.")
    asked_at = declared.at("When it was ordered.")
    finished_at = declared.at("When it ended or was stopped.", null=True)


class RunPage(Schema):
    """The newest runs, the newest first."""

    items = fields.List(fields.Nested(RunOut), required=True)
    next = declared.text("Always null: there is one page.", null=True)


_IN, _CHANGE, _OUT = RunIn(), RunChange(), RunOut()


@blueprint.serves(
    "POST",
    "/analysis/runs",
    400,
    413,
    415,
    422,
    scope=Scope.ADMIN,
    operationId="understandAgain",
    requestBody={"required": True, "content": {"application/json": {"schema": RunIn, "examples": examples.RUN_IN}}},
    responses={
        "202": {
            "description": "The run, which works in the background.",
            "content": {"application/json": {"schema": RunOut, "example": examples.RUN}},
        }
    },
)
@needs(Scope.ADMIN)
def order() -> Response:
    """Understand past feedback again.

    Needs the scope `admin`. In the background, newest first; a run that is going on is stopped. Readings are only ever
    added, and what a person corrected stays. With `topics_only` nothing but topics changes; otherwise the stance is
    judged again too: no promise is taken back, and whoever turns out to be unhappy gets one.
    """
    values, house = body_of(_IN), runtime()
    with house.db.writing() as session:
        run = ask_redo(
            session,
            actor=caller().actor(),
            since=values.get("since"),
            topics_only=values.get("topics_only", False),
            now=house.clock(),
        )
        found = _run(run)
    house.wake()
    return Response(json.dumps(_OUT.dump(found)), 202, content_type="application/json")


@blueprint.serves(
    "GET", "/analysis/runs", scope=Scope.ADMIN, answer=RunPage, example=examples.RUN_PAGE, operationId="listRuns"
)
def list_runs() -> dict[str, Any]:
    """List the newest 20 runs.

    Needs the scope `admin`. The newest first; older ones are not shown.
    """
    with runtime().db.reading() as session:
        return {"items": [_run(run) for run in newest_runs(session, AnalysisRun, 20)], "next": None}


@blueprint.serves(
    "GET",
    "/analysis/runs/<uuid:run_id>",
    404,
    scope=Scope.ADMIN,
    answer=RunOut,
    example=examples.RUN,
    operationId="getRun",
)
def progress(run_id: UUID) -> dict[str, Any]:
    """See how far a run is.

    Needs the scope `admin`.
    """
    return _found(run_id)


@blueprint.serves(
    "PUT",
    "/analysis/runs/<uuid:run_id>",
    400,
    404,
    409,
    413,
    415,
    422,
    scope=Scope.ADMIN,
    answer=RunOut,
    example=examples.RUN,
    operationId="changeRun",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": RunChange, "examples": examples.RUN_CHANGE}},
    },
)
def change(run_id: UUID) -> dict[str, Any]:
    """Stop a run, or let a stopped one go on where it was.

    Needs the scope `admin`. What it did stays. One that has ended does not change; 409 when a newer one was ordered.
    """
    act = stop_redo if body_of(_CHANGE)["stopped"] else resume_redo
    house = runtime()
    try:
        with house.db.writing() as session:
            act(session, run_id, actor=caller().actor(), now=house.clock())
    except NotFound:
        raise no_such("run") from None
    house.wake()
    return _found(run_id)


def _found(run_id: UUID) -> dict[str, Any]:
    with runtime().db.reading() as session:
        run = session.get(AnalysisRun, run_id)
        if run is None:
            raise no_such("run")
        return _run(run)


def _run(run: AnalysisRun) -> dict[str, Any]:
    names = ("id", "topics_only", "since", "total", "seen", "changed", "asked_at", "finished_at")
    state = "stopped" if run.stopped else "done" if run.finished_at else "running"
    return {**{name: getattr(run, name) for name in names}, "state": state}
