"""Local days and hours: pure functions. A day begins at its first instant, also where midnight does not exist."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_STEP = timedelta(minutes=15)  # no zone changes by less


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The local day of an aware instant."""
    return at.astimezone(zone).date()


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a local day, in UTC."""
    return begin_of(day + timedelta(days=1), zone)


@lru_cache(maxsize=512)
def hours_of(day: date, zone: ZoneInfo) -> tuple[tuple[int, datetime], ...]:
    """(local hour, its first instant in UTC) through a day, in order: 23 to 25 hours long, an hour that comes twice in
    a row stands once."""
    found: list[tuple[int, datetime]] = []
    at, end = begin_of(day, zone), end_of(day, zone)
    while at < end:
        hour = at.astimezone(zone).hour
        if not found or found[-1][0] != hour:
            found.append((hour, at))
        at += _STEP
    return tuple(found)
