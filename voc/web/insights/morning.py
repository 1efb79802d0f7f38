"""The Morning page: is anybody left behind, who needs help, what came in, how things stand, what is spoken of."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from voc.core.ids import parse_id
from voc.core.vocabulary import Metric, Stance
from voc.insights.morning.page import morning
from voc.insights.morning.views import PERIODS, Morning
from voc.insights.statistics import ENDS
from voc.intake import queries as intake
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import house, now, runtime
from voc.web.humanize import SOON
from voc.web.insights import drawing, words
from voc.web.triage.names import topic_names

blueprint = Blueprint("insights", __name__)

USUAL = 28
# The worker looks every ten minutes, and counts every ten seconds: what is older than this is worth saying.
OLD_PROOF = timedelta(minutes=30)
OLD_COUNT = timedelta(minutes=2)


@blueprint.get("/insights")
@signed_in("insights.view")
def page() -> ResponseReturnValue:
    """The page; it reads and changes nothing. What is asked for and makes no sense is passed over."""
    with runtime().db.reading() as session:
        found = morning(
            session,
            viewer=actor(),
            now=now(),
            zone=house().zone,
            soon=SOON,
            days=asked_days(),
            channel_id=parse_id(request.args.get("channel", "")),
            metric=asked_metric(),
        )
        names = topic_names(session).known
        forms = [channel for channel in intake.channels(session) if channel.form] if found.empty else []
    return render_template(
        "insights/morning.html",
        page=found,
        names=names,
        forms=forms,
        stances=list(Stance),
        periods=[(days, period_word(days)) for days in PERIODS],
        link=link,
        chart=drawing.line(found.trend.buckets, ENDS[found.trend.metric]) if found.trend else None,
        bars=drawing.bars(found.intake),
        interval=lambda view: drawing.interval(view.now, view.before, ENDS[view.metric]),
        ends=words.ends,
        old_proof=is_old_proof(found),
        late_count=is_late_count(found),
    )


def asked_days() -> int:
    """The period asked for, else four weeks."""
    asked = request.args.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else USUAL


def asked_metric() -> Metric | None:
    """The figure whose trend is asked for."""
    asked = request.args.get("metric")
    return Metric(asked) if asked in set(Metric) else None


def link(**changes: object) -> str:
    """The address of this page with some of what was asked changed."""
    kept = {name: request.args.get(name) for name in ("days", "channel", "metric")}
    asked = {name: value for name, value in {**kept, **changes}.items() if value}
    return "/insights" + (f"?{urlencode(asked)}" if asked else "")


def period_word(days: int) -> str:
    """What a period is called."""
    return _("Today") if days == 1 else _("%(num)s days", num=days)


def is_old_proof(found: Morning) -> bool:
    """Whether nobody looked for a while: the worker is probably not running."""
    return found.proof is not None and found.at - found.proof.checked_at > OLD_PROOF


def is_late_count(found: Morning) -> bool:
    """Whether something waits to be counted for longer than usual."""
    since = found.waiting.pending_since
    return since is not None and found.at - since > OLD_COUNT
