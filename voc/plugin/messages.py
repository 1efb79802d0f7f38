"""What goes between the host and a channel: the raw thing, what the channel read in it, and what it is to send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Metric = Literal["nps", "csat", "ces", "stars"]
Fate = Literal["failed", "delivered", "read"]


@dataclass(frozen=True, slots=True)
class Raw:
    """One thing as it arrived, already stored. `received_at` is aware UTC; `delivery_id` is the sender's own id."""

    body: bytes
    content_type: str
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """One thing that `fetch` found. `delivery_id` must be the same whenever the source offers the same thing again."""

    body: bytes
    content_type: str
    delivery_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What one call of `fetch` found, and where the next one goes on: both are saved in one transaction.

    `cursor` is any small JSON object, None to keep the last one. `more` asks for the next page at once. `notice` is
    a sentence for the channel's page (a folder was made anew, something is missing), empty when all is well.
    """

    items: tuple[Pulled, ...] = ()
    cursor: Mapping[str, Any] | None = None
    more: bool = False
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it, as far as the channel knows. `verified` only when the channel proved the address itself."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    handle: str | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along. `body` may be empty when it was too large to take apart; the raw thing has it."""

    name: str
    content_type: str
    size: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What one customer said at one moment: text, a score, or both.

    `external_id` must be the same whenever the same raw thing is read again. `score` is the raw answer, never
    rounded; 0 is an answer, None is none. `thread` names what this is an answer to, nearest first: ids of earlier
    `Inbound` or ids that `send` was given or returned. `names` are further ids by which later words may refer to this
    one (a mail's Message-ID). `reply_to` is a small JSON object that `send` gets back when somebody
    answers; without it the customer cannot be answered through this channel. `reach` is how many people could see
    it in public, None for what is private.
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
    subject: str | None = None
    thread: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    reply_to: Mapping[str, Any] | None = None
    reach: int | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Edited:
    """The customer changed what was said under `external_id`; the earlier words stay in the first receipt.

    `author` tells who it is when that was not known at first (a form that asks for it on a second page).
    """

    external_id: str
    text: str | None
    edited_at: datetime | None = None
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The customer took back what was said under `external_id`: its words go, the fact that it was there stays."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of something we sent: `sent_id` is the id that `send` was given or returned.

    `recipients` are the addresses that the report speaks of: one that does not name where we sent it counts for
    nothing. Leave it empty where the id alone proves it, because only the other side's own servers can report.
    """

    sent_id: str
    fate: Fate
    reason: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Robot:
    """Something a machine sent (auto-reply, honeypot filled in): kept, and nobody's feedback."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that is not feedback; `reason` says why, so that nothing is dropped in silence."""

    reason: str


ReadItem = Inbound | Edited | Deleted | Delivery | Robot | Ignored


@dataclass(frozen=True, slots=True)
class Outbound:
    """One answer to a customer. `reply_to` is that of the newest `Inbound` of the conversation.

    `message_id` (`<…@domain>`) is the same at every try: a channel gives it on as Message-ID or idempotency key, so
    that a repeat after a lost answer is not a second message. `references`: ids said and heard before, oldest first.
    """

    message_id: str
    text: str
    reply_to: Mapping[str, Any]
    subject: str = ""
    language: str = "en"
    author: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """It left. `external_id` is the channel's own id of it, by which later answers refer to it."""

    external_id: str


class TryLater(Exception):
    """Raised by `accept`, `fetch` and `send`: the other side cannot now. Try again `after` seconds, None: our pace."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        self.after = after
        super().__init__(reason)


class Undeliverable(Exception):
    """Raised by `send`: this message can never be delivered this way; the text says why, for the agent."""


class Misconfigured(Exception):
    """Raised by `fetch` and `send`: wrong password, unknown folder and the like; shown on the channel's page."""


class NotHere(Exception):
    """Raised by the host when a channel asks for what the contract does not give it at this place, such as the network
    in `accept`; the text says where it may."""
