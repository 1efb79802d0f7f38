"""Local days: every instant in exactly one, whatever the zone does at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.insights.days import begin_of, day_of, end_of, hours_of

# Santiago and Havana change their clocks at midnight, Lord Howe by half an hour; Kathmandu is 5:45 ahead.
ZONES = ["America/Lima", "America/Santiago", "America/Havana", "America/Sao_Paulo", "Europe/Madrid",
         "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]  # fmt: skip
INSTANTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(INSTANTS, st.sampled_from(ZONES))
def test_every_instant_lies_in_its_day_and_hour(at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    day = day_of(at, zone)
    assert begin_of(day, zone) <= at < end_of(day, zone)
    hour = [hour for hour, since in hours_of(day, zone) if since <= at][-1]
    assert hour == at.astimezone(zone).hour


@given(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_days_follow_each_other_without_a_gap(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    assert end_of(day, zone) == begin_of(day + timedelta(days=1), zone)
    assert timedelta(hours=23) <= end_of(day, zone) - begin_of(day, zone) <= timedelta(hours=25)
    assert hours_of(day, zone)[0][1] == begin_of(day, zone)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Lima", date(2026, 3, 3), list(range(24))),
        ("America/Santiago", date(2024, 9, 8), list(range(1, 24))),
        ("Europe/Madrid", date(2026, 3, 29), [hour for hour in range(24) if hour != 2]),
        ("Europe/Madrid", date(2026, 10, 25), list(range(24))),
    ],
)
def test_hours_of_a_day(zone: str, day: date, hours: list[int]) -> None:
    assert [hour for hour, _ in hours_of(day, ZoneInfo(zone))] == hours
