"""What goes between the host and a channel: the raw thing, and what the channel read in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Metric = Literal["nps", "csat", "ces", "stars"]


@dataclass(frozen=True, slots=True)
class Raw:
    """One thing as it arrived, already stored. `received_at` is aware UTC; `delivery_id` is the sender's own id."""

    body: bytes
    content_type: str
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it, as far as the channel knows. `verified` only when the channel proved the address itself."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """What one customer said at one moment: text, a score, or both.

    `external_id` must be the same whenever the same raw thing is read again. `score` is the raw answer, never
    rounded; 0 is an answer, None is none.
    """

    external_id: str
    text: str | None = None
    metric: Metric | None = None
    score: int | None = None
    language: str | None = None
    sent_at: datetime | None = None
    author: Author | None = None
    consent: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Robot:
    """Something a machine sent (auto-reply, honeypot filled in): kept, and nobody's feedback."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that is not feedback; `reason` says why, so that nothing is dropped in silence."""

    reason: str


ReadItem = Inbound | Robot | Ignored
