"""What a plugin put into a panel, believed only as far as it can be stored and drawn: text, https links, four tones.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from voc.core.text import shorten, storable
from voc.plugin import Panel, Row

MOST_ROWS = 20
LONGEST_LABEL = 80
LONGEST_VALUE = 300
LONGEST_TEXT = 500
LONGEST_LINK = 2000
TONES = ("plain", "good", "warning", "bad")
# How soon a panel may be asked for again by itself, and how late.
SOONEST = timedelta(minutes=5)
LATEST = timedelta(days=365)


def data_of(panel: Panel) -> dict[str, Any]:
    """The panel as it is kept; what is no row is left out, what is too long is cut."""
    rows = panel.rows if isinstance(panel.rows, (tuple, list)) else ()
    return {
        "text": _line(panel.text, LONGEST_TEXT),
        "rows": [_row(item) for item in rows if isinstance(item, Row)][:MOST_ROWS],
    }


def until_of(panel: Panel, now: datetime) -> datetime | None:
    """When it is to be asked for again; None when the plugin does not say, or says it without a time zone."""
    until = panel.until
    if not isinstance(until, datetime) or until.tzinfo is None:
        return None
    return min(max(until, now + SOONEST), now + LATEST)


def _row(item: Row) -> Mapping[str, Any]:
    return {
        "label": _line(item.label, LONGEST_LABEL),
        "value": _line(item.value, LONGEST_VALUE),
        "link": _link(item.link),
        "tone": item.tone if item.tone in TONES else "plain",
    }


def _line(value: Any, limit: int) -> str:
    return shorten(storable(value), limit) if isinstance(value, str) else ""


def _link(value: Any) -> str | None:
    """An https address with a host and nothing that hides where it leads; None for anything else."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_LINK or " " in value:
        return None
    try:
        parts = urlsplit(value)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return value if fits and "\\" not in value else None
