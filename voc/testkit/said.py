"""What a customer says, in no vendor's format: the kit says it, a plugin's fixtures write it as the vendor does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from voc.plugin import Attachment, Author, Metric, ReadItem

# The kit's clock: a Wednesday, no holiday.
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)

# What a vendor may not know. A plugin's fixtures name the ones that theirs does not, each with its reason.
Feature = Literal["text", "score", "sent_at", "no-id", "attachments", "answers"]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that one customer says.

    `id` is the vendor's own, None where the vendor gives none. `answers` is the id of something we sent. Both are words
    such as `m-1`: where the vendor has numbers, make numbers of them in fixtures.py, the same for the same word.
    `edited`: a later version of what was said under `id`, changed then. `deleted`: it was taken back. `sent_at` None:
    the vendor says no time. Of an attachment write name, type and size, and the body where the vendor sends it along.
    """

    id: str | None = "m-1"
    text: str | None = "El pedido llegó tarde y la caja venía abierta."
    metric: Metric | None = None
    score: int | None = None
    sent_at: datetime | None = None
    author: Author | None = None
    attachments: tuple[Attachment, ...] = ()
    answers: str | None = None
    edited: datetime | None = None
    deleted: bool = False

    @property
    def features(self) -> frozenset[str]:
        """What a vendor must know to be told this."""
        found = {
            "text": self.text is not None,
            "score": self.score is not None,
            "sent_at": self.sent_at is not None,
            "no-id": self.id is None,
            "attachments": bool(self.attachments),
            "answers": self.answers is not None,
        }
        return frozenset(name for name, there in found.items() if there)


@dataclass(frozen=True, slots=True)
class Sample:
    """A real thing that the vendor sent once (with people's data taken out), and what must be read in it: `expected` is
    all that `read` gives, in its order. `headers` have small names; `delivery_id` is what `accept` or `fetch` gave."""

    body: bytes
    content_type: str
    expected: tuple[ReadItem, ...]
    headers: dict[str, str] = field(default_factory=dict)
    delivery_id: str | None = None
