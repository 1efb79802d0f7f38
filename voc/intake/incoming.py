"""What the doors hand to the writer, and what they get back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from voc.core.ids import new_id, random_code
from voc.core.vocabulary import Door


@dataclass(frozen=True, slots=True)
class Incoming:
    """One delivery, complete before it is offered: every id is known before the insert.

    `key` is the keyed hash of the door's identity (None: always a new item), `content_hash` tells a repeat from a
    misuse of the key. `feedback` holds the columns of the feedback row when the door needs no reading (API).
    """

    door: Door
    channel_id: UUID
    content_type: str
    body: bytes
    received_at: datetime
    content_hash: bytes
    key: bytes | None = None
    delivery_id: str | None = None
    headers: dict[str, Any] = field(default_factory=dict)
    feedback: dict[str, Any] | None = None
    receipt_id: UUID = field(default_factory=new_id)
    feedback_id: UUID = field(default_factory=new_id)
    tracking_code: str = field(default_factory=random_code)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Committed. `repeated` when this delivery was here before; the ids are then those of the first time."""

    receipt_id: UUID
    feedback_id: UUID | None
    tracking_code: str
    repeated: bool
