"""The slots of the case page and the customer page: what plugins gave, drawn by us. Nothing is shown that is about
somebody else, and nothing at all where no plugin offers a slot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from voc.cases import queries as cases
from voc.cases.panels.asking import ask_about, slots_in_use
from voc.cases.panels.queries import customers_of, last_detached, panels_of
from voc.customers.reading.queries import customer_view
from voc.model import SlotPanel
from voc.plugin import SlotPlace
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.triage.pages import blueprint
from voc.web.triage.reasons import reason_words

# A question that is under way for longer is not worth speaking of.
SOON = timedelta(minutes=2)
# What a tone is called, and how it looks.
TONES = {
    "good": (lazy_gettext("good"), "is-good", "done"),
    "warning": (lazy_gettext("attention"), "is-soon", "clock"),
    "bad": (lazy_gettext("bad"), "is-bad", "alert"),
}


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """One panel. `rows` and `text` are plain text, links are https; `filled_at` None: never filled. `asking`: a
    question is under way. `error` is why the last one came to nothing, in the reader's language."""

    name: str
    title: str
    text: str
    rows: tuple[dict[str, Any], ...]
    filled_at: datetime | None
    error: str
    asking: bool


def drawn_panels(session: Session, place: SlotPlace, subject_id: UUID, customer_id: UUID | None) -> list[DrawnPanel]:
    """The panels of this page, in the order of their names; none for somebody who was not verified."""
    slots = {name: found for name, found in slots_in_use(session).items() if found[1].place == place}
    if not slots or customer_id is None:
        return []
    kept = {(item.plugin, item.slot): item for item in panels_of(session, [subject_id])}
    since = last_detached(session, customer_id) if kept else None
    return [
        drawn
        for name, (plugin, _slot) in sorted(slots.items())
        if (drawn := _drawn(name, plugin, kept.get((plugin, name)), customer_id, since)) is not None
    ]


def _drawn(
    name: str, plugin: str, panel: SlotPanel | None, customer_id: UUID, since: datetime | None
) -> DrawnPanel | None:
    """`since`: when an identity was last taken away; what was asked with it may be about somebody else."""
    title = runtime().host.said_offer("slots", name, language()).title
    asking = panel is not None and panel.asked_at is not None and panel.asked_at > now() - SOON
    stale = panel is not None and since is not None and panel.filled_at is not None and panel.filled_at <= since
    if panel is None or panel.customer_id != customer_id or stale:
        return DrawnPanel(name, title, "", (), None, "", asking)
    data = panel.data or {}
    return DrawnPanel(
        name=name,
        title=title,
        text=str(data.get("text") or ""),
        rows=tuple({**row, **_tone(str(row.get("tone")))} for row in data.get("rows") or ()),
        filled_at=panel.filled_at,
        error=reason_words(panel.error, plugin=plugin) if panel.error else "",
        asking=asking,
    )


def _tone(tone: str) -> dict[str, str]:
    """The word, class and picture of a tone; all empty for a plain one."""
    word, look, picture = TONES.get(tone, ("", "", ""))
    return {"word": str(word), "look": look, "picture": picture}


@blueprint.post("/cases/<uuid:case_id>/panels")
@signed_in("case.view")
def ask_for_case(case_id: UUID) -> ResponseReturnValue:
    """Ask the plugins again what to show beside a case; raises NotFound."""
    with runtime().db.writing() as session:
        cases.case_view(session, case_id, viewer=actor())
        asked = ask_about(session, customers_of(session, [case_id]).items(), now=now())
    return _asked(asked, f"/cases/{case_id}")


@blueprint.post("/customers/<uuid:customer_id>/panels")
@signed_in("customer.view")
def ask_for_customer(customer_id: UUID) -> ResponseReturnValue:
    """Ask the plugins again what to show of a customer; raises NotFound."""
    with runtime().db.writing() as session:
        customer_view(session, customer_id, viewer=actor())
        asked = ask_about(session, [(None, customer_id)], now=now())
    return _asked(asked, f"/customers/{customer_id}")


def _asked(count: int, goal: str) -> ResponseReturnValue:
    if count:
        runtime().wake()
        flash(_("It is being asked. Load the page again in a moment."), "good")
    else:
        flash(_("There is nothing to ask, or it is being asked already."), "warn")
    return redirect(goal, 303)
