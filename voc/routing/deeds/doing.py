"""Doing what a rule has a plugin do. Talk first, then mark: whoever dies between the two does it again under the same
id, which is the plugin's to notice; a mark that merely fails repeats nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.cases.facts.queries import case_facts, customer_facts, feedback_facts, places_of
from voc.core.errors import Permanent
from voc.core.text import shorten, storable
from voc.delivery.calling import Context, call_offer, offer_of
from voc.delivery.memory import memory_of
from voc.jobs import Item
from voc.jobs.retry import Retry
from voc.model import RuleDeed
from voc.plugin import Action, Deed, Done
from voc.routing.deeds import queries
from voc.routing.deeds.queries import Ordered

# About half a day in all.
TRIES = Retry(attempts=20, first=timedelta(seconds=10), longest=timedelta(hours=1))
LONGEST_TEXT = 300

Did = tuple[datetime, str]


def do_deeds(runtime: Context, items: Sequence[Item]) -> list[Did | None]:
    """Have each deed done: when, and the plugin's sentence; None for what is done or gone already. Raises Temporary
    while a further try makes sense, Permanent when it can never be done."""
    return [_do(runtime, item) for item in items]


def _do(runtime: Context, item: Item) -> Did | None:
    memory = memory_of(runtime.db)
    if at := memory.taken_at(item.id):
        return at, memory.external_id(item.id) or ""
    with runtime.db.reading() as session:
        order = queries.ordered(session, item.id)
        deed = _deed(session, runtime, order) if order and not order.done else None
    if order is None or deed is None:
        return None
    plugin, offer = offer_of(runtime, "actions", order.action)
    values, wrong = offer.options.check(order.values)
    if wrong:
        said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in wrong.items())
        raise Permanent(f"the action {order.action} does not take what the rule says: {said}")
    done, masked = call_offer(runtime, plugin, cast(Action, offer).run, _with(deed, values))
    text = _text(done, masked)
    memory.taken(item.id, runtime.clock(), text)
    return runtime.clock(), text


def _deed(session: Session, runtime: Context, order: Ordered) -> Deed | None:
    """The deed with what the house knows now; None when the feedback is gone."""
    public = runtime.settings.public
    feedback = feedback_facts(session, order.feedback_id, public)
    case_id, customer_id = places_of(session, order.feedback_id)
    if feedback is None:
        return None
    case, customer = case_facts(session, case_id, public), customer_facts(session, customer_id)
    return Deed(str(order.id), order.rule, order.values, feedback, case, customer)


def _with(deed: Deed, values: dict[str, Any]) -> Deed:
    return Deed(deed.id, deed.rule, values, deed.feedback, deed.case, deed.customer)


def _text(done: Any, masked: Callable[[str], str]) -> str:
    """The plugin's sentence, believed only as far as it can be stored, and without its secrets."""
    text = done.text if isinstance(done, Done) and isinstance(done.text, str) else ""
    return shorten(storable(masked(text)), LONGEST_TEXT)


def mark_deeds(session: Session, runtime: Context, pairs: Sequence[tuple[Item, Did | None]]) -> None:
    """Write down what was done, in the transaction that ends the work."""
    for item, did in pairs:
        if did is not None:
            # It may have been told the words before they were taken back.
            text = "" if queries.withdrawn(session, item.id) else did[1]
            session.execute(
                update(RuleDeed)
                .where(RuleDeed.id == item.id, RuleDeed.done_at.is_(None))
                .values(done_at=did[0], text=text)
                .execution_options(synchronize_session=False)
            )
