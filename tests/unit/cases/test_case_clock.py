"""The clock of a case: a pure function of recorded events, targets and calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from voc.cases.clock import Moment, Sla, attention, clocks, default_sla, escalation_due, response_due
from voc.core.calendar import Calendar, add_working
from voc.core.ids import new_id
from voc.core.vocabulary import ClockKind, Priority
from voc.runtime.instance import first_calendar

START = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
WORKDAY = default_sla(first_calendar("America/Lima"))
ALWAYS = default_sla(Calendar.always("UTC"))

KINDS = st.sampled_from(["joined", "answered", "waived", "resolved", "reopened", "prioritized", "assigned"])
STEP = st.tuples(KINDS, st.integers(0, 5000), st.sampled_from(list(Priority)), st.integers(0, 3))
STEPS = st.lists(STEP, max_size=12)


def history(steps: list[tuple[str, int, Priority, int]], feedback: list[UUID]) -> list[Moment]:
    """A case that was opened and then lived through `steps`, recorded in time order."""
    moments = [Moment("opened", START, Priority.NORMAL, feedback[0])]
    at = START
    for kind, minutes, priority, which in steps:
        at += timedelta(minutes=minutes)
        named = priority if kind in ("joined", "prioritized") else None
        about = feedback[which] if kind in ("joined", "waived") else None
        moments.append(Moment(kind, at, named, about))
    return moments


@given(STEPS)
def test_running_clocks_belong_to_open_cases(steps: list[tuple[str, int, Priority, int]]) -> None:
    result = clocks(ALWAYS, history(steps, [new_id() for _ in range(4)]))
    if result.resolved_at is not None:
        assert result.next_due_at is None
    else:
        assert result.resolution_due_at is not None
        assert result.next_due_at == min(due for _, due in result.running())
        assert (result.response_due_at is None) == (not result.waiting)


@given(STEPS)
def test_same_events_same_answer(steps: list[tuple[str, int, Priority, int]]) -> None:
    moments = history(steps, [new_id() for _ in range(4)])
    assert clocks(WORKDAY, moments) == clocks(WORKDAY, list(moments))


@given(STEPS, st.sampled_from(["assigned", "answer_queued", "answer_failed", "answer_retried"]))
def test_what_is_no_answer_stops_no_clock(steps: list[tuple[str, int, Priority, int]], kind: str) -> None:
    moments = history(steps, [new_id() for _ in range(4)])
    assert clocks(ALWAYS, [*moments, Moment(kind, moments[-1].at)]) == clocks(ALWAYS, moments)


@given(st.sampled_from(list(Priority)), st.integers(0, 20_000))
def test_higher_priority_is_never_due_later(priority: Priority, minutes: int) -> None:
    since = START + timedelta(minutes=minutes)
    order = [Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW]
    dues = [response_due(WORKDAY, since, name) for name in order]
    assert dues == sorted(dues)
    assert response_due(WORKDAY, since, priority) > since


def test_answer_settles_only_what_was_there_when_it_was_written() -> None:
    first, second = new_id(), new_id()
    written = START + timedelta(hours=1)
    moments = [
        Moment("opened", START, Priority.NORMAL, first),
        Moment("joined", written + timedelta(minutes=5), Priority.NORMAL, second),
        Moment("answered", written + timedelta(minutes=10), until=written),
    ]
    result = clocks(ALWAYS, moments)
    assert set(result.waiting) == {second}
    assert result.first_answered_at == written + timedelta(minutes=10)


def test_words_that_were_read_late_wait_for_an_answer_of_their_own() -> None:
    first, late = new_id(), new_id()
    moments = [
        Moment("opened", START, Priority.NORMAL, first),
        Moment("answered", START + timedelta(hours=2), until=START + timedelta(hours=2)),
        Moment("joined", START + timedelta(hours=1), Priority.NORMAL, late),
    ]
    result = clocks(ALWAYS, moments)
    assert set(result.waiting) == {late}
    assert result.response_due_at == START + timedelta(hours=9)


def test_new_priority_counts_from_the_beginning() -> None:
    moments = [
        Moment("opened", START, Priority.LOW, new_id()),
        Moment("prioritized", START + timedelta(hours=3), Priority.URGENT),
    ]
    assert clocks(ALWAYS, moments).response_due_at == START + timedelta(hours=1)


@given(st.integers(0, 10), st.integers(0, 10))
def test_whoever_is_hurt_more_comes_first_at_the_same_deadline(one: int, other: int) -> None:
    due = START + timedelta(hours=4)
    if one > other:
        assert attention(due, one, START) < attention(due, other, START)
    assert attention(due, one, START) <= due


@given(STEPS)
def test_each_deadline_is_told_once(steps: list[tuple[str, int, Priority, int]]) -> None:
    running = clocks(ALWAYS, history(steps, [new_id() for _ in range(4)])).running()
    told: set[tuple[ClockKind, datetime]] = set()
    for _ in range(3):
        due = escalation_due(running, told)
        if due is None:
            break
        told |= {(kind, at) for kind, at in running if at <= due}
    assert escalation_due(running, told) is None


def test_definition_survives_the_round_trip() -> None:
    again = Sla.from_definition(WORKDAY.to_definition())
    assert again == WORKDAY
    assert add_working(again.calendar, START, timedelta(hours=8)) == add_working(
        WORKDAY.calendar, START, timedelta(hours=8)
    )


def test_an_answer_settles_nothing_of_whom_it_did_not_go_to() -> None:
    first, second = new_id(), new_id()
    moments = [
        Moment("opened", START, Priority.NORMAL, first),
        Moment("joined", START + timedelta(minutes=5), Priority.NORMAL, second),
        Moment("answered", START + timedelta(minutes=10), others=frozenset({second})),
    ]
    assert set(clocks(ALWAYS, moments).waiting) == {second}
    other = Moment("answered", START + timedelta(minutes=20), others=frozenset({first}))
    result = clocks(ALWAYS, [*moments, other])
    assert result.waiting == {}
    assert [result.answered[key][0] for key in (first, second)] == [moments[-1].at, other.at]
