"""How the house stands: proof that nobody was left behind, plugins, channels, quarantine, waiting work, disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from voc.core.disk import instance_free_mb
from voc.core.errors import Conflict
from voc.intake import queries as intake
from voc.intake.replay import replay
from voc.jobs import outbox
from voc.jobs import queries as jobs
from voc.runtime import heartbeat
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.pages import blueprint

# Work that could have been done this long ago and was not: the worker is probably not running.
LATE = timedelta(minutes=2)


@blueprint.get("/status")
@signed_in("status.view")
def status() -> ResponseReturnValue:
    """The page; it reads and changes nothing."""
    from voc.pipeline.verify import summary  # a large part of voc that no other page needs

    moment, settings = now(), runtime().settings
    with runtime().db.reading() as session:
        proof = summary(session, moment)
        oldest = jobs.oldest_due(session, moment)
        seen = heartbeat.seen(session)
        receipts = intake.quarantined_receipts(session)
        work = jobs.quarantined(session)
        channels = intake.channels(session)
    free = instance_free_mb(settings)
    return render_template(
        "triage/status.html",
        proof=proof,
        oldest=oldest,
        late=is_late(oldest, moment),
        seen=seen,
        silent=heartbeat.is_silent(seen, since=runtime().since, now=moment),
        receipts=receipts,
        work=work,
        channels=channels,
        plugins=runtime().host.states,
        free=free,
        low=free is not None and free < settings.disk_low_mb,
        embedded=settings.embedded_worker,
        may_replay=actor().may("quarantine.replay"),
    )


@blueprint.post("/status/receipts/<uuid:receipt_id>/replay")
@signed_in("quarantine.replay")
def replay_receipt(receipt_id: UUID) -> ResponseReturnValue:
    """Read a receipt from quarantine again, with the same identity; raises NotFound."""
    try:
        with runtime().db.writing() as session:
            replay(session, receipt_id, actor=actor(), now=now())
    except Conflict:
        flash(_("This is not in quarantine any more."), "warn")
    else:
        runtime().wake()
        flash(_("It is read again; if it cannot be, it comes back here."), "good")
    return redirect("/status", 303)


@blueprint.post("/status/work/<uuid:work_id>/release")
@signed_in("quarantine.replay")
def release_work(work_id: UUID) -> ResponseReturnValue:
    """Try a piece of work from quarantine again."""
    with runtime().db.writing() as session:
        released = outbox.release(session, work_id, now=now())
    if released:
        runtime().wake()
        flash(_("It is tried again; if it fails, it comes back here."), "good")
    else:
        flash(_("This is not in quarantine any more."), "warn")
    return redirect("/status", 303)


def is_late(oldest: datetime | None, now: datetime) -> bool:
    """Whether work has been waiting so long that the worker is probably not running."""
    return oldest is not None and now - oldest > LATE
