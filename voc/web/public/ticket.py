"""The ticket of a form page: its one-time submission id, the form's version and when the page was drawn, signed.

The submission id is the identity of what will be sent (I2): the same page sent twice is accepted once, two people
who write the same words have two pages. It protects the form in place of a session and its token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from voc.core.ids import random_key
from voc.security.keys import Keys

PURPOSE = "form"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a page carries. `drawn_at` is aware UTC, to the millisecond."""

    submission_id: str
    version: int
    drawn_at: datetime

    def age(self, now: datetime) -> timedelta:
        """How long the page has been open."""
        return now - self.drawn_at


def new(version: int, now: datetime) -> Ticket:
    """A ticket for a page drawn now; its id is random and shows nothing."""
    return Ticket(random_key(16), version, now)


def write(keys: Keys, slug: str, ticket: Ticket) -> str:
    """The ticket as text for the page of the form `slug`."""
    text = f"{ticket.submission_id}.{ticket.version}.{_milliseconds(ticket.drawn_at)}"
    return f"{text}.{keys.sign(PURPOSE, slug + ' ' + text)}"


def read(keys: Keys, slug: str, value: str) -> Ticket | None:
    """The ticket in `value`, or None when we did not write it for this form."""
    text, dot, signature = value.rpartition(".")
    if not dot or len(value) > 200 or not keys.verify(PURPOSE, slug + " " + text, signature):
        return None
    submission_id, version, drawn = text.split(".")
    return Ticket(submission_id, int(version), datetime.fromtimestamp(int(drawn) / 1000, UTC))


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
