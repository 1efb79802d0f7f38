"""The contact policy: a pure rule about who may be mailed when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.calendar import Calendar, Span
from voc.core.errors import SettingError
from voc.core.settings import Settings, load
from voc.surveys.policy import (
    ENOUGH,
    RECENTLY,
    UNSUBSCRIBED,
    Facts,
    Go,
    Over,
    Refuse,
    Rules,
    Wait,
    decide,
    next_mail_at,
    rules_of,
)

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)  # Wednesday, ten in Lima
LIMA = Calendar("America/Lima", dict.fromkeys(range(5), (Span.parse("09:00", "18:00"),)), country="PE")
RULES = rules_of(Settings(), zone="America/Lima", house=LIMA)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def facts(**changes: object) -> Facts:
    values = {"unsubscribed": False, "other_at": None, "mails": 0, "expires_at": NOW + timedelta(days=30)} | changes
    return Facts(**values)  # type: ignore[arg-type]


def test_the_day_of_the_other_invitation_is_that_of_the_company() -> None:
    evening = datetime(2026, 3, 4, 2, tzinfo=UTC)  # still Tuesday in Lima
    assert decide(RULES, facts(other_at=evening), NOW) == Refuse(f"{RECENTLY}: 2026-03-03")


def test_rules_of_the_settings() -> None:
    assert RULES.pause == timedelta(days=30)
    assert RULES.reminders == (timedelta(days=3), timedelta(days=7))
    assert RULES.hours.country == "PE"
    assert rules_of(Settings(survey_reminder_days=""), zone="UTC", house=LIMA).reminders == ()


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Go()),
        ({"unsubscribed": True}, Refuse(UNSUBSCRIBED)),
        ({"unsubscribed": True, "mails": 1}, Refuse(UNSUBSCRIBED)),
        ({"other_at": NOW - timedelta(days=1)}, Refuse(f"{RECENTLY}: 2026-03-03")),
        ({"other_at": NOW}, Refuse(f"{RECENTLY}: 2026-03-04")),
        ({"other_at": NOW - timedelta(days=30)}, Go()),
        ({"other_at": NOW - timedelta(days=1), "mails": 1}, Go()),
        ({"mails": 2}, Go()),
        ({"mails": 3}, Refuse(ENOUGH)),
        ({"expires_at": NOW}, Over()),
        ({"expires_at": NOW, "unsubscribed": True}, Over()),
    ],
)
def test_who_may_be_mailed_now(changes: dict[str, object], verdict: object) -> None:
    assert decide(RULES, facts(**changes), NOW) == verdict


@pytest.mark.parametrize(
    ("local", "until"),
    [
        (datetime(2026, 3, 4, 8, 59), datetime(2026, 3, 4, 9)),
        (datetime(2026, 3, 4, 20, 0), datetime(2026, 3, 5, 9)),
        (datetime(2026, 3, 4, 23, 59), datetime(2026, 3, 5, 9)),
        (datetime(2026, 3, 7, 21, 0), datetime(2026, 3, 8, 9)),  # Sunday is no holiday
        (datetime(2026, 7, 28, 10, 0), datetime(2026, 7, 30, 9)),  # two days of national holidays
    ],
)
def test_quiet_hours_are_those_of_the_house(local: datetime, until: datetime) -> None:
    zone = ZoneInfo("America/Lima")
    verdict = decide(RULES, facts(expires_at=datetime(2027, 1, 1, tzinfo=UTC)), local.replace(tzinfo=zone))
    assert verdict == Wait(until.replace(tzinfo=zone))


def test_days_that_the_house_is_closed_are_quiet() -> None:
    closed = Calendar("America/Lima", {}, closed=frozenset({date(2026, 3, 4)}))
    rules = rules_of(Settings(), zone="America/Lima", house=closed)
    assert decide(rules, facts(), NOW) == Wait(datetime(2026, 3, 5, 14, tzinfo=UTC))


@given(MOMENTS, st.booleans(), st.none() | MOMENTS, st.integers(0, 5), MOMENTS)
def test_nobody_is_mailed_against_a_rule(
    now: datetime, unsubscribed: bool, other: datetime | None, mails: int, expires: datetime
) -> None:
    verdict = decide(RULES, Facts(unsubscribed, other, mails, expires), now)
    if isinstance(verdict, Go):
        local = now.astimezone(ZoneInfo("America/Lima"))
        assert not unsubscribed
        assert now < expires
        assert mails <= 2
        assert mails or other is None or now - other >= timedelta(days=30)
        assert time(9) <= local.time() < time(20)
    if isinstance(verdict, Wait):
        assert verdict.until > now
        later = decide(RULES, Facts(unsubscribed, other, mails, expires), verdict.until)
        assert isinstance(later, Go | Over)


@given(MOMENTS, st.integers(0, 5), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_reminders_come_in_time_and_are_two_at_most(sent: datetime, mails: int, life: timedelta) -> None:
    expires = sent + life
    due = next_mail_at(RULES, sent_at=sent, mails=mails, expires_at=expires)
    if due is not None:
        assert mails in (1, 2)
        assert due == sent + RULES.reminders[mails - 1] < expires
    elif mails in (1, 2):
        assert sent + RULES.reminders[mails - 1] >= expires


def test_without_a_pause_other_surveys_do_not_count() -> None:
    rules = Rules(timedelta(0), (), Calendar.always())
    assert decide(rules, facts(other_at=NOW), NOW) == Go()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOC_SURVEY_REMINDER_DAYS", "7,3"),
        ("VOC_SURVEY_REMINDER_DAYS", "1,2,3"),
        ("VOC_SURVEY_REMINDER_DAYS", "0"),
        ("VOC_SURVEY_REMINDER_DAYS", "a"),
        ("VOC_SURVEY_REMINDER_DAYS", "3,3"),
        ("VOC_SURVEY_HOURS", "9-20"),
        ("VOC_SURVEY_HOURS", "20:00-09:00"),
        ("VOC_SURVEY_HOURS", "09:00-25:00"),
        ("VOC_SURVEY_PAUSE_DAYS", "-1"),
        ("VOC_SURVEY_EXPIRY_DAYS", "0"),
    ],
)
def test_settings_that_mean_nothing_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        load({name: value})


@pytest.mark.parametrize("value", ["", "3", "3,7", "1,365"])
def test_reminders_that_can_be(value: str) -> None:
    assert load({"VOC_SURVEY_REMINDER_DAYS": value, "VOC_SURVEY_HOURS": "00:00-24:00"}).survey_reminder_days == value
