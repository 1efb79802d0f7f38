"""What a list of feedback is narrowed by beside words, kept in the index itself as words of its own kind. Pure.

So a filter costs as little as one more word: the index crosses the lists, nothing is looked up and thrown away.
A period is crossed as a choice of whole years, months and days (UTC); the exact moments are compared afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from voc.core.vocabulary import Stance

# A language that could not be told, as ISO 639 writes it.
NO_LANGUAGE = "und"
_FIRST, _LAST = date(1970, 1, 1), date(2100, 1, 1)
_ODD = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Filters:
    """What to narrow a list by; `language` may be NO_LANGUAGE. `since` <= arrival < `until`, both aware."""

    stance: Stance | None = None
    channel_id: UUID | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def timed(self) -> bool:
        """Whether a period was asked for."""
        return self.since is not None or self.until is not None

    @property
    def beyond_stance(self) -> bool:
        """Whether anything but the stance narrows the list."""
        return self.timed or self.channel_id is not None or self.language is not None


def facets(*, stance: Stance, channel_id: UUID, language: str | None, received_at: datetime) -> tuple[str, ...]:
    """The facets of one feedback."""
    day = received_at.astimezone(UTC).date()
    return (
        _stance(stance),
        _channel(channel_id),
        _language(language or NO_LANGUAGE),
        _year(day),
        _month(day),
        _day(day),
    )


def choices(filters: Filters) -> list[list[str]]:
    """What must be among the facets: one of each list."""
    found: list[list[str]] = []
    if filters.stance is not None:
        found.append([_stance(filters.stance)])
    if filters.channel_id is not None:
        found.append([_channel(filters.channel_id)])
    if filters.language is not None:
        found.append([_language(filters.language)])
    if filters.timed:
        found.append(period(filters.since, filters.until))
    return found


def period(since: datetime | None, until: datetime | None) -> list[str]:
    """The fewest years, months and days that hold every moment of `since` <= moment < `until`; never empty."""
    day = since.astimezone(UTC).date() if since else _FIRST
    end = (until.astimezone(UTC) - timedelta(microseconds=1)).date() + timedelta(days=1) if until else _LAST
    day, end = max(day, _FIRST), min(end, _LAST)
    found: list[str] = []
    while day < end:
        after_year, after_month = date(day.year + 1, 1, 1), _next_month(day)
        if day.timetuple().tm_yday == 1 and after_year <= end:
            found.append(_year(day))
            day = after_year
        elif day.day == 1 and after_month <= end:
            found.append(_month(day))
            day = after_month
        else:
            found.append(_day(day))
            day += timedelta(days=1)
    return found or ["never"]


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _stance(stance: Stance) -> str:
    return f"s{stance.value}"


def _channel(channel_id: UUID) -> str:
    return f"c{channel_id.hex}"


def _language(code: str) -> str:
    return f"l{_ODD.sub('', code.lower())}"


def _year(day: date) -> str:
    return f"y{day.year:04}"


def _month(day: date) -> str:
    return f"m{day.year:04}{day.month:02}"


def _day(day: date) -> str:
    return f"d{day.year:04}{day.month:02}{day.day:02}"
