"""What became of one try to send, and the texts that say why it did not go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NOT_CONFIGURED = "no mail is sent: VOC_MAIL_FROM is empty"
NO_SENDER = "no mail is sent: VOC_MAIL_FROM is no mail address"
ABANDONED = "sending was given up"


@dataclass(frozen=True, slots=True)
class Sent:
    """The mail server or the channel took it at `at`; `external_id` is the channel's own id of it."""

    at: datetime
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """It will not go by itself; `reason` is for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """There was nothing to do: it was sent or given up before."""


Outcome = Sent | Failed | Settled


def split_reason(text: str) -> tuple[str, str]:
    """A stored reason as (text that has a translation, detail in the server's own words or empty)."""
    head, _, detail = text.partition(": ")
    return head, detail
