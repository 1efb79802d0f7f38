"""What a plugin put into a panel, believed only as far as it can be stored and drawn: text, https links, four tones.
Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from voc.core.text import shorten, storable
from voc.plugin import Panel, Row

Masked = Callable[[str], str]
MOST_ROWS = 20
LONGEST_LABEL = 80
LONGEST_VALUE = 300
LONGEST_TEXT = 500
LONGEST_LINK = 2000
TONES = ("plain", "good", "warning", "bad")
# How soon a panel may be asked for again by itself, and how late.
SOONEST = timedelta(minutes=5)
LATEST = timedelta(days=365)


def data_of(panel: Panel, masked: Masked = str) -> dict[str, Any]:
    """The panel as it is kept; what is no row is left out, what is too long is cut. `masked` takes the plugin's secrets
    out."""
    given = panel.rows if isinstance(panel.rows, (tuple, list)) else ()
    rows = islice((item for item in given if isinstance(item, Row)), MOST_ROWS)
    return {"text": _line(panel.text, LONGEST_TEXT, masked), "rows": [_row(item, masked) for item in rows]}


def until_of(panel: Panel, now: datetime) -> datetime | None:
    """When it is to be asked for again; None when the plugin does not say, or says it without a time zone."""
    until = panel.until
    if not isinstance(until, datetime) or until.utcoffset() is None:
        return None
    return min(max(until, now + SOONEST), now + LATEST)


def _row(item: Row, masked: Masked) -> Mapping[str, Any]:
    link = _link(item.link)
    return {
        "label": _line(item.label, LONGEST_LABEL, masked),
        "value": _line(item.value, LONGEST_VALUE, masked),
        # One with a secret in it leads nowhere without it, and must not be shown with it.
        "link": link if link is None or masked(link) == link else None,
        "tone": item.tone if item.tone in TONES else "plain",
    }


def _line(value: Any, limit: int, masked: Masked) -> str:
    return shorten(storable(masked(value)), limit) if isinstance(value, str) else ""


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
