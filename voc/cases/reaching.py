"""Whether and how a customer can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from voc.core.errors import Permanent
from voc.core.vocabulary import Via
from voc.net.smtp import mailbox


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer would go. `recipient` is whom people see it goes to, None on the status page.

    `channel_id`, `channel_name` and `reply_to` belong to an answer in the customer's own channel, `subject` to one
    that has subjects.
    """

    via: Via
    recipient: str | None = None
    channel_id: UUID | None = None
    channel_name: str | None = None
    reply_to: Mapping[str, Any] | None = None
    subject: str | None = None


ADDRESSES = ("external_id", "email", "handle", "phone")


def same_person(first: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether the author `other` says to be the one who spoke `first`: an id or address in common.

    Whoever left nothing at first may be anybody. An answer in a thread proves only that somebody knows the thread:
    another address in it is heard, and never becomes where the answer goes by itself.
    """
    known = {(name, str(first[name]).casefold()) for name in ADDRESSES if first and first.get(name)}
    if not known:
        return True
    return any(other is not None and (name, str(other.get(name) or "").casefold()) in known for name in ADDRESSES)


def way_of(answerable: Way | None, email: str | None) -> Way:
    """The customer's own channel when it can be answered there, else their mail address, else the status page."""
    if answerable is not None:
        return answerable
    return Way(Via.EMAIL, email) if reachable(email) else Way(Via.STATUS_PAGE)


def reachable(email: str | None) -> bool:
    """Whether a mail could be sent there at all; what nobody can send to is answered on the status page."""
    if not email:
        return False
    try:
        mailbox(email)
    except Permanent:
        return False
    return True
