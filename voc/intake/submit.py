"""A form that somebody sent: kept as it came, durable before the thank-you page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from voc.core.vocabulary import Door
from voc.intake.incoming import Accepted, Incoming
from voc.intake.writer import Writer
from voc.security.keys import Keys

CONTENT_TYPE = "application/vnd.voc.form+json"


def submit(
    writer: Writer,
    keys: Keys,
    *,
    channel_id: UUID,
    submission_id: str,
    form_version: int,
    language: str,
    values: Mapping[str, Any],
    now: datetime,
    robot: str | None = None,
    beside: Mapping[str, Any] | None = None,
) -> Accepted:
    """Store one submission and return when it is durable.

    The one-time `submission_id` of the page is its identity: sent twice it is accepted once. `beside` is what the
    host itself knows of it (JSON; nothing that was typed). Raises Conflict when the id was used for other content,
    Busy when the database cannot be written now.
    """
    content = {
        **(beside or {}),
        "submission_id": submission_id,
        "form_version": form_version,
        "language": language,
        "values": dict(values),
        "robot": robot,
    }
    body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return writer.accept(
        Incoming(
            door=Door.FORM,
            channel_id=channel_id,
            content_type=CONTENT_TYPE,
            body=body,
            received_at=now,
            content_hash=hashlib.sha256(body).digest(),
            key=keys.hash("form", channel_id.bytes, submission_id),
            delivery_id=submission_id,
        )
    )
