"""Closed sets of words, the same in tables, classes, addresses and screens."""

from __future__ import annotations

from enum import StrEnum

LANGUAGES = ("es", "pt", "en")


class Stance(StrEnum):
    """How a customer stands towards the company."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"
    UNKNOWN = "unknown"


class Metric(StrEnum):
    """The question's kind."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    STARS = "stars"


# Lowest and highest answer of each metric.
SCALES: dict[Metric, tuple[int, int]] = {
    Metric.NPS: (0, 10),
    Metric.CSAT: (1, 5),
    Metric.CES: (1, 7),
    Metric.STARS: (1, 5),
}


class Door(StrEnum):
    """How a receipt came in."""

    API = "api"
    FORM = "form"


class ReceiptState(StrEnum):
    """What became of a receipt."""

    STORED = "stored"
    READ = "read"
    ROBOT = "robot"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


class CaseState(StrEnum):
    """Where the follow-up stands. Only `open` and `waiting` have running clocks."""

    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"


class Priority(StrEnum):
    """How soon; each has its own targets in the SLA policy."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class ObligationState(StrEnum):
    """The promise of a human answer. Overdue is not a state: it is open and past its due time."""

    OPEN = "open"
    MET = "met"
    WAIVED = "waived"


class MessageState(StrEnum):
    """What became of something we say to a customer."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Via(StrEnum):
    """How an answer reaches the customer."""

    EMAIL = "email"
    STATUS_PAGE = "status_page"


class ClockKind(StrEnum):
    """The deadlines a case can have, and that of a feedback that waits to be judged."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"
    JUDGEMENT = "judgement"


class WorkState(StrEnum):
    """The state of an outbox row; finished rows are deleted."""

    TODO = "todo"
    DOING = "doing"
    QUARANTINED = "quarantined"


class RoleName(StrEnum):
    """What somebody may do."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"


class Scope(StrEnum):
    """What an API token may do."""

    FEEDBACK_WRITE = "feedback:write"
    FEEDBACK_READ = "feedback:read"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    ADMIN = "admin"
