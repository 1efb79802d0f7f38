"""For whatever looks after the process: `/healthz`, `/readyz`, `/metrics`. No personal data, nothing is written."""

from __future__ import annotations

from collections.abc import Callable
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
from voc.plugin_host.reports import Report, told
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

# One line for each plugin and each process it is loaded in: `voc.plugin_host.reports.Report`.
_PLUGINS: tuple[tuple[Sample, Callable[[Report], float]], ...] = (
    (Sample("voc_plugin_loaded", "gauge", "Whether the plugin is loaded."), lambda row: row.state == "loaded"),
    (Sample("voc_plugin_load_seconds", "gauge", "How long loading the plugin took."), lambda row: row.load_seconds),
    (Sample("voc_plugin_paused", "gauge", "Whether the plugin is left alone."), lambda row: row.breaker != "closed"),
    (Sample("voc_plugin_calls_total", "counter", "Calls into the plugin."), lambda row: row.calls),
    (Sample("voc_plugin_failed_total", "counter", "Calls that gave no usable answer."), lambda row: row.failed),
    (Sample("voc_plugin_late_total", "counter", "Calls that took too long."), lambda row: row.timeouts),
    (Sample("voc_plugin_stuck", "gauge", "Calls given up that have not come back."), lambda row: row.stuck),
    (Sample("voc_plugin_replaced_total", "counter", "Workers replaced because of it."), lambda row: row.replaced),
    (Sample("voc_plugin_starts_total", "counter", "Starts of its own processes."), lambda row: row.starts),
    (Sample("voc_plugin_crashes_total", "counter", "Own processes that ended by themselves."), lambda row: row.crashes),
    (Sample("voc_plugin_processes", "gauge", "Own processes alive."), lambda row: row.living),
)

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
        plugins = told(session, now=now)
    return [
        _UP.of(1),
        *(_WORK.of(work.get(state, 0), state=state.value) for state in WorkState),
        _OLDEST.of((now - oldest).total_seconds() if oldest else 0),
        _QUARANTINED.of(quarantined),
        _OVERDUE.of(overdue),
        *(
            sample.of(figure(row), plugin=row.name, process=row.process, isolation=row.isolation)
            for sample, figure in _PLUGINS
            for row in plugins
        ),
    ]
