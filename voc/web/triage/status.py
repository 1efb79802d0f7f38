"""How the house stands: proof that nobody was left behind, plugins, channels, quarantine, waiting work, disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from voc.core.disk import instance_free_mb
from voc.core.errors import Conflict
from voc.delivery.queue import NOTIFIER_KIND
from voc.intake import queries as intake
from voc.intake.replay import replay
from voc.jobs import outbox
from voc.jobs import queries as jobs
from voc.plugin_host import PluginState
from voc.routing.deeds.ordering import KIND as DEED_KIND
from voc.runtime import heartbeat
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.triage import accuracy
from voc.web.triage.channel import public_path
from voc.web.triage.channel_words import standing
from voc.web.triage.channels import kind_title
from voc.web.triage.meaning import standing as meaning_standing
from voc.web.triage.pages import blueprint
from voc.web.triage.reasons import reason_words

# Work that could have been done this long ago and was not: the worker is probably not running.
LATE = timedelta(minutes=2)
# What a plugin offers that does work of this kind.
OFFERING = {DEED_KIND: "actions", NOTIFIER_KIND: "notifiers"}
SOURCES = {
    "bundled": lazy_gettext("came with voc"),
    "installed": lazy_gettext("installed package"),
    "dropped": lazy_gettext("folder of the instance"),
}


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
        meaning = meaning_standing(session)
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
        work_words=_work_words,
        channels=channels,
        kinds=sorted({channel.kind for channel in channels}),
        titles={channel.kind: kind_title(channel.kind) for channel in channels},
        standings={channel.id: standing(channel, runtime().host, moment) for channel in channels},
        public={channel.id: public_path(channel) for channel in channels},
        plugins=runtime().host.states,
        plugin_titles={state.name: plugin_title(state) for state in runtime().host.states},
        source_word=lambda source: str(SOURCES.get(source, source)),
        free=free,
        low=free is not None and free < settings.disk_low_mb,
        embedded=settings.embedded_worker,
        may_replay=actor().may("quarantine.replay"),
        accuracy=accuracy,
        card=accuracy.card(),
        meaning=meaning,
        may_order=actor().may("topic.edit"),
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


def _work_words(kind: str, error: str | None, *kinds: str) -> str:
    """Why work waits in quarantine, in the words of the plugin that said so where it is known which may have."""
    said = reason_words(error, *kinds)
    host, key = runtime().host, OFFERING.get(kind)
    plugins = dict.fromkeys(plugin for plugin, _offer in host.offered(key).values()) if key else ()
    return next((words for name in plugins if (words := reason_words(error, plugin=name)) != said), said)


def plugin_title(state: PluginState) -> str:
    """What a plugin is called in the reader's language."""
    if len(state.kinds) == 1 and state.state == "loaded":
        return kind_title(state.kinds[0])
    return runtime().host.said_of(state.name, language()).title if state.state == "loaded" else state.title


def is_late(oldest: datetime | None, now: datetime) -> bool:
    """Whether work has been waiting so long that the worker is probably not running."""
    return oldest is not None and now - oldest > LATE
