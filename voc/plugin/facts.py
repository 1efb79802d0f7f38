"""What the house tells a plugin about its own things: feedback, a case, a customer. Read-only values, no rows.

Times are aware UTC. `link` is an address that a person with rights can open. What is not known is None or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FeedbackFacts:
    """One feedback. `stance` is promoter, passive, detractor or unknown; `facts` are those that came with it."""

    id: str
    channel: str
    received_at: datetime
    link: str
    text: str | None = None
    metric: str | None = None
    score: int | None = None
    language: str | None = None
    stance: str = "unknown"
    topics: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case. `number` is what people call it by; `due_at` is when the answer is promised for."""

    id: str
    number: int
    state: str
    priority: str
    link: str
    team: str = ""
    owner: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Whom it is about: only what was verified, so that nobody is shown somebody else's orders."""

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    segment: str | None = None
