"""Business calendar: laws that hold for every calendar, and a slow oracle that reads the wall clock."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from voc.core import holiday_dates
from voc.core.calendar import Calendar, Span, add_working, is_open, next_opening, working_between

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ORACLE_DAYS = 3

# Each with a moment (UTC) near which its clocks change: at midnight, by half an hour, a minute after midnight (so that
# two local dates interleave), a whole day skipped; and zones that do not change.
CHANGES = [
    ("America/Santiago", datetime(2026, 4, 5, 3, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2019, 2, 17, 2, tzinfo=UTC)),
    ("America/Asuncion", datetime(2024, 10, 6, 4, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("America/St_Johns", datetime(2009, 11, 1, 2, 31, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 15, 2, tzinfo=UTC)),
    ("America/Bogota", datetime(2026, 7, 20, 5, tzinfo=UTC)),
    ("America/Lima", datetime(2026, 7, 28, 5, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
]
COUNTRIES = [(None, None), ("PE", None), ("BR", None), ("BR", "SP"), ("CL", None), ("CO", None)]


@pytest.fixture(scope="module", autouse=True)
def _warm_holidays() -> None:
    for country, subdivision in COUNTRIES:
        if country:
            holiday_dates.in_year(country, subdivision, 2026)


def clock(minutes: int) -> time:
    return time.max if minutes == 1440 else time(*divmod(minutes, 60))


def spans_between(marks: list[int]) -> tuple[Span, ...]:
    marks = sorted(marks)
    return tuple(Span(clock(a), clock(b)) for a, b in zip(marks[::2], marks[1::2], strict=False))


def touching(marks: list[int]) -> tuple[Span, ...]:
    return tuple(Span(clock(a), clock(b)) for a, b in pairwise(sorted(marks)))


# Quarters of an hour are drawn most, so that hours touch each other and meet the changes.
quarters = st.lists(st.integers(0, 96).map(lambda quarter: quarter * 15), min_size=2, max_size=5, unique=True)
minutes_of_day = st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True)
hours = quarters.map(spans_between) | quarters.map(touching) | minutes_of_day.map(spans_between)
patterns = st.integers(0, 3**7 - 1)
near_days = st.lists(st.integers(-3, 3), max_size=2, unique=True)
near_minutes = st.integers(-36 * 60, 12 * 60)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar that opens some hours a week, and a start on a whole minute near a change of its clock."""
    zone, change = draw(st.sampled_from(CHANGES))
    country, subdivision = draw(st.sampled_from(COUNTRIES))
    kinds = ((), draw(hours), draw(hours))
    pattern = draw(patterns)
    week = {day: kinds[pattern // 3**day % 3] for day in range(7)}
    # Enough that no amount drawn here lies beyond what the calendar is willing to compute.
    week[pattern % 7] = (Span(time(9), time(13, 30)),)
    exceptions = [change.date() + n * DAY for n in draw(near_days)]
    opened = dict.fromkeys(exceptions[:1], kinds[1])
    closed = frozenset(exceptions[1:])
    start = change + draw(near_minutes) * MINUTE
    return Calendar(zone, week, country, subdivision, closed, opened), start


amounts = st.integers(0, 6 * 60).map(lambda n: n * MINUTE) | st.timedeltas(timedelta(), timedelta(days=3))


def oracle_minutes(calendar: Calendar, start: datetime) -> Iterable[tuple[datetime, bool]]:
    """Every minute after `start`, and whether the wall clock then shows working hours."""
    zone = ZoneInfo(calendar.zone)
    open_on: dict[date, list[tuple[int, int]]] = {}
    for step in range(ORACLE_DAYS * 24 * 60):
        at = start + step * MINUTE
        wall = at.astimezone(zone)
        day = wall.date()
        if day not in open_on:
            holidays = (
                holiday_dates.in_year(calendar.country, calendar.subdivision, day.year) if calendar.country else ()
            )
            spans = calendar.opened.get(day)
            if spans is None:
                shut = day in calendar.closed or day in holidays
                spans = () if shut else calendar.week.get(day.weekday(), ())
            open_on[day] = [
                (s.start.hour * 60 + s.start.minute, 1440 if s.end == time.max else s.end.hour * 60 + s.end.minute)
                for s in spans
            ]
        now = wall.hour * 60 + wall.minute
        yield at, any(a <= now < b for a, b in open_on[day])


@settings(max_examples=90, deadline=None)
@given(scene=scenes(), minutes=st.integers(0, 600))
def test_equals_reading_the_wall_clock_minute_by_minute(scene: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = scene
    left, found, worked, at = minutes, None, 0, start
    for at, is_working in oracle_minutes(calendar, start):
        if not is_working:
            continue
        if left == 0:
            found = at if minutes == 0 else found
            break
        worked += 1
        left -= 1
        if left == 0 and minutes:
            found = at + MINUTE
            break
    result = add_working(calendar, start, minutes * MINUTE)
    if found is None:
        assert result >= at
    else:
        assert result == found
        assert working_between(calendar, start, found) == worked * MINUTE


@settings(max_examples=40, deadline=None)
@given(scene=scenes())
def test_is_open_and_working_between_agree_with_the_wall_clock(scene: tuple[Calendar, datetime]) -> None:
    calendar, start = scene
    read = list(oracle_minutes(calendar, start))
    for at, is_working in read[::97]:
        assert is_open(calendar, at) == is_working
    end = read[-1][0] + MINUTE
    assert working_between(calendar, start, end) == sum(is_working for _, is_working in read) * MINUTE


@settings(max_examples=90, deadline=None)
@given(scene=scenes(), amount=amounts, shift=st.timedeltas(timedelta(), MINUTE))
def test_working_between_gives_the_amount_back(
    scene: tuple[Calendar, datetime], amount: timedelta, shift: timedelta
) -> None:
    calendar, start = scene[0], scene[1] + shift
    end = add_working(calendar, start, amount)
    assert end >= start
    assert end.tzinfo is UTC
    assert working_between(calendar, start, end) == amount
    if amount:
        # The earliest such instant: one tick before, the amount has not passed.
        tick = timedelta(microseconds=1)
        assert working_between(calendar, start, end - tick) == amount - tick


@settings(max_examples=90, deadline=None)
@given(scene=scenes(), amount=amounts)
def test_never_ends_in_closed_time(scene: tuple[Calendar, datetime], amount: timedelta) -> None:
    calendar, start = scene
    end = add_working(calendar, start, amount)
    if amount:
        assert is_open(calendar, end - timedelta(microseconds=1))  # a closing time ends working time
    else:
        assert is_open(calendar, end)
        assert next_opening(calendar, start) == end
        assert next_opening(calendar, end) == end


@settings(max_examples=90, deadline=None)
@given(scene=scenes(), a=amounts, b=amounts)
def test_adding_in_two_steps_is_adding_at_once(scene: tuple[Calendar, datetime], a: timedelta, b: timedelta) -> None:
    assume(b)  # adding zero at a closing time moves to the next opening
    calendar, start = scene
    assert add_working(calendar, add_working(calendar, start, a), b) == add_working(calendar, start, a + b)


@settings(max_examples=90, deadline=None)
@given(scene=scenes(), a=amounts, more=amounts, later=st.timedeltas(timedelta(), 2 * DAY))
def test_rises_with_start_and_amount(
    scene: tuple[Calendar, datetime], a: timedelta, more: timedelta, later: timedelta
) -> None:
    calendar, start = scene
    assert add_working(calendar, start, a) <= add_working(calendar, start, a + more)
    assert add_working(calendar, start, a) <= add_working(calendar, start + later, a)


@settings(max_examples=70, deadline=None)
@given(scene=scenes(), first=st.timedeltas(timedelta(), 20 * DAY), second=st.timedeltas(timedelta(), 20 * DAY))
@example(
    scene=(Calendar("America/St_Johns", {6: (Span(time(0), time(0, 30)),)}), datetime(2009, 11, 1, 2, tzinfo=UTC)),
    first=timedelta(minutes=32),
    second=DAY,
)
def test_working_time_adds_up(scene: tuple[Calendar, datetime], first: timedelta, second: timedelta) -> None:
    calendar, a = scene
    b, c = a + first, a + first + second
    parts = working_between(calendar, a, b) + working_between(calendar, b, c)
    assert parts == working_between(calendar, a, c)
    assert timedelta() <= parts <= first + second
    assert working_between(calendar, c, a) == timedelta()


@settings(max_examples=70, deadline=None)
@given(scene=scenes(), minutes=st.integers(1, 300))
def test_a_stored_snapshot_gives_the_same_calendar(scene: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = scene
    text = json.dumps(calendar.to_dict())
    again = Calendar.from_dict(json.loads(text))
    assert again == calendar
    assert hash(again) == hash(calendar)
    assert json.dumps(again.to_dict()) == text
    assert add_working(again, start, minutes * MINUTE) == add_working(calendar, start, minutes * MINUTE)
