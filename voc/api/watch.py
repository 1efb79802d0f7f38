"""For whatever looks after the process: `/healthz`, `/readyz`, `/metrics`. No personal data, nothing is written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, Response, current_app, jsonify

from voc.api import queries
from voc.api.exposition import Sample, write
from voc.api.front_door import Traffic
from voc.api.here import runtime
from voc.core.disk import instance_free_mb
from voc.core.errors import Busy
from voc.core.vocabulary import WorkState
from voc.db import Database
from voc.db.migrate import current
from voc.jobs.queries import oldest_due
from voc.runtime import heartbeat
from voc.runtime.instance import HEAD

# Work that has waited longer than this says that no worker is at it.
LATE = timedelta(minutes=15)

_STARTED = Sample("process_start_time_seconds", "gauge", "When this process was built, in seconds since 1970.")
_ANSWERS = Sample("voc_http_responses_total", "counter", "Answers given by this process, by status class.")
_UP = Sample("voc_database_up", "gauge", "Whether the database answers.")
_WORK = Sample("voc_work_rows", "gauge", "Rows of work by state.")
_OLDEST = Sample("voc_work_oldest_due_seconds", "gauge", "How long the longest waiting row of work has been due.")
_QUARANTINED = Sample("voc_receipts_quarantined", "gauge", "Receipts that could not be read, counted up to 10000.")
_DISK = Sample("voc_disk_free_megabytes", "gauge", "Free space where the instance writes.")
_OVERDUE = Sample("voc_cases_overdue", "gauge", "Open cases past their next deadline, counted up to 10000.")

blueprint = Blueprint("watch", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """The process is alive; asks nobody."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether requests can be served: database, migrations, and somebody doing the work. 503 with reasons if not."""
    house = runtime()
    reasons = unready(house.db, house.clock(), since=house.since)
    if reasons:
        return jsonify(status="not ready", reasons=reasons), 503
    return jsonify(status="ready", reasons=[]), 200


def unready(database: Database, now: datetime, *, since: datetime) -> list[str]:
    """Why requests cannot be served, in words; empty when they can. `since` is when this process began."""
    try:
        revision = current(database)
        if revision != HEAD:
            return [f"the database is at revision {revision}, this version needs {HEAD}"]
        with database.reading() as session:
            oldest, seen = oldest_due(session, now), heartbeat.seen(session)
    except Busy:
        return ["the database does not answer"]
    if oldest is not None and now - oldest > LATE:
        waited = int((now - oldest).total_seconds())
        return [f"work has been waiting for {waited} seconds: is the worker running?"]
    if heartbeat.is_silent(seen, since=since, now=now):
        quiet = int((now - seen).total_seconds()) if seen else 0
        return [f"no worker has given a sign of life for {quiet} seconds" if seen else "no worker has ever been alive"]
    return []


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus. Without a database only those of the process, and `voc_database_up 0`."""
    house = runtime()
    samples = process_samples(
        cast(Traffic, current_app.extensions["voc_traffic"]), cast(datetime, current_app.extensions["voc_started"])
    )
    if (free := instance_free_mb(house.settings)) is not None:
        samples.append(_DISK.of(free))
    try:
        samples += database_samples(house.db, house.clock())
    except Busy:
        samples.append(_UP.of(0))
    return Response(write(samples), content_type="text/plain; version=0.0.4; charset=utf-8")


def process_samples(traffic: Traffic, started: datetime) -> list[Sample]:
    """What this process knows by itself."""
    return [
        _STARTED.of(started.timestamp()),
        *(_ANSWERS.of(count, **{"class": name}) for name, count in traffic.counts().items()),
    ]


def database_samples(database: Database, now: datetime) -> list[Sample]:
    """What the database knows, each figure from an index; raises Busy."""
    with database.reading() as session:
        work = queries.work_by_state(session)
        oldest = oldest_due(session, now)
        quarantined = queries.quarantined_receipts(session)
        overdue = queries.overdue_cases(session, now)
    return [
        _UP.of(1),
        *(_WORK.of(work.get(state, 0), state=state.value) for state in WorkState),
        _OLDEST.of((now - oldest).total_seconds() if oldest else 0),
        _QUARANTINED.of(quarantined),
        _OVERDUE.of(overdue),
    ]
