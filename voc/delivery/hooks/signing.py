"""What goes out and how it is signed, after the Standard Webhooks specification. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from voc.core.vocabulary import HookEvent

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh random secret as the receiver enters it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def message_id(delivery_id: UUID) -> str:
    """The same at every try and replay, so that the receiver can tell a repeat."""
    return f"msg_{delivery_id.hex}"


def body_of(event: HookEvent, subject_id: UUID, at: datetime, link: str) -> bytes:
    """The JSON of one event: what happened, when, to what, and where to look. Nothing about a person is in it."""
    when = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = {"type": event.value, "timestamp": when, "data": {"id": str(subject_id), "link": link}}
    return json.dumps(data, separators=(",", ":")).encode()


def signed(secret: str, identity: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of one try at `at`, which the receiver compares with its own clock."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, b".".join((identity.encode(), seconds.encode(), body)), hashlib.sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
