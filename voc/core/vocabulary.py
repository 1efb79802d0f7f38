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
    FETCH = "fetch"
    PUSH = "push"
    PIPE = "pipe"


class IdentityKind(StrEnum):
    """By what a customer is known, the strongest proof first: an id of the company's own system, then addresses that
    something is delivered to, last a name on somebody else's platform, which can change hands."""

    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PHONE = "phone"
    HANDLE = "handle"


class IdentitySource(StrEnum):
    """Who proved an identity: the door it came through, or a colleague."""

    CHANNEL = "channel"
    PERSON = "person"


class ReceiptState(StrEnum):
    """What became of a receipt."""

    STORED = "stored"
    READ = "read"
    ROBOT = "robot"
    IGNORED = "ignored"
    NOTICE = "notice"
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
    CHANNEL = "channel"
    STATUS_PAGE = "status_page"


class InvitationState(StrEnum):
    """Where an invitation to a survey stands."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    ANSWERED = "answered"
    EXPIRED = "expired"
    FAILED = "failed"


class ClockKind(StrEnum):
    """The deadlines a case can have, and that of a feedback that waits to be judged."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"
    JUDGEMENT = "judgement"


class HookEvent(StrEnum):
    """What other people's programs can be told of."""

    FEEDBACK_STORED = "feedback.stored"
    CASE_OPENED = "case.opened"
    CASE_RESOLVED = "case.resolved"
    MESSAGE_SENT = "message.sent"
    MESSAGE_FAILED = "message.failed"
    TEST = "webhook.test"


class HookState(StrEnum):
    """What became of one webhook."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


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
