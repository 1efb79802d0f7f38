"""Filling panels in the worker. A plugin that fails leaves its sentence in the panel, and is asked a few times more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.facts.queries import case_facts, customer_facts, customer_of
from voc.cases.panels import queries
from voc.cases.panels.asking import ask_about, ask_again
from voc.cases.panels.queries import KIND
from voc.cases.panels.reading import data_of, until_of
from voc.core.errors import Permanent, Temporary
from voc.delivery.calling import Context, call_offer, offer_of
from voc.jobs import Item, enqueue
from voc.jobs.retry import Retry
from voc.plugin import CaseFacts, CustomerFacts, Panel, Slot

# Asked again by itself; after that when somebody wants to know.
TRIES = Retry(attempts=5, first=timedelta(seconds=30), longest=timedelta(minutes=15))
BATCH = 100


@dataclass(frozen=True, slots=True)
class Question:
    """One panel to fill, with what the plugin is told."""

    plugin: str
    slot: str
    customer: CustomerFacts
    case: CaseFacts | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of a question about `customer_id`, who was known `at` that time as the plugin was told: data, or
    nothing to show; else `error`, and with `again` when it is asked once more."""

    customer_id: UUID
    at: datetime
    data: dict[str, Any] | None = None
    until: datetime | None = None
    error: str | None = None
    again: timedelta | None = None


def fill_panels(runtime: Context, items: Sequence[Item]) -> list[Filled | None]:
    """Ask the plugins; None for a panel that is gone, or about nobody who was verified."""
    return [_fill(runtime, item) for item in items]


def _fill(runtime: Context, item: Item) -> Filled | None:
    at, question = runtime.clock(), _question(runtime, item.subject)
    if question is None:
        return None
    customer_id = UUID(question.customer.id)
    try:
        plugin, offer = offer_of(runtime, "slots", question.slot)
        if plugin != question.plugin:
            raise Permanent(f"plugin {question.plugin} offers the slot {question.slot} no more")
        fill = cast(Slot, offer).fill
        panel, masked = call_offer(runtime, plugin, fill, question.customer, question.case)
    except Permanent as error:
        return Filled(customer_id, at, error=str(error))
    except Temporary as error:
        return Filled(customer_id, at, error=str(error), again=_wait(item, error))
    if panel is None:
        return Filled(customer_id, at)
    if not isinstance(panel, Panel):
        return Filled(customer_id, at, error=f"plugin {question.plugin} gave no answer that means anything")
    return Filled(customer_id, at, data_of(panel, masked), until_of(panel, runtime.clock()))


def _question(runtime: Context, panel_id: UUID) -> Question | None:
    with runtime.db.reading() as session:
        panel = queries.panel(session, panel_id)
        if panel is None:
            return None
        # A panel stands on the page of a case or on that of a customer.
        case = case_facts(session, panel.subject_id, runtime.settings.public)
        customer_id = customer_of(session, panel.subject_id) if case else panel.subject_id
        customer = customer_facts(session, customer_id)
    return Question(panel.plugin, panel.slot, customer, case) if customer else None


def _wait(item: Item, error: Temporary) -> timedelta | None:
    wait = TRIES.wait(_tries(item))
    return max(wait, timedelta(seconds=min(error.after or 0.0, 86_400.0))) if wait is not None else None


def _tries(item: Item) -> int:
    return int(item.data.get("tries", 0)) + 1


def keep_panels(session: Session, runtime: Context, pairs: Sequence[tuple[Item, Filled | None]]) -> None:
    """Write what came of each question. After a failure the last data stay, with their age and the reason, as long as
    they are about the same customer."""
    now = runtime.clock()
    for item, filled in pairs:
        panel = queries.panel_for_update(session, item.subject)
        if panel is None:
            continue
        panel.asked_at = None
        if filled is None:
            panel.data, panel.error = None, None
            continue
        if filled.error is None or panel.customer_id != filled.customer_id:
            panel.data, panel.until = filled.data, filled.until
            panel.filled_at = filled.at if filled.error is None else None
        panel.customer_id, panel.error = filled.customer_id, filled.error
        if filled.again is not None and not queries.any_waiting(session, panel.id):
            enqueue(
                session, KIND, subject_id=panel.id, now=now, data={"tries": _tries(item)}, due_at=now + filled.again
            )


def hear(session: Session, runtime: Any, pairs: Sequence[tuple[Item, Any]]) -> None:
    """A case was opened: ask what there is to show on its page."""
    customers = queries.customers_of(session, [item.subject for item, _ in pairs])
    ask_about(session, list(customers.items()), now=runtime.clock())


def sweep(runtime: Context, now: datetime) -> None:
    """Ask again for what is past the time that its plugin gave."""
    with runtime.db.reading() as session:
        if not runtime.host.offered("slots") or not queries.any_past_its_time(session, now):
            return
    with runtime.db.writing(patience=30, durable=False) as session:
        due: list[UUID] = []
        # Nobody looks at a closed case by itself: its panels are asked again when somebody does.
        for panel, is_open in queries.past_their_time(session, now, BATCH):
            panel.until = None
            if is_open:
                due.append(panel.id)
        session.flush()
        ask_again(session, due, now=now)
