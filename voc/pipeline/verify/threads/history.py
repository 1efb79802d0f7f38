"""Whether the history of a case agrees with its promises, its answers and whom it belongs to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from voc.core.ids import parse_id
from voc.core.vocabulary import MessageState, ObligationState
from voc.pipeline.verify.check import rules
from voc.pipeline.verify.threads.queries import AnyRow, Thread

RULES = rules(
    """
    case.opened I6 A case does not have exactly one event that opened it, at the moment it shows.
        Restore it from a backup.
    case.headline I4 The feedback by which a case is shown does not belong to it. Restore the feedback's case.
    case.customer I2 A case holds the words of somebody else than whom it is shown under. Restore customer and contact.
    case.owner I5 A case has another owner or team than it was last given to. Assign it.
    case.escalated_at I5 A case is shown as escalated without an escalation on record, or the reverse.
        Tell the lead, and copy the moment of the newest escalation.
    event.kind I6 The history of a case tells of something that this version does not know. Upgrade voc.
    event.unpromised I4 The history of a case names a feedback to which nothing is promised on it.
        While `voc serve` runs the reconciler promises an answer to every detractor; start it.
    obligation.untold I4 A promise stands on a case whose history does not know of it. Restore the event from a backup.
    obligation.waiver I4 A promise was waived, and the history of its case does not say so, or not so.
        Answer the customer, or correct the record.
    answer.uncounted I4 An answer was sent and the promises that it keeps were never told. Answer the case once more.
    answer.unsent I7 The history of a case tells of an answer that was not sent so, or is gone. Answer again.
    answer.unwritten I7 An answer and the event of its writing do not agree, or one of them is gone.
        Restore it from a backup.
    answer.untold I7 An answer failed and its case does not say so. Send it again from the case.
    message.header I7 A message has a Message-ID that is not its own, so that mail programs lose the thread.
        Restore it from a backup.
    """
)

# Kinds of events that name a feedback with a promise.
PROMISING = ("opened", "joined")
ABOUT_FEEDBACK = (*PROMISING, "obliged", "waived")
KINDS = frozenset(
    {
        *ABOUT_FEEDBACK,
        "answer_queued",
        "answer_retried",
        "answer_failed",
        "answered",
        "bounced",
        "assigned",
        "prioritized",
        "resolved",
        "reopened",
        "routed",
    }
)


def broken(thread: Thread) -> Iterator[tuple[str, UUID]]:
    """(rule, id of what breaks it) for everything in this case."""
    yield from _whose(thread)
    yield from _promises(thread)
    yield from _answers(thread)
    for message in thread.messages:
        if not message.header_id.startswith(f"<{message.id.hex}@"):
            yield "message.header", message.id


def _whose(thread: Thread) -> Iterator[tuple[str, UUID]]:
    case = thread.row
    opened = [event for event in thread.events if event.kind == "opened"]
    if len(opened) != 1 or (opened[0].at, _feedback(opened[0])) != (case.opened_at, case.headline_id):
        yield "case.opened", case.id
    headline = next((item for item in thread.feedback if item.id == case.headline_id), None)
    if headline is None:
        yield "case.headline", case.id
    elif headline.contact_point_id != case.contact_point_id:
        yield "case.customer", case.id
    # Words that answer what belongs to the case stand there whoever wrote them.
    replies = {_feedback(event) for event in thread.events if event.kind == "joined" and event.data.get("thread")}
    if any(item.customer_id != case.customer_id and item.id not in replies for item in thread.feedback):
        yield "case.customer", case.id
    assigned = [event.data for event in thread.events if event.kind == "assigned"]
    owner = parse_id(assigned[-1].get("owner_id")) if assigned else None
    given = [event.data for event in thread.events if event.kind in ("assigned", "routed")]
    team = next((data["team_id"] for data in reversed(given) if data.get("team_id")), None)
    if owner != case.owner_id or (team is not None and parse_id(team) != case.team_id):
        yield "case.owner", case.id
    if max((item.created_at for item in thread.escalations), default=None) != case.escalated_at:
        yield "case.escalated_at", case.id


def _promises(thread: Thread) -> Iterator[tuple[str, UUID]]:
    promised = {item.feedback_id for item in thread.obligations}
    told = {_feedback(event) for event in thread.events if event.kind in PROMISING}
    for event in thread.events:
        if event.kind not in KINDS:
            yield "event.kind", event.id
        owed = event.data.get("promised") is not False
        if event.kind in ABOUT_FEEDBACK and owed and _feedback(event) not in promised:
            yield "event.unpromised", event.id
    for item in thread.obligations:
        if item.feedback_id not in told:
            yield "obligation.untold", item.id
        if item.state == ObligationState.WAIVED and not _waiver_agrees(item, thread.events):
            yield "obligation.waiver", item.id


def _waiver_agrees(obligation: AnyRow, events: Sequence[AnyRow]) -> bool:
    waived = [event for event in events if event.kind == "waived" and _feedback(event) == obligation.feedback_id]
    if not waived:
        return False
    last = waived[-1]
    return (last.at, last.actor_id, last.data.get("reason")) == (
        obligation.waived_at,
        obligation.waived_by,
        obligation.waive_reason,
    )


def _answers(thread: Thread) -> Iterator[tuple[str, UUID]]:
    messages = {message.id: message for message in thread.messages}
    events: dict[str, dict[UUID | None, AnyRow]] = {
        "answer_queued": {},
        "answered": {},
        "answer_failed": {},
        "bounced": {},
    }
    for event in thread.events:
        if event.kind in events:
            events[event.kind][parse_id(event.data.get("message_id"))] = event
    for message_id, event in events["answered"].items():
        message = messages.get(message_id) if message_id else None
        if message is None or _sending(message) != (event.at, event.actor_id, event.data.get("until")):
            yield "answer.unsent", event.id
    for message_id, event in events["answer_queued"].items():
        if message_id not in messages:
            yield "answer.unwritten", event.id
    for message in thread.messages:
        written = events["answer_queued"].get(message.id)
        if written is None or (written.at, written.actor_id) != (message.created_at, message.author_id):
            yield "answer.unwritten", message.id
        if message.id in thread.telling:
            continue
        if message.state == MessageState.SENT and message.id not in events["answered"]:
            yield "answer.uncounted", message.id
        told = "answer_failed" if message.bounced_at is None else "bounced"
        if message.state == MessageState.FAILED and message.id not in events[told]:
            yield "answer.untold", message.id


def _sending(message: AnyRow) -> tuple[Any, ...] | None:
    """What the event of its sending must say; None when it was not sent. What came back was sent before."""
    if message.state != MessageState.SENT and message.bounced_at is None:
        return None
    return message.sent_at, message.author_id, message.created_at.isoformat()


def _feedback(event: AnyRow) -> UUID | None:
    return parse_id(event.data.get("feedback_id"))
