"""The clock of a case, computed again from its events, its targets and its calendar (I6). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from voc.cases.clock import Clocks, Moment, Sla, attention, clocks, escalation_due
from voc.cases.timing import moment_of
from voc.core.vocabulary import CaseState, ClockKind, ObligationState
from voc.pipeline.verify.check import Rule, rules
from voc.pipeline.verify.threads.queries import Thread

COLUMNS = {
    "response_due_at": "the first response",
    "resolution_due_at": "the resolution",
    "next_due_at": "the next deadline",
    "first_answered_at": "the first answer",
    "resolved_at": "being resolved",
    "state": "its state",
    "priority": "its priority",
    "attention_at": "its place in the inbox",
    "escalate_at": "the next escalation",
}
_AGAIN = "Compute it again by setting the priority of the case."

RULES = (
    *(
        Rule(f"clock.{name}", "I6", f"A case shows {what} otherwise than its events and targets give. {_AGAIN}")
        for name, what in COLUMNS.items()
    ),
    *rules(
        """
        clock.obligation I6 A promise falls due at another moment than its clock gives.
            Compute it again by setting the priority of the case.
        clock.waiting I6 A promise is open and no clock runs for it, or the reverse. Answer, or waive it.
        clock.unreadable I6 The events or targets of a case cannot be read, so that its clock cannot be proved.
            Restore them from a backup.
        """
    ),
)


def broken(thread: Thread, slas: Mapping[UUID, Sla]) -> Iterator[tuple[str, UUID]]:
    """(rule, id of what breaks it) for everything the clock says about this case."""
    case = thread.row
    moments = _moments(thread)
    sla = slas.get(case.sla_version_id)
    if moments is None or sla is None:
        yield "clock.unreadable", case.id
        return
    again = clocks(sla, moments)
    expected = _columns(thread, again, moments)
    for name in COLUMNS:
        if getattr(case, name) != expected[name]:
            yield f"clock.{name}", case.id
    waiting = {item.feedback_id: item for item in thread.obligations if item.state == ObligationState.OPEN}
    for feedback_id in waiting.keys() ^ again.waiting.keys():
        yield "clock.waiting", waiting[feedback_id].id if feedback_id in waiting else case.id
    for feedback_id, due in again.waiting.items():
        if feedback_id in waiting and waiting[feedback_id].due_at != due:
            yield "clock.obligation", waiting[feedback_id].id


def _moments(thread: Thread) -> list[Moment] | None:
    try:
        return [moment_of(event.kind, event.at, event.data) for event in thread.events]
    except (ValueError, TypeError, AttributeError):
        return None


def _columns(thread: Thread, again: Clocks, moments: list[Moment]) -> dict[str, Any]:
    """What the case must show; the same steps as `voc.cases.timing.retime`."""
    case = thread.row
    told = {(ClockKind(item.clock), item.due_at) for item in thread.escalations if item.clock in set(ClockKind)}
    # The priority that was written last, whatever moment it belongs to.
    priority = next((moment.priority for moment in reversed(moments) if moment.priority is not None), None)
    return {
        "response_due_at": again.response_due_at,
        "resolution_due_at": again.resolution_due_at,
        "next_due_at": again.next_due_at,
        "first_answered_at": again.first_answered_at,
        "resolved_at": again.resolved_at,
        "state": (CaseState.RESOLVED if again.resolved_at else CaseState.OPEN).value,
        "priority": priority.value if priority else None,
        "attention_at": attention(again.next_due_at, case.hurt, case.opened_at),
        "escalate_at": escalation_due(again.running(), told),
    }
