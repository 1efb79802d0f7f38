"""What screens show of customers: plain frozen data, filled by `reading/` in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from voc.core.vocabulary import IdentityKind, IdentitySource, MessageState, Metric, Stance, Via


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One line of the list. `identity` is the strongest one, `found_by` the kind that was searched for exactly."""

    id: UUID
    name: str | None
    identity: str | None
    segment: str | None
    language: str | None
    created_at: datetime
    found_by: IdentityKind | None = None


@dataclass(frozen=True, slots=True)
class IdentityView:
    """One identity that the customer has now, and who proved it."""

    id: UUID
    kind: IdentityKind
    value: str
    source: IdentitySource
    verified_by: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """Another customer who may be the same person; a feedback came with a verified identity of each."""

    id: UUID
    other_id: UUID
    other_name: str | None
    feedback_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SeenElsewhere:
    """Somebody else's feedback with the same address, which nobody verified there: a hint, and no more."""

    feedback_id: UUID
    name: str | None
    kind: IdentityKind
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """The case that is being worked on."""

    id: UUID
    number: int
    opened_at: datetime
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The head of the profile. `version` must come back with every change. `consent_at`: when the customer last
    agreed to be contacted, `heard_at`: the newest feedback."""

    id: UUID
    version: int
    name: str | None
    language: str | None
    preferred_channel: str | None
    segment: str | None
    value: int | None
    created_at: datetime
    identities: tuple[IdentityView, ...]
    open_case: OpenCase | None
    duplicates: tuple[DuplicateView, ...]
    elsewhere: tuple[SeenElsewhere, ...]
    heard_at: datetime | None
    consent_at: datetime | None


Happened = Literal["feedback", "message", "note", "opened", "resolved", "reopened", "stance"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the timeline. Which fields are filled depends on `kind`.

    feedback: text, stance, metric, score, language, channel; message: text, via, state, actor; note: text, actor;
    opened, resolved, reopened: the case; stance: what a person decided (`stance`) and what it was (`before`).
    """

    kind: Happened
    id: UUID
    at: datetime
    case_id: UUID | None = None
    case_number: int | None = None
    feedback_id: UUID | None = None
    actor_name: str | None = None
    text: str | None = None
    language: str | None = None
    stance: Stance | None = None
    before: str | None = None
    metric: Metric | None = None
    score: int | None = None
    channel_kind: str | None = None
    channel_name: str | None = None
    via: Via | None = None
    state: MessageState | None = None
