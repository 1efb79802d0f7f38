"""Business hours: when somebody is there to answer, and the arithmetic of working time.

A calendar says in wall-clock time of one zone when the house is open. It is open at an instant exactly when the local
clock shows a time inside a span of the local date. From this follows what happens when clocks change: an hour that is
skipped is not worked, an hour that comes twice is worked twice, and elapsed time always counts real seconds.

Every function is pure: the answer depends on the arguments, the time zone database and the holiday tables only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from voc.core import holiday_dates
from voc.core.errors import Invalid

# Instants outside this range are refused: the holiday tables end with the year 2100, and an answer computed without
# them would be wrong in silence.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2101, 1, 1, tzinfo=UTC)
# The search for the next opening gives up after this long without any, and a deadline lies at most this far away.
PATIENCE = timedelta(days=800)
FARTHEST = timedelta(days=7305)

DAY = timedelta(days=1)
ZERO = timedelta()
# Offsets are looked up and kept in stretches of this length, in UTC.
_STRETCH = timedelta(days=32)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Key = TypeVar("Key", int, date)

BAD_TIME = "Write times as HH:MM, from 00:00 to 24:00."
WHOLE_MINUTES = "Hours begin and end at whole minutes without a time zone."
BACKWARDS = "Hours must end later than they begin; write midnight at the end of a day as 24:00."
OVERLAP = "The hours of one day must follow each other without overlapping."
BAD_SHAPE = "This is not in the form of a business calendar."
BAD_ZONE = "This time zone is not known; an example of a known one is America/Lima."
BAD_DAY = "Days of the week are numbered from 0 (Monday) to 6 (Sunday)."
BAD_DATE = "Write dates as YYYY-MM-DD."
NO_HOURS = "Give the hours of this day, or list it as closed."
BOTH = "This day is listed both as closed and with exceptional hours."
ORPHAN = "A subdivision needs a country."
UNKNOWN_KEY = "This is not a part of a business calendar."
NAIVE = "A moment needs a time zone."
OUT_OF_RANGE = "Working time is computed for the years 1970 to 2100."
NEGATIVE = "An amount of working time cannot be negative."
NEVER_OPEN = "This calendar has no working time within 800 days."
TOO_FAR = "The amount of working time is not reached within 20 years, or not before the year 2101."


@dataclass(frozen=True)
class Span:
    """Hours of one day, from `start` up to but not including `end`, whole minutes of wall-clock time.

    `end` may be `time.max`, which means midnight at the end of the day and is written `24:00`. `opens` and `closes`
    are the same two times as distance from the local midnight. Raises Invalid on the field `hours`.
    """

    start: time
    end: time
    opens: timedelta = field(init=False, repr=False, compare=False)
    closes: timedelta = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        to_midnight = self.end == time.max
        for moment in (self.start,) if to_midnight else (self.start, self.end):
            if moment != time(moment.hour, moment.minute) or moment.fold:
                raise Invalid(fields={"hours": [WHOLE_MINUTES]})
        object.__setattr__(self, "opens", _since_midnight(self.start))
        object.__setattr__(self, "closes", DAY if to_midnight else _since_midnight(self.end))
        if self.opens >= self.closes:
            raise Invalid(fields={"hours": [BACKWARDS]})

    @classmethod
    def parse(cls, start: str, end: str) -> Span:
        """Read `HH:MM` and `HH:MM` or `24:00`. Raises Invalid on the field `hours`."""
        return cls(_parse_time(start), time.max if end == "24:00" else _parse_time(end))

    def to_list(self) -> list[str]:
        """The form that `parse` reads: `["09:00", "24:00"]`."""
        return [f"{self.start:%H:%M}", "24:00" if self.end == time.max else f"{self.end:%H:%M}"]


@dataclass(frozen=True)
class Calendar:
    """The business hours of one place.

    zone: IANA name. week: day of the week (0 = Monday) to its spans in order; a day that is missing is closed.
    country, subdivision: whose public holidays are closed (ISO codes, kept in canonical form), or None for no
    holidays. closed: more days without work. opened: exceptional hours of single days, which replace both the week
    and a holiday. Raises Invalid; its fields are the names above, for a single day `week.0` or `opened.2026-07-28`.
    """

    zone: str
    week: Mapping[int, tuple[Span, ...]] = field(hash=False)
    country: str | None = None
    subdivision: str | None = None
    closed: frozenset[date] = frozenset()
    opened: Mapping[date, tuple[Span, ...]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        problems = _problems(self)
        country, subdivision = self.country, self.subdivision
        if country is not None:
            try:
                country, subdivision = holiday_dates.resolve(country, subdivision)
            except Invalid as refusal:
                problems |= refusal.fields
        if problems:
            raise Invalid(fields=problems)
        week = {day: tuple(self.week[day]) for day in sorted(self.week) if self.week[day]}
        opened = {day: tuple(self.opened[day]) for day in sorted(self.opened)}
        for name, value in (
            ("week", MappingProxyType(week)),
            ("country", country),
            ("subdivision", subdivision),
            ("closed", frozenset(self.closed)),
            ("opened", MappingProxyType(opened)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def always(cls, zone: str = "UTC") -> Calendar:
        """Around the clock, every day, no holidays."""
        return cls(zone, {day: (Span(time.min, time.max),) for day in range(7)})

    def hours_on(self, day: date) -> tuple[Span, ...]:
        """The spans of one local date; empty when it is closed."""
        exceptional = self.opened.get(day)
        if exceptional is not None:
            return exceptional
        usual = self.week.get(day.weekday(), ())
        if not usual or day in self.closed:
            return ()
        if self.country and day in holiday_dates.in_year(self.country, self.subdivision, day.year):
            return ()
        return usual

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON in a fixed order, for snapshots; `from_dict` gives an equal calendar back."""
        return {
            "zone": self.zone,
            "week": {str(day): [span.to_list() for span in spans] for day, spans in self.week.items()},
            "country": self.country,
            "subdivision": self.subdivision,
            "closed": [day.isoformat() for day in sorted(self.closed)],
            "opened": {day.isoformat(): [span.to_list() for span in spans] for day, spans in self.opened.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calendar:
        """Read what `to_dict` wrote; all but `zone` and `week` may be missing.

        Unknown keys are refused: a snapshot of a later version must not be misread in silence. Raises Invalid with
        everything that is wrong in the text; what is wrong in the meaning is reported once the text is right.
        """
        if not isinstance(data, Mapping):
            raise Invalid(fields={"calendar": [BAD_SHAPE]})
        problems: dict[str, list[str]] = {
            str(key): [UNKNOWN_KEY] for key in data if key not in cls.__dataclass_fields__
        }
        for name in ("country", "subdivision"):
            if not isinstance(data.get(name), str | None):
                problems[name] = [BAD_SHAPE]
        if not isinstance(data.get("zone"), str):
            problems["zone"] = [BAD_ZONE]
        week = _parse_days("week", data.get("week"), _parse_weekday, problems)
        opened = _parse_days("opened", data.get("opened", {}), _parse_date, problems)
        closed = _parse_closed(data.get("closed", []), problems)
        if problems:
            raise Invalid(fields=problems)
        return cls(data["zone"], week, data.get("country"), data.get("subdivision"), closed, opened)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether `at` lies in working time; a closing time itself is closed."""
    local = _instant(at, "at").astimezone(_zone(calendar.zone))
    passed = _since_midnight(local)
    return any(span.opens <= passed < span.closes for span in calendar.hours_on(local.date()))


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """The earliest open instant that is not before `at`, in UTC: `at` itself when it is open.

    Raises Invalid when there is none within PATIENCE.
    """
    return add_working(calendar, at, ZERO)


def add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest instant at which `amount` of working time has passed since `start`, in UTC.

    An amount that is used up exactly at closing time ends at that closing time, not at the next opening; an amount of
    zero gives the next opening, which is `start` itself when it is open. So adding a and then b is adding a + b for
    every b above zero. Raises Invalid when `start` is naive or out of range, when the amount is negative, when nothing
    opens within PATIENCE, and when the end lies beyond FARTHEST.
    """
    start = _instant(start, "start")
    if amount < ZERO:
        raise Invalid(fields={"amount": [NEGATIVE]})
    limit = min(start + FARTHEST, LATEST)
    reached = start
    for begin, end in _open_times(calendar, start, limit, patience=PATIENCE):
        if amount <= end - begin:
            return begin + amount
        amount -= end - begin
        reached = end
    if reached + PATIENCE < limit:
        raise Invalid(fields={"week": [NEVER_OPEN]})
    raise Invalid(fields={"amount": [TOO_FAR]})


def working_between(calendar: Calendar, a: datetime, b: datetime) -> timedelta:
    """Working time from `a` to `b`; zero when `b` is not later. Raises Invalid for a naive or out of range instant."""
    a, b = _instant(a, "a"), _instant(b, "b")
    return sum((end - begin for begin, end in _open_times(calendar, a, b, patience=LATEST - EARLIEST)), ZERO)


def _open_times(
    calendar: Calendar, since: datetime, until: datetime, *, patience: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Working time between two UTC instants as rising, disjoint pieces; stops after `patience` without any."""
    last = since
    for begin, end, offset in _constant_offsets(calendar.zone, since, until):
        # The local clock's reading, carried with UTC as its zone: inside one offset that arithmetic is exact.
        reading = begin + offset
        day = reading.date()
        midnight = begin - _since_midnight(reading)
        while midnight < end:
            if midnight - last > patience:
                return
            for span in calendar.hours_on(day):
                opens, closes = max(midnight + span.opens, begin), min(midnight + span.closes, end)
                if opens < closes:
                    if opens - last > patience:
                        return
                    yield opens, closes
                    last = closes
            day += DAY
            midnight += DAY


def _constant_offsets(zone: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut a piece of UTC time where the zone's offset changes (and at stretch borders)."""
    number = (since - EARLIEST) // _STRETCH
    while EARLIEST + number * _STRETCH < until:
        for begin, end, offset in _stretch(zone, number):
            begin, end = max(begin, since), min(end, until)
            if begin < end:
                yield begin, end, offset
        number += 1


@lru_cache(maxsize=4096)
def _stretch(zone: str, number: int) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The pieces of constant offset in one stretch of UTC time.

    Offsets are compared day by day: in the time zone database no two changes of a zone since 1970 lie closer together
    than six days, so none hides between two looks.
    """
    zone_info = _zone(zone)
    first = EARLIEST + number * _STRETCH
    pieces = []
    begin, offset = first, _offset(zone_info, first)
    for left, right in pairwise(first + n * DAY for n in range(_STRETCH // DAY + 1)):
        changed = _offset(zone_info, right)
        if changed == offset:
            continue
        low, high = 0, (right - left) // timedelta(seconds=1)
        while high - low > 1:
            middle = (low + high) // 2
            if _offset(zone_info, left + timedelta(seconds=middle)) == offset:
                low = middle
            else:
                high = middle
        moment = left + timedelta(seconds=high)
        pieces.append((begin, moment, offset))
        begin, offset = moment, changed
    pieces.append((begin, first + _STRETCH, offset))
    return tuple(pieces)


def _offset(zone_info: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone_info).utcoffset() or ZERO


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    # These depend on the machine or count leap seconds.
    if name in {"localtime", "posixrules", "Factory"} or name.startswith(("posix/", "right/")):
        raise Invalid(fields={"zone": [BAD_ZONE]})
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(fields={"zone": [BAD_ZONE]}) from error


def _instant(at: datetime, name: str) -> datetime:
    if at.tzinfo is None:
        raise Invalid(fields={name: [NAIVE]})
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(fields={name: [OUT_OF_RANGE]}) from error
    if not EARLIEST <= at < LATEST:
        raise Invalid(fields={name: [OUT_OF_RANGE]})
    return at


def _since_midnight(moment: time | datetime) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)


def _problems(calendar: Calendar) -> dict[str, list[str]]:
    """What is wrong with a calendar's fields, apart from the country."""
    problems: dict[str, list[str]] = {}
    try:
        _zone(calendar.zone)
    except Invalid as refusal:
        problems |= refusal.fields
    for day, spans in calendar.week.items():
        if type(day) is not int or day not in range(7):
            problems[f"week.{day}"] = [BAD_DAY]
        elif _overlap(spans):
            problems[f"week.{day}"] = [OVERLAP]
    if any(type(shut) is not date for shut in calendar.closed):
        problems["closed"] = [BAD_DATE]
    for single, spans in calendar.opened.items():
        if type(single) is not date:
            problems[f"opened.{single}"] = [BAD_DATE]
        elif not spans:
            problems[f"opened.{single}"] = [NO_HOURS]
        elif single in calendar.closed:
            problems[f"opened.{single}"] = [BOTH]
        elif _overlap(spans):
            problems[f"opened.{single}"] = [OVERLAP]
    if calendar.subdivision is not None and calendar.country is None:
        problems["subdivision"] = [ORPHAN]
    return problems


def _overlap(spans: Iterable[Span]) -> bool:
    return any(later.opens < earlier.closes for earlier, later in pairwise(spans))


def _parse_time(text: str) -> time:
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        raise Invalid(fields={"hours": [BAD_TIME]})
    return time.fromisoformat(text)


def _parse_weekday(text: str) -> int:
    if text not in tuple("0123456"):
        raise Invalid(fields={"week": [BAD_DAY]})
    return int(text)


def _parse_date(text: Any) -> date:
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        day = None
    # The library also reads 20260728 and 2026-W31-2; one form only keeps the round trip exact.
    if day is None or day.isoformat() != text:
        raise Invalid(fields={"date": [BAD_DATE]})
    return day


def _parse_closed(data: Any, problems: dict[str, list[str]]) -> frozenset[date]:
    try:
        if isinstance(data, list):
            return frozenset(_parse_date(text) for text in data)
        problems["closed"] = [BAD_SHAPE]
    except Invalid:
        problems["closed"] = [BAD_DATE]
    return frozenset()


def _parse_days(
    name: str, data: Any, read_key: Callable[[str], Key], problems: dict[str, list[str]]
) -> dict[Key, tuple[Span, ...]]:
    """Read `{day: [[start, end], ...]}`; what is wrong is added to `problems`."""
    if not isinstance(data, Mapping):
        problems[name] = [BAD_SHAPE]
        return {}
    days: dict[Key, tuple[Span, ...]] = {}
    for key, spans in data.items():
        try:
            if not isinstance(spans, list) or any(not isinstance(s, list) or len(s) != 2 for s in spans):
                raise Invalid(fields={name: [BAD_SHAPE]})
            days[read_key(key)] = tuple(Span.parse(start, end) for start, end in spans)
        except Invalid as refusal:
            problems[f"{name}.{key}"] = [text for texts in refusal.fields.values() for text in texts]
    return days
