"""Asking plugins what to show of a customer: one row of work for each slot and page. Who was not verified has no
panels: nobody is shown somebody else's orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.panels import queries
from voc.core.ids import new_id
from voc.db.bulk import bulk_insert, bulk_update
from voc.db.types import table_of
from voc.delivery.calling import offered, set_up
from voc.jobs.outbox import registry_of, row
from voc.model import SlotPanel, Work
from voc.plugin import Slot

KIND = "cases.panel"
# A question that is under way is not asked again before this.
UNDER_WAY = timedelta(minutes=15)


def slots_in_use(session: Session) -> dict[str, tuple[str, Slot]]:
    """(plugin, slot) by name of every slot that a plugin offers which has the settings it needs. Without one, nothing
    is asked, kept or drawn."""
    known = offered(session, "slots")
    ready = set_up(session, {plugin for plugin, _ in known.values()})
    return {name: (plugin, cast(Slot, offer)) for name, (plugin, offer) in known.items() if plugin in ready}


def any_slot(session: Session) -> bool:
    """Whether there is one."""
    return bool(slots_in_use(session))


def ask_about(session: Session, pairs: Iterable[tuple[UUID | None, UUID | None]], *, now: datetime) -> int:
    """Ask every slot about these (case, customer), each page once; returns how many questions that makes. Pairs without
    a verified customer are passed over."""
    known = [(case_id, customer_id) for case_id, customer_id in pairs if customer_id is not None]
    slots = slots_in_use(session) if known else {}
    wanted: dict[tuple[UUID, str], tuple[str, UUID]] = {}
    for case_id, customer_id in known:
        for name, (plugin, offer) in slots.items():
            subject_id = case_id if offer.place == "case" else customer_id
            if subject_id is not None:
                wanted[subject_id, name] = (plugin, customer_id)
    return _ask(session, wanted, now)


def _ask(session: Session, wanted: dict[tuple[UUID, str], tuple[str, UUID]], now: datetime) -> int:
    if not wanted:
        return 0
    found = queries.panels_of(session, list({subject_id for subject_id, _ in wanted}))
    there = {(panel.subject_id, panel.plugin, panel.slot): panel for panel in found}
    fresh: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for (subject_id, slot), (plugin, customer_id) in wanted.items():
        panel = there.get((subject_id, plugin, slot))
        if panel is None:
            fresh.append(_row(plugin, slot, subject_id, customer_id, now))
        elif panel.asked_at is None or panel.asked_at <= now - UNDER_WAY:
            again.append({"id": panel.id, "asked_at": now})
    connection = session.connection()
    bulk_insert(connection, table_of(SlotPanel), fresh)
    bulk_update(connection, table_of(SlotPanel), again)
    return order(session, [item["id"] for item in (*fresh, *again)], now=now)


def order(session: Session, panel_ids: Sequence[UUID], *, now: datetime) -> int:
    """Write the work that fills these panels; returns how many."""
    handler = registry_of(session).handlers[KIND]
    work = [row(handler, subject_id=panel_id, now=now) for panel_id in panel_ids]
    bulk_insert(session.connection(), table_of(Work), work)
    return len(work)


def _row(plugin: str, slot: str, subject_id: UUID, customer_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "plugin": plugin,
        "slot": slot,
        "subject_id": subject_id,
        "customer_id": customer_id,
        "data": None,
        "error": None,
        "filled_at": None,
        "until": None,
        "asked_at": now,
    }
