"""Filters as words of the index; a period is covered exactly by years, months and days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from voc.core.vocabulary import Stance
from voc.search.asked import Asked
from voc.search.facets import NO_LANGUAGE, Filters, choices, facets, period

CHANNEL = UUID("01900000-0000-7000-8000-000000000001")
moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def of(at: datetime) -> tuple[str, ...]:
    return facets(stance=Stance.DETRACTOR, channel_id=CHANNEL, language="es", received_at=at)


def test_facets_of_a_feedback() -> None:
    lima = timezone(timedelta(hours=-5))
    assert of(datetime(2026, 3, 31, 22, 0, tzinfo=lima)) == (
        "sdetractor",
        "c01900000000070008000000000000001",
        "les",
        "y2026",
        "m202604",
        "d20260401",
    )


def test_choices() -> None:
    filters = Filters(stance=Stance.PASSIVE, channel_id=CHANNEL, language="pt-BR")
    assert choices(filters) == [["spassive"], [f"c{CHANNEL.hex}"], ["lptbr"]]
    assert choices(Filters()) == []
    assert choices(Filters(language=NO_LANGUAGE)) == [["lund"]]
    assert period(datetime(2025, 12, 30, tzinfo=UTC), datetime(2027, 2, 2, tzinfo=UTC)) == [
        "d20251230", "d20251231", "y2026", "m202701", "d20270201",
    ]  # fmt: skip
    assert period(datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)) == ["d20260302"]
    assert period(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)) == ["never"]
    assert len(period(None, None)) == 130


@given(moments, st.integers(0, 4000), st.integers(0, 86_399), moments)
def test_a_period_holds_every_moment_of_it(since: datetime, days: int, seconds: int, at: datetime) -> None:
    until = since + timedelta(days=days, seconds=seconds + 1)
    names = period(since, until)
    assert len(names) < 100
    inside = set(names) & set(of(at))
    if since <= at < until:
        assert len(inside) == 1, "once, not twice"
    elif not since - timedelta(days=1) < at < until + timedelta(days=1):
        assert not inside


def test_lists_are_told_apart() -> None:
    plain, stance = Asked(), Asked(filters=Filters(stance=Stance.PASSIVE))
    typed, timed = Asked("roto"), Asked(filters=Filters(since=datetime(2026, 1, 1, tzinfo=UTC)))
    assert plain.plain
    assert stance.plain
    assert not typed.plain
    assert not timed.plain
    assert len({item.name for item in (plain, stance, typed, timed, Asked("tarde"))}) == 5
    assert timed.name == Asked(filters=Filters(since=datetime(2026, 1, 2, tzinfo=UTC))).name
    assert Asked(" *** ").hopeless
    assert not Asked("  ").hopeless
