"""Facts that delivery reports."""

from __future__ import annotations

from dataclasses import dataclass

from voc.jobs import Event


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """The mail server took the message, or it stands on the status page; `subject_id` is the message."""

    name = "message.sent"


@dataclass(frozen=True, slots=True)
class MessageFailed(Event):
    """The message did not go and is not tried again by itself; `subject_id` is the message."""

    name = "message.failed"


@dataclass(frozen=True, slots=True)
class MessageBounced(Event):
    """The message was sent and came back; `subject_id` is the message."""

    name = "message.bounced"
