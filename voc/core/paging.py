"""Pages of a list and their keys: where the next one starts, as text that survives an address bar.

A key belongs to one list. In another one, or in the same rows in another order, it would silently leave some out.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from voc.core.errors import Invalid

_PLACE = 25  # bytes of time and id
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and the key that the next page starts after; None when this is the last."""

    rows: tuple[Any, ...]
    next: str | None


def write_cursor(listed: str, at: datetime, row_id: UUID) -> str:
    """The key of a row in the list called `listed` (what is in it and in which order), ordered by (time, id)."""
    place = ((at - _BEGIN) // timedelta(microseconds=1)).to_bytes(9, "big", signed=True) + row_id.bytes
    return base64.urlsafe_b64encode(place + _mark(listed)).decode().rstrip("=")


def read_cursor(listed: str, value: str | None) -> tuple[datetime, UUID] | None:
    """The inverse; None for none; raises Invalid for what is no key of this list."""
    if not value:
        return None
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        if raw[_PLACE:] != _mark(listed):
            raise ValueError("of another list")
        # Whole microseconds: a float loses some of them, and with them a row or its neighbor.
        stamp = int.from_bytes(raw[:9], "big", signed=True)
        return _BEGIN + timedelta(microseconds=stamp), UUID(bytes=raw[9:_PLACE])
    except (ValueError, OverflowError):
        raise Invalid(fields={"after": ["is no key of this list"]}) from None


def _mark(listed: str) -> bytes:
    """Tells lists apart; no secret, a key opens nothing."""
    return hashlib.sha256(listed.encode()).digest()[:5]
