"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.web import humanize

LIMA = ZoneInfo("America/Lima")
AT = datetime(2026, 11, 20, 23, 42, tzinfo=UTC)
LANGUAGES = ("es", "pt", "en")


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=42, seconds=59), "42 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=1, minutes=10), "1 h 10 min"),
        (timedelta(hours=3, minutes=50), "3 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=9, hours=4), "9 d"),
    ],
)
def test_span(length: timedelta, text: str) -> None:
    assert humanize.span(length) == text


def test_ago_in_three_languages() -> None:
    now = AT + timedelta(minutes=42)
    assert [humanize.ago(AT, now, language) for language in LANGUAGES] == ["hace 42 min", "há 42 min", "42 min ago"]
    assert humanize.ago(AT, AT + timedelta(days=90), "es") == "hace 3 meses"
    assert humanize.ago(AT + timedelta(hours=1), AT, "pt") == "agora"


def test_moments_are_told_in_the_zone_of_the_house() -> None:
    assert humanize.exact(AT, LIMA, "es") == "vie 20 nov, 18:42"
    assert humanize.day(AT, LIMA, "pt") == "sexta-feira, 20 de novembro"
    assert humanize.spoken(AT, LIMA, "en") == "Friday 20 November, 18:42"


def test_another_year_is_said() -> None:
    later = AT + timedelta(days=60)
    assert humanize.exact(AT, LIMA, "es", now=later) == "20 nov 2026, 18:42"
    assert humanize.day(AT, LIMA, "es", now=later) == "20 de noviembre de 2026"
    assert "2026" in humanize.spoken(AT, LIMA, "pt", now=later)
    # New Year's Eve in Lima is already next year in UTC.
    eve = datetime(2027, 1, 1, 3, tzinfo=UTC)
    assert "2027" not in humanize.exact(eve, LIMA, "es", now=AT)


def test_clock_faces() -> None:
    opened = AT - timedelta(hours=8)
    face = humanize.clock_face(AT + timedelta(hours=2, minutes=1), AT, opened, language="es")
    assert (face.state, face.left, face.words) == ("ok", 20, "2 h 1 min")
    assert humanize.clock_face(AT + timedelta(hours=2), AT, opened, language="es").state == "soon"
    late = humanize.clock_face(AT - timedelta(minutes=42), AT, opened, language="es")
    assert (late.state, late.words) == ("overdue", "hace 42 min")
    assert humanize.clock_face(AT, AT, language="en").state == "overdue"
    assert humanize.clock_face(AT - timedelta(days=1), AT, met_at=AT, language="en").state == "met"
    assert humanize.clock_face(None, AT, language="en").state == "none"


@given(
    due=st.datetimes(timezones=st.just(UTC)),
    now=st.datetimes(timezones=st.just(UTC)),
    opened=st.none() | st.datetimes(timezones=st.just(UTC)),
    language=st.sampled_from(LANGUAGES),
)
def test_a_clock_never_shows_nonsense(due: datetime, now: datetime, opened: datetime | None, language: str) -> None:
    face = humanize.clock_face(due, now, opened, language=language)
    assert (face.state == "overdue") == (due <= now)
    assert 0 <= face.left <= 100
    assert face.words


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Camila Ferreyra", "CF"), ("rosa elena quispe", "RQ"), ("Ana", "A"), ("  ", "?"), ("(sin) Ñusta", "Ñ")],
)
def test_initials(name: str, letters: str) -> None:
    assert humanize.initials(name) == letters
