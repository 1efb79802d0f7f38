"""Asking plugins what to show of a customer: one row of work for each slot and page. Who was not verified has no
panels: nobody is shown somebody else's orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from voc.cases.panels import queries
from voc.core.ids import new_id
from voc.db.bulk import bulk_insert, bulk_update
from voc.db.types import table_of
from voc.delivery.calling import offered, set_up
from voc.jobs.outbox import registry_of, row
from voc.model import SlotPanel, Work
from voc.plugin import Slot

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


def ask_after_words(session: Session, said: Mapping[UUID, tuple[UUID | None, UUID | None]], *, now: datetime) -> int:
    """The same of (case, customer) by the feedback that came in just now. A case that was opened by it is asked about
    when that is heard of (`CaseOpened`), and by that alone."""
    known = {key: pair for key, pair in said.items() if pair[1] is not None}
    if not known or not any_slot(session):
        return 0
    opened = queries.opened_by(session, list(known), [case_id for case_id, _ in known.values() if case_id is not None])
    return ask_about(session, [pair for pair in known.values() if pair[0] not in opened], now=now)


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
    there = {(panel.subject_id, panel.plugin, panel.slot): panel.id for panel in found}
    fresh: list[dict[str, Any]] = []
    known: list[UUID] = []
    # Everybody goes through them in one order: two who add the same ones at once wait for each other, not both.
    for (subject_id, slot), (plugin, customer_id) in sorted(wanted.items(), key=lambda item: item[0]):
        panel_id = there.get((subject_id, plugin, slot))
        if panel_id is None:
            fresh.append(_row(plugin, slot, subject_id, customer_id, now))
        else:
            known.append(panel_id)
    return _order(session, [*_add(session, fresh), *_take(session, known, now)], now)


def ask_again(session: Session, panel_ids: Sequence[UUID], *, now: datetime) -> int:
    """Ask about these panels, but for those that are being asked about; returns how many."""
    return _order(session, _take(session, panel_ids, now), now)


def _add(session: Session, fresh: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Add these panels; the ids of those that nobody else added meanwhile, who asks then."""
    if not fresh:
        return []
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(SlotPanel).on_conflict_do_nothing().returning(SlotPanel.id)
    return list(session.execute(statement, list(fresh)).scalars())


def _take(session: Session, panel_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Mark those as asked that are not being asked already; their ids."""
    if not panel_ids:
        return []
    idle = queries.idle_for_update(session, panel_ids, now - UNDER_WAY)
    rows = [{"id": panel_id, "asked_at": now} for panel_id, _ in idle]
    bulk_update(session.connection(), table_of(SlotPanel), rows)
    # What failed is asked once more by itself later: not besides this question.
    if failed := [panel_id for panel_id, error in idle if error is not None]:
        session.execute(
            delete(Work).where(Work.id.in_(queries.waiting_work(failed))),
            execution_options={"synchronize_session": False},
        )
    return [panel_id for panel_id, _ in idle]


def _order(session: Session, panel_ids: Sequence[UUID], now: datetime) -> int:
    """Write the work that fills these panels; returns how many."""
    handler = registry_of(session).handlers[queries.KIND]
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
