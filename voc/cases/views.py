"""What screens and the API show of cases: plain frozen data, filled by `queries.py` in a fixed number of steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from voc.cases.audience import Choice
from voc.cases.reaching import Way
from voc.core.paging import Page as Page
from voc.core.vocabulary import (
    CaseState,
    ClockKind,
    MessageState,
    Metric,
    ObligationState,
    Priority,
    Stance,
    Via,
)

Queue = Literal["open", "mine", "team", "unassigned", "overdue", "escalated", "resolved"]
QUEUES: tuple[Queue, ...] = ("open", "mine", "team", "unassigned", "overdue", "escalated", "resolved")
Order = Literal["attention", "due"]


@dataclass(frozen=True, slots=True)
class TopicMention:
    """A topic and whether it is spoken of well or badly (`positive`, `negative`, `neutral`, `unknown`)."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of the inbox. `who` None: somebody who left no name. `due_kind` says which clock ends at `due_at`."""

    id: UUID
    number: int
    state: CaseState
    priority: Priority
    who: str | None
    stance: Stance
    mixed: bool
    metric: Metric | None
    score: int | None
    voice: str
    language: str | None
    topics: tuple[TopicMention, ...]
    channel_kind: str
    opened_at: datetime
    due_at: datetime | None
    due_kind: ClockKind | None
    escalated_at: datetime | None
    resolved_at: datetime | None
    owner_id: UUID | None
    owner_name: str | None
    team_name: str
    feedback_count: int


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that came along; `kept` says whether it can be had here, else only the receipt has it. Size in bytes."""

    id: UUID
    name: str
    size: int
    kept: bool


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """One feedback as read on the case page. `analysis` is `voc.analysis.result.Analysis.to_dict()` or None;
    `reasons` are those of the stance decision; `corrected_by` names who changed what the machine said; `reach` is
    how many people could see it in public, `address` where it stands there. `sender` is the address it came from,
    `edited_at` when words that stood there were changed,
    `answers_to` the other one that it asks to answer to; `stranger`: on its case, somebody else whom nobody verified;
    `handle` and `number` are the account and the customer number that came with it; `truncated`: what came in was too
    large to be shown in full.
    """

    id: UUID
    text: str | None
    language: str | None
    metric: Metric | None
    score: int | None
    received_at: datetime
    channel_kind: str
    channel_name: str
    author_name: str | None
    unit: str | None
    stance: Stance | None
    mixed: bool
    policy: str | None
    reasons: tuple[dict[str, Any], ...]
    corrected_by: str | None
    label: str | None
    probability: float | None
    analyzer: str | None
    analyzer_version: str | None
    analysis: dict[str, Any] | None
    obligation_id: UUID | None
    obligation_state: ObligationState | None
    obligation_due_at: datetime | None
    case_id: UUID | None
    handle: str | None = None
    subject: str | None = None
    reach: int | None = None
    address: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    files: tuple[FileView, ...] = ()
    sender: str | None = None
    answers_to: str | None = None
    stranger: bool = False
    number: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class MessageView:
    """One answer and what became of it. `bounced_at`: it was sent and came back; that one cannot be sent again.
    `delivered_at`, `read_at`: as the other side reported it."""

    id: UUID
    author_name: str
    text: str
    via: Via
    recipient: str | None
    state: MessageState
    error: str | None
    created_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoteView:
    """One internal note."""

    id: UUID
    author_name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HappenedView:
    """One line of the case's history; `kind` as in `case_event.kind` or `escalated`."""

    at: datetime
    kind: str
    actor_name: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock: `due_at` None with `met_at` set when it was met, both None when it never ran."""

    kind: ClockKind
    due_at: datetime | None
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the case page shows. `version` must come back with every change. `reply` is how an answer goes by
    itself, `replies` everybody who can be answered, that one first."""

    id: UUID
    number: int
    version: int
    state: CaseState
    priority: Priority
    who: str | None
    email: str | None
    phone: str | None
    language: str | None
    customer_id: UUID | None
    team_id: UUID
    team_name: str
    owner_id: UUID | None
    owner_name: str | None
    opened_at: datetime
    resolved_at: datetime | None
    first_answered_at: datetime | None
    escalated_at: datetime | None
    escalated_to: str | None
    clocks: tuple[ClockView, ...]
    zone: str
    reply: Way
    replies: tuple[Choice, ...]
    feedback: tuple[FeedbackView, ...]
    messages: tuple[MessageView, ...]
    notes: tuple[NoteView, ...]
    happened: tuple[HappenedView, ...]

    @property
    def reply_via(self) -> Via:
        """How an answer would go."""
        return self.reply.via

    @property
    def reply_first(self) -> Choice:
        """Whom an answer is for unless another one is chosen: who waits, of these whoever the case is about."""
        return next((choice for choice in self.replies if choice.waiting), self.replies[0])


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """One line of the queue *To judge*."""

    feedback_id: UUID
    voice: str
    language: str | None
    author_name: str | None
    metric: Metric | None
    score: int | None
    channel_kind: str
    received_at: datetime
    due_at: datetime
    team_name: str
