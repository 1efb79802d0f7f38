"""A raw thing that somebody brought: pushed by a vendor, piped in by a mail server. Stored before anybody reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from voc.core.text import is_storable
from voc.core.vocabulary import Door
from voc.intake.incoming import Accepted, Incoming
from voc.intake.writer import Writer
from voc.security.keys import Keys

LONGEST_ID = 200


def incoming(
    keys: Keys,
    *,
    door: Door,
    channel_id: UUID,
    body: bytes,
    content_type: str,
    now: datetime,
    delivery_id: str | None = None,
    headers: Mapping[str, Any] | None = None,
) -> Incoming:
    """The delivery as the writer takes it.

    The same content under the same id is the same delivery; the same id with other content is a new one (I2).
    Without an id the content alone decides.
    """
    content_hash = hashlib.sha256(body).digest()
    return Incoming(
        door=door,
        channel_id=channel_id,
        content_type=content_type[:120] if is_storable(content_type) else "application/octet-stream",
        body=body,
        received_at=now,
        content_hash=content_hash,
        key=keys.hash("arrival", channel_id.bytes, delivery_id or "", content_hash),
        delivery_id=delivery_id[:LONGEST_ID] if delivery_id and is_storable(delivery_id) else None,
        headers={str(name): str(value) for name, value in (headers or {}).items() if is_storable(f"{name}{value}")},
    )


def arrive(
    writer: Writer,
    keys: Keys,
    *,
    door: Door,
    channel_id: UUID,
    body: bytes,
    content_type: str,
    now: datetime,
    delivery_id: str | None = None,
    headers: Mapping[str, Any] | None = None,
) -> Accepted:
    """Store one delivery and return when it is durable; raises Busy when the database cannot be written now."""
    return writer.accept(
        incoming(
            keys,
            door=door,
            channel_id=channel_id,
            body=body,
            content_type=content_type,
            now=now,
            delivery_id=delivery_id,
            headers=headers,
        )
    )
