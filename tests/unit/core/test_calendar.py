"""Business calendar: examples computed by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from voc.core import calendar as business
from voc.core.calendar import Calendar, Span, add_working, is_open, next_opening, working_between
from voc.core.errors import Invalid

NINE_TO_SIX = (Span(time(9), time(18)),)
SPLIT = (Span(time(9), time(13)), Span(time(14), time(18)))
HOUR = timedelta(hours=1)


def office(zone: str, spans: tuple[Span, ...] = NINE_TO_SIX, **more: Any) -> Calendar:
    """Monday to Friday."""
    return Calendar(zone, dict.fromkeys(range(5), spans), **more)


def daily(zone: str, *spans: Span) -> Calendar:
    """Every day of the week."""
    return Calendar(zone, dict.fromkeys(range(7), spans))


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def lima(text: str) -> datetime:
    return local("America/Lima", text)


LIMA = office("America/Lima", SPLIT, country="PE")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02 10:00", 2, "2026-03-02 12:00"),
        ("2026-03-02 12:00", 2, "2026-03-02 15:00"),  # over lunch
        ("2026-03-02 12:00", 1, "2026-03-02 13:00"),  # used up at closing: ends there
        ("2026-03-02 13:30", 0, "2026-03-02 14:00"),  # zero while closed: next opening
        ("2026-03-02 14:30", 0, "2026-03-02 14:30"),  # zero while open: the start itself
        ("2026-03-02 18:00", 0, "2026-03-03 09:00"),  # a closing time is closed
        ("2026-03-06 17:00", 2, "2026-03-09 10:00"),  # over the weekend
        ("2026-03-02 09:00", 40, "2026-03-06 18:00"),  # a whole week
        ("2026-07-27 17:00", 2, "2026-07-30 10:00"),  # Peru: 28 and 29 July
    ],
)
def test_adds_working_hours_in_lima(start: str, hours: int, end: str) -> None:
    assert add_working(LIMA, lima(start), hours * HOUR) == lima(end)
    if hours:
        assert working_between(LIMA, lima(start), lima(end)) == hours * HOUR


def test_results_are_utc_whatever_the_zone_of_the_start() -> None:
    start = datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=-5)))
    end = add_working(LIMA, start, HOUR)
    assert end.tzinfo is UTC
    assert end == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_is_open_includes_the_opening_and_excludes_the_closing() -> None:
    answers = {
        "08:59": False, "09:00": True, "12:59": True, "13:00": False, "14:00": True, "17:59": True, "18:00": False
    }  # fmt: skip
    assert {clock: is_open(LIMA, lima(f"2026-03-02 {clock}")) for clock in answers} == answers
    assert not is_open(LIMA, lima("2026-03-01 10:00"))  # Sunday


def test_next_opening_is_now_when_open_and_otherwise_the_next_span() -> None:
    assert next_opening(LIMA, lima("2026-03-02 09:30")) == lima("2026-03-02 09:30")
    assert next_opening(LIMA, lima("2026-03-02 13:00")) == lima("2026-03-02 14:00")
    assert next_opening(LIMA, lima("2026-03-07 13:00")) == lima("2026-03-09 09:00")


def test_working_between_is_never_negative() -> None:
    assert working_between(LIMA, lima("2026-03-03 10:00"), lima("2026-03-02 10:00")) == timedelta()
    assert working_between(LIMA, lima("2026-03-02 10:00"), lima("2026-03-02 10:00")) == timedelta()
    assert working_between(LIMA, lima("2026-03-07 00:00"), lima("2026-03-09 00:00")) == timedelta()


def test_always_is_plain_time_also_over_changes_of_the_clock() -> None:
    calendar = Calendar.always("America/Santiago")
    start = datetime(2026, 4, 4, 12, 0, 0, 1, tzinfo=UTC)
    for amount in (timedelta(), timedelta(microseconds=1), timedelta(days=1), timedelta(days=400)):
        assert add_working(calendar, start, amount) == start + amount
        assert working_between(calendar, start, start + amount) == amount


def test_spans_to_and_from_midnight_join() -> None:
    night = Calendar("America/Bogota", {4: (Span.parse("22:00", "24:00"),), 5: (Span.parse("00:00", "06:00"),)})
    start = local("America/Bogota", "2026-03-06 21:00")
    assert add_working(night, start, 3 * HOUR) == local("America/Bogota", "2026-03-07 01:00")
    assert is_open(night, local("America/Bogota", "2026-03-06 23:59:59.999999"))
    assert is_open(night, local("America/Bogota", "2026-03-07 00:00"))
    assert working_between(night, start, start + timedelta(days=6)) == 8 * HOUR


@pytest.mark.parametrize(
    ("country", "subdivision", "zone", "holiday"),
    [
        ("PE", None, "America/Lima", "2026-07-28"),
        ("BR", None, "America/Sao_Paulo", "2026-09-07"),
        ("BR", "SP", "America/Sao_Paulo", "2026-07-09"),
        ("CL", None, "America/Santiago", "2026-09-18"),
        ("CO", None, "America/Bogota", "2026-07-20"),
        ("MX", None, "America/Mexico_City", "2026-09-16"),
    ],
)
def test_holidays_are_closed(country: str, subdivision: str | None, zone: str, holiday: str) -> None:
    calendar = office(zone, country=country, subdivision=subdivision)
    noon = local(zone, f"{holiday} 12:00")
    assert not is_open(calendar, noon)
    assert is_open(office(zone), noon)
    assert next_opening(calendar, noon) > local(zone, f"{holiday} 23:59")
    assert working_between(calendar, noon, local(zone, f"{holiday} 18:00")) == timedelta()


def test_exceptional_hours_replace_a_holiday_and_the_week_and_closed_days_close() -> None:
    calendar = office(
        "America/Lima",
        country="PE",
        closed=frozenset({date(2026, 7, 27)}),
        opened={
            date(2026, 7, 28): (Span.parse("10:00", "12:00"),),  # a holiday
            date(2026, 7, 30): (Span.parse("15:00", "16:00"),),  # an ordinary Thursday
            date(2026, 8, 1): (Span.parse("08:00", "09:00"),),  # a Saturday
        },
    )
    start = lima("2026-07-24 18:00")
    opening = [next_opening(calendar, lima(f"2026-07-{day} 00:00")) for day in ("25", "28", "29", "31")]
    assert opening == [
        lima("2026-07-28 10:00"), lima("2026-07-28 10:00"), lima("2026-07-30 15:00"), lima("2026-07-31 09:00")
    ]  # fmt: skip
    assert add_working(calendar, start, 3 * HOUR) == lima("2026-07-30 16:00")
    assert working_between(calendar, start, lima("2026-08-03 00:00")) == (2 + 1 + 9 + 1) * HOUR


def test_new_york_spring_forward_loses_the_skipped_hour() -> None:
    zone = "America/New_York"  # 2026-03-08: 02:00 becomes 03:00
    calendar = daily(zone, Span.parse("00:00", "04:00"))
    assert working_between(calendar, local(zone, "2026-03-08 00:00"), local(zone, "2026-03-09 00:00")) == 3 * HOUR
    assert add_working(calendar, local(zone, "2026-03-08 01:00"), 2 * HOUR) == local(zone, "2026-03-08 04:00")


def test_hours_that_begin_or_end_inside_the_skipped_hour_move_to_the_change() -> None:
    zone = "America/New_York"
    change = datetime(2026, 3, 8, 7, tzinfo=UTC)
    opening = daily(zone, Span.parse("02:30", "05:00"))
    assert next_opening(opening, change - HOUR) == change
    closing = daily(zone, Span.parse("00:00", "02:30"))
    assert working_between(closing, change - 2 * HOUR, change + 2 * HOUR) == 2 * HOUR
    inside = daily(zone, Span.parse("02:00", "03:00"))
    assert next_opening(inside, change - HOUR) == local(zone, "2026-03-09 02:00")


def test_new_york_fall_back_works_the_repeated_hour_twice() -> None:
    zone = "America/New_York"  # 2026-11-01: 02:00 becomes 01:00
    calendar = daily(zone, Span.parse("00:00", "04:00"))
    assert working_between(calendar, local(zone, "2026-11-01 00:00"), local(zone, "2026-11-02 00:00")) == 5 * HOUR
    half = daily(zone, Span.parse("01:00", "01:30"))
    first, second = local(zone, "2026-11-01 01:00"), local(zone, "2026-11-01 01:00", fold=1)
    assert second - first == HOUR
    assert add_working(half, first, 0.75 * HOUR) == second + 0.25 * HOUR


def test_santiago_changes_at_midnight() -> None:
    zone = "America/Santiago"
    late = daily(zone, Span.parse("20:00", "24:00"))
    # 2026-04-04: 24:00 becomes 23:00, so that evening has five hours.
    evening = local(zone, "2026-04-04 20:00")
    assert working_between(late, evening, local(zone, "2026-04-05 12:00")) == 5 * HOUR
    assert add_working(late, evening, 5 * HOUR) == evening + 5 * HOUR
    # 2026-09-06: 00:00 becomes 01:00, so that midnight does not exist.
    early = daily(zone, Span.parse("00:00", "02:00"))
    assert next_opening(early, local(zone, "2026-09-05 12:00")) == local(zone, "2026-09-06 01:00")
    assert working_between(early, local(zone, "2026-09-05 12:00"), local(zone, "2026-09-06 12:00")) == HOUR


def test_office_hours_keep_their_wall_clock_over_a_change() -> None:
    for zone, friday, monday in (
        ("America/Santiago", "2026-04-03 17:00", "2026-04-06 10:00"),
        ("America/New_York", "2026-03-06 17:00", "2026-03-09 10:00"),
        ("America/Sao_Paulo", "2018-11-02 17:00", "2018-11-05 10:00"),
    ):
        assert add_working(office(zone), local(zone, friday), 2 * HOUR) == local(zone, monday)


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    zone = "Pacific/Apia"  # 2011-12-30 did not exist there
    calendar = daily(zone, *NINE_TO_SIX)
    a, b = local(zone, "2011-12-29 00:00"), local(zone, "2012-01-01 00:00")
    assert b - a == timedelta(days=2)
    assert working_between(calendar, a, b) == 18 * HOUR


def test_quarter_hour_zone() -> None:
    calendar = office("Asia/Kathmandu")
    assert next_opening(calendar, datetime(2026, 3, 2, 1, tzinfo=UTC)) == datetime(2026, 3, 2, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize("function", [next_opening, lambda c, at: add_working(c, at, HOUR)])
def test_a_calendar_that_never_opens_is_refused(function: Any) -> None:
    now = lima("2026-03-02 10:00")
    for calendar in (
        Calendar("America/Lima", {}),
        Calendar("America/Lima", {}, opened={date(2028, 5, 15): NINE_TO_SIX}),  # 805 days away
        Calendar("America/Lima", {}, opened={date(2028, 5, 10): (Span(time(10, 1), time(18)),)}),  # a minute more
        Calendar("America/Lima", {}, opened={date(2026, 3, 1): NINE_TO_SIX}),  # past
    ):
        with pytest.raises(Invalid) as caught:
            function(calendar, now)
        assert caught.value.fields == {"week": [business.NEVER_OPEN]}
    near = Calendar("America/Lima", {}, opened={date(2028, 5, 10): (Span(time(10), time(18)),)})
    assert next_opening(near, now) == now + timedelta(days=800)


def test_amounts_and_moments_out_of_range_are_refused() -> None:
    now = lima("2026-03-02 10:00")
    cases: list[tuple[str, Any]] = [
        ("amount", lambda: add_working(LIMA, now, -HOUR)),
        ("amount", lambda: add_working(LIMA, now, timedelta.max)),
        ("amount", lambda: add_working(Calendar.always("UTC"), now, timedelta(days=9000))),
        ("start", lambda: add_working(LIMA, now.replace(tzinfo=None), HOUR)),
        ("start", lambda: add_working(LIMA, datetime.max.replace(tzinfo=UTC), HOUR)),
        ("at", lambda: is_open(LIMA, datetime.min.replace(tzinfo=timezone(HOUR)))),
        ("at", lambda: is_open(LIMA, now.replace(tzinfo=None))),
        ("a", lambda: working_between(LIMA, datetime(1969, 12, 31, tzinfo=UTC), now)),
        ("b", lambda: working_between(LIMA, now, datetime(2101, 1, 1, tzinfo=UTC))),
    ]
    for field, call in cases:
        with pytest.raises(Invalid) as caught:
            call()
        assert list(caught.value.fields) == [field]


def test_the_edges_of_the_range_work() -> None:
    calendar = office("Asia/Kathmandu", country="NP")
    assert is_open(calendar, datetime(1970, 1, 1, 5, tzinfo=UTC))
    assert next_opening(calendar, business.EARLIEST) == business.EARLIEST.replace(hour=3, minute=30)
    with pytest.raises(Invalid):
        add_working(calendar, business.LATEST - HOUR, 100 * HOUR)


@pytest.mark.parametrize(
    ("start", "end"),
    [("18:00", "09:00"), ("09:00", "09:00"), ("22:00", "00:00"), ("9:00", "10:00"), ("09:00", "24:01"),
     ("24:00", "24:00"), ("", "10:00"), ("09:00:30", "10:00"), ("०९:००", "10:00")],
)  # fmt: skip
def test_wrong_spans_are_refused(start: str, end: str) -> None:
    with pytest.raises(Invalid) as caught:
        Span.parse(start, end)
    assert list(caught.value.fields) == ["hours"]


@pytest.mark.parametrize("moment", [time(9, 0, 1), time(9, tzinfo=UTC), time(9, fold=1), time(9, 0, 0, 5)])
def test_spans_have_whole_naive_minutes(moment: time) -> None:
    with pytest.raises(Invalid):
        Span(moment, time(18))
    with pytest.raises(Invalid):
        Span(time(8), moment)


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        (["zone"], {"zone": "America/Macondo"}),
        (["zone"], {"zone": "localtime"}),
        (["zone"], {"zone": "America"}),
        (["zone"], {"zone": "../etc/passwd"}),
        (["week.7"], {"week": {7: NINE_TO_SIX}}),
        (["week.0"], {"week": {0: (SPLIT[1], SPLIT[0])}}),
        (["week.0"], {"week": {0: (Span(time(9), time(12)), Span(time(11), time(13)))}}),
        (["country"], {"country": "XX"}),
        (["country"], {"country": "ECB"}),
        (["country"], {"country": "MON"}),
        (["subdivision"], {"country": "PE", "subdivision": "ZZ"}),
        (["subdivision"], {"subdivision": "SP"}),
        (["opened.2026-12-24"], {"opened": {date(2026, 12, 24): ()}}),
        (["opened.2026-12-24"], {"opened": {date(2026, 12, 24): (SPLIT[1], SPLIT[0])}}),
        (["opened.2026-12-24"], {"opened": {date(2026, 12, 24): SPLIT}, "closed": frozenset({date(2026, 12, 24)})}),
        (["closed"], {"closed": frozenset({datetime(2026, 12, 24, tzinfo=UTC)})}),
        (["zone", "week.9", "country"], {"zone": "X", "week": {9: SPLIT}, "country": "XX"}),
    ],
)
def test_wrong_calendars_say_what_is_wrong(fields: list[str], change: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        Calendar(**{"zone": "America/Lima", "week": {0: NINE_TO_SIX}} | change)
    assert list(caught.value.fields) == fields


def test_spans_may_touch_in_order() -> None:
    calendar = daily("America/Lima", Span.parse("09:00", "12:00"), Span.parse("12:00", "15:00"))
    assert add_working(calendar, lima("2026-03-02 11:00"), 2 * HOUR) == lima("2026-03-02 13:00")
    assert is_open(calendar, lima("2026-03-02 12:00"))


def test_the_snapshot_is_plain_json_in_canonical_form() -> None:
    calendar = Calendar(
        "America/Sao_Paulo",
        {6: (), 1: NINE_TO_SIX, 0: (Span.parse("08:00", "24:00"),)},
        country="bra",
        subdivision="São Paulo",
        closed=frozenset({date(2026, 12, 31), date(2026, 12, 24)}),
        opened={date(2026, 12, 26): SPLIT},
    )
    snapshot = {
        "zone": "America/Sao_Paulo",
        "week": {"0": [["08:00", "24:00"]], "1": [["09:00", "18:00"]]},
        "country": "BR",
        "subdivision": "SP",
        "closed": ["2026-12-24", "2026-12-31"],
        "opened": {"2026-12-26": [["09:00", "13:00"], ["14:00", "18:00"]]},
    }
    assert calendar.to_dict() == snapshot
    assert json.dumps(Calendar.from_dict(json.loads(json.dumps(snapshot))).to_dict()) == json.dumps(snapshot)
    assert Calendar.from_dict(snapshot) == calendar
    assert hash(Calendar.from_dict(snapshot)) == hash(calendar)
    assert Calendar.from_dict({"zone": "UTC", "week": {}}) == Calendar("UTC", {})


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        (["holidays"], {"holidays": []}),
        (["zone"], {"zone": None}),
        (["week"], {"week": [[]]}),
        (["week"], {"week": None}),
        (["week.monday"], {"week": {"monday": []}}),
        (["week.0"], {"week": {"0": [["09:00"]]}}),
        (["week.0"], {"week": {"0": [["09:00", 18]]}}),
        (["week.0"], {"week": {"0": "09:00-18:00"}}),
        (["week.0", "week.1"], {"week": {"0": [["18:00", "09:00"]], "1": [["x", "y"]]}}),
        (["country"], {"country": 51}),
        (["subdivision"], {"subdivision": ["SP"]}),
        (["closed"], {"closed": "2026-12-24"}),
        (["closed"], {"closed": ["20261224"]}),
        (["closed"], {"closed": [20261224]}),
        (["opened.2026-13-01"], {"opened": {"2026-13-01": [["09:00", "18:00"]]}}),
        (["opened.2026-12-24"], {"opened": {"2026-12-24": []}}),
        (["opened"], {"opened": None}),
    ],
)
def test_wrong_snapshots_say_what_is_wrong(fields: list[str], change: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        Calendar.from_dict({"zone": "America/Lima", "week": {"0": [["09:00", "18:00"]]}} | change)
    assert list(caught.value.fields) == fields


def test_a_calendar_cannot_be_changed_from_outside() -> None:
    week = {0: NINE_TO_SIX}
    calendar = Calendar("America/Lima", week)
    week[1] = NINE_TO_SIX
    assert dict(calendar.week) == {0: NINE_TO_SIX}
    with pytest.raises(TypeError):
        calendar.week[1] = NINE_TO_SIX  # type: ignore[index]


def test_holidays_are_imported_only_when_a_country_asks() -> None:
    code = (
        "import sys; from datetime import *; from voc.core.calendar import *;"
        "c = Calendar.always('America/Lima'); add_working(c, datetime(2026, 1, 1, tzinfo=UTC), timedelta(9));"
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
