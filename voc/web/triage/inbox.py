"""The inbox: cases in queues, ordered by who hurts most or by whose clock ends first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Literal, cast

from flask import render_template, request
from flask.typing import ResponseReturnValue

from voc.cases import queries
from voc.cases.views import QUEUES, InboxRow, Order, Queue
from voc.core.vocabulary import CaseState
from voc.runtime.queries import demo_progress
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import house, now, runtime
from voc.web.humanize import SOON
from voc.web.triage.names import topic_names
from voc.web.triage.pages import blueprint

Group = Literal["overdue", "soon", "today", "later", "still"]


@blueprint.get("/inbox")
@signed_in("case.view")
def inbox() -> ResponseReturnValue:
    """One page of one queue."""
    queue = cast(Queue, request.args.get("queue") if request.args.get("queue") in QUEUES else "open")
    order: Order = "due" if request.args.get("order") == "due" else "attention"
    viewer = actor()
    with runtime().db.reading() as session:
        page = queries.inbox_page(
            session, queue=queue, viewer=viewer, now=now(), order=order, after=request.args.get("after")
        )
        names = topic_names(session).known
        filling = demo_progress(session)
    grouped = order == "due" and queue != "resolved" and page.rows
    return render_template(
        "triage/inbox.html",
        queues=QUEUES,
        queue=queue,
        order=order,
        groups=groups(page.rows, now(), house().zone) if grouped else [(None, list(page.rows))],
        more=page.next,
        first=request.args.get("after") is None,
        names=names,
        filling=filling,
    )


def group_of(row: InboxRow, now: datetime, zone: tzinfo) -> Group:
    """Under which heading a case stands when the list is ordered by time."""
    if row.due_at is None or row.state is not CaseState.OPEN:
        return "still"
    if row.due_at <= now:
        return "overdue"
    if row.due_at - now <= SOON:
        return "soon"
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), datetime.min.time(), zone)
    return "today" if row.due_at < midnight else "later"


def groups(rows: Iterable[InboxRow], now: datetime, zone: tzinfo) -> list[tuple[str, list[InboxRow]]]:
    """The rows under their headings, in the order they come in."""
    words: dict[Group, str] = {
        "overdue": _("Overdue"),
        "soon": _("Due in less than two hours"),
        "today": _("Due today"),
        "later": _("Due later"),
        "still": _("No clock running"),
    }
    return [(words[key], list(found)) for key, found in groupby(rows, lambda row: group_of(row, now, zone))]
