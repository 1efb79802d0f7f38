"""The clock of a case: deadlines as a pure function of events, targets and calendar (I6).

Evaluated whenever something happens to a case and again by `voc verify`; both must give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from voc.core.calendar import Calendar, add_working
from voc.core.vocabulary import ClockKind, Priority


@dataclass(frozen=True, slots=True)
class Target:
    """Working time until the first human answer and until it is put right."""

    response: timedelta
    resolution: timedelta


@dataclass(frozen=True, slots=True)
class Sla:
    """Targets by priority, the time within which unknown feedback is judged, and the calendar they are counted in."""

    targets: Mapping[Priority, Target]
    judgement: timedelta
    calendar: Calendar

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Sla:
        """Read what `to_definition` wrote."""
        targets = {
            Priority(name): Target(timedelta(minutes=item["response"]), timedelta(minutes=item["resolution"]))
            for name, item in definition["targets"].items()
        }
        return cls(targets, timedelta(minutes=definition["judgement"]), Calendar.from_dict(definition["calendar"]))

    def to_definition(self) -> dict[str, Any]:
        """JSON-safe, minutes."""
        return {
            "targets": {
                name.value: {"response": _minutes(item.response), "resolution": _minutes(item.resolution)}
                for name, item in self.targets.items()
            },
            "judgement": _minutes(self.judgement),
            "calendar": self.calendar.to_dict(),
        }


def _minutes(value: timedelta) -> int:
    return round(value.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Moment:
    """One case event as the clock sees it. `feedback_id` belongs to opened, joined, waived; `priority` to opened and
    prioritized; `until` to answered: what came in while the answer was on its way is not answered by it.
    `message_id` to answered and bounced: an answer that came back has answered nobody. `others` to answered: what
    somebody else said, whom it did not go to (`voc.cases.audience`)."""

    kind: str
    at: datetime
    priority: Priority | None = None
    feedback_id: UUID | None = None
    until: datetime | None = None
    message_id: UUID | None = None
    others: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer as recorded: after how many events, when it was sent, what it covers, and whom it did not reach."""

    place: int
    at: datetime
    until: datetime
    message_id: UUID | None
    others: frozenset[UUID]

    def settles(self, feedback_id: UUID, place: int, since: datetime) -> bool:
        """Whether it answers what came in at `since` and was known after so many events."""
        return self.place > place and self.until >= since and feedback_id not in self.others


@dataclass(frozen=True, slots=True)
class Clocks:
    """What runs now: due times in UTC, None where nothing runs; `waiting` maps each unanswered feedback to its due,
    `answered` each other one to the first answer that settled it: when it was sent, and which message it was."""

    response_due_at: datetime | None
    resolution_due_at: datetime | None
    first_answered_at: datetime | None
    resolved_at: datetime | None
    waiting: Mapping[UUID, datetime] = field(default_factory=dict)
    answered: Mapping[UUID, tuple[datetime, UUID | None]] = field(default_factory=dict)

    @property
    def next_due_at(self) -> datetime | None:
        """The earliest running deadline."""
        return min((due for due in (self.response_due_at, self.resolution_due_at) if due), default=None)

    def running(self) -> list[tuple[ClockKind, datetime]]:
        """Every running clock with its due time."""
        both = ((ClockKind.FIRST_RESPONSE, self.response_due_at), (ClockKind.RESOLUTION, self.resolution_due_at))
        return [(kind, due) for kind, due in both if due is not None]


def clocks(sla: Sla, moments: Iterable[Moment]) -> Clocks:
    """Run through the events in the order they were recorded, which is the order in which anybody knew of them.

    An answer settles what had arrived before it was written and was known by then: words that were read late, or
    judged late, wait for an answer of their own, counted from when they came; so does what another person said, whom
    it did not go to. An answer that came back settles nothing. Resolving stops the resolution clock, reopening starts
    it again; a new priority counts from the beginning.
    """
    priority = Priority.NORMAL
    known: dict[UUID, tuple[int, datetime]] = {}
    answers: list[_Answer] = []
    started: datetime | None = None
    resolved: datetime | None = None
    for place, moment in enumerate(moments):
        if moment.priority is not None:
            priority = moment.priority
        if moment.kind in ("opened", "joined", "obliged") and moment.feedback_id is not None:
            known[moment.feedback_id] = (place, moment.at)
        if moment.kind in ("opened", "reopened"):
            started, resolved = moment.at, None
        elif moment.kind == "answered":
            answers.append(_Answer(place, moment.at, moment.until or moment.at, moment.message_id, moment.others))
        elif moment.kind == "bounced":
            answers = [answer for answer in answers if answer.message_id != moment.message_id]
        elif moment.kind == "waived" and moment.feedback_id is not None:
            known.pop(moment.feedback_id, None)
        elif moment.kind == "resolved":
            resolved = moment.at
    target = sla.targets[priority]
    dues: dict[UUID, datetime] = {}
    settled: dict[UUID, tuple[datetime, UUID | None]] = {}
    for feedback_id, (place, since) in known.items():
        by = next((answer for answer in answers if answer.settles(feedback_id, place, since)), None)
        if by is None:
            dues[feedback_id] = add_working(sla.calendar, since, target.response)
        else:
            settled[feedback_id] = (by.at, by.message_id)
    running = started is not None and resolved is None
    return Clocks(
        response_due_at=min(dues.values(), default=None) if running else None,
        resolution_due_at=add_working(sla.calendar, started, target.resolution) if running and started else None,
        first_answered_at=answers[0].at if answers else None,
        resolved_at=resolved,
        waiting=dues,
        answered=settled,
    )


def response_due(sla: Sla, since: datetime, priority: Priority) -> datetime:
    """By when somebody who spoke at `since` gets a human answer."""
    return add_working(sla.calendar, since, sla.targets[priority].response)


def judgement_due(sla: Sla, since: datetime) -> datetime:
    """By when a feedback of unknown stance is judged by a person."""
    return add_working(sla.calendar, since, sla.judgement)


def attention(next_due_at: datetime | None, hurt: int, fallback: datetime) -> datetime:
    """Where a case stands in the inbox: its deadline, moved forward by half an hour for each point of hurt."""
    return (next_due_at or fallback) - timedelta(minutes=30 * hurt)


def escalation_due(
    running: Sequence[tuple[ClockKind, datetime]], told: set[tuple[ClockKind, datetime]]
) -> datetime | None:
    """The earliest running deadline whose passing nobody was told of."""
    return min((due for kind, due in running if (kind, due) not in told), default=None)


def default_sla(calendar: Calendar) -> Sla:
    """The targets of a new house, in working hours of its calendar."""
    hours = {
        Priority.URGENT: (1, 8),
        Priority.HIGH: (2, 16),
        Priority.NORMAL: (8, 40),
        Priority.LOW: (16, 80),
    }
    targets = {
        name: Target(timedelta(hours=response), timedelta(hours=resolution))
        for name, (response, resolution) in hours.items()
    }
    return Sla(targets, timedelta(hours=8), calendar)
