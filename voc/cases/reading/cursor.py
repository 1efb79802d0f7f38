"""Keys of pages: where the next one starts, as text that survives an address bar."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

from voc.core.errors import Invalid


def write_cursor(at: datetime, row_id: UUID) -> str:
    """The key of a row in a list ordered by (time, id)."""
    stamp = int(at.timestamp() * 1_000_000)
    return base64.urlsafe_b64encode(stamp.to_bytes(9, "big", signed=True) + row_id.bytes).decode().rstrip("=")


def read_cursor(value: str | None) -> tuple[datetime, UUID] | None:
    """The inverse; None for none; raises Invalid for what is no key of ours."""
    if not value:
        return None
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        if len(raw) != 25:
            raise ValueError("wrong length")
        stamp = int.from_bytes(raw[:9], "big", signed=True)
        return datetime.fromtimestamp(stamp / 1_000_000, UTC), UUID(bytes=raw[9:])
    except (ValueError, OverflowError, OSError):
        raise Invalid(fields={"after": ["is no key of this list"]}) from None
