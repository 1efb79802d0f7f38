"""The states of an invitation: whatever happens in whatever order, what must be true of it stays true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.calendar import Calendar
from voc.core.vocabulary import InvitationState as State
from voc.model import Invitation
from voc.surveys import moves
from voc.surveys.policy import Rules
from voc.surveys.states import OPEN, Step, after

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
RULES = Rules(timedelta(days=30), (timedelta(days=3), timedelta(days=7)), Calendar.always())
FINAL = {State.ANSWERED}


def invitation(state: State = State.PLANNED, mails: int = 0) -> Invitation:
    return Invitation(
        id=UUID(int=1), state=state, mails=mails, reason=None, next_at=NOW, asked_at=None, begun_at=None, sent_at=None,
        last_sent_at=None, answered_at=None, receipt_id=None, expires_at=NOW + timedelta(days=30),
    )  # fmt: skip


def act(it: Invitation, step: Step, at: datetime) -> bool:
    """One step as the room takes it."""
    if step is Step.BEGIN:
        return moves.begin(it, now=at)
    if step is Step.TAKEN:
        return moves.taken(it, at=at, rules=RULES)
    if step is Step.PUT_OFF:
        return moves.put_off(it, reason="later", next_at=at + timedelta(hours=1))
    if step is Step.REFUSE:
        return moves.refuse(it, reason="no")
    if step is Step.GIVE_UP:
        return moves.give_up(it, reason="failed")
    if step is Step.ANSWER:
        return moves.answer(it, receipt_id=UUID(int=2), at=at)
    return moves.expire(it)


def sound(it: Invitation) -> None:
    """What must be true of any invitation at any time."""
    assert (it.state is State.ANSWERED) == (it.answered_at is not None) == (it.receipt_id is not None)
    assert (it.mails > 0) == (it.sent_at is not None) == (it.last_sent_at is not None)
    if it.state is State.SENT:
        assert it.mails > 0
    if it.state in (State.PLANNED, State.REFUSED, State.FAILED):
        assert it.mails == 0
    if it.state in (State.REFUSED, State.FAILED):
        assert it.reason
    if it.state not in OPEN:
        assert it.next_at is None
    if it.state is State.FAILED:
        assert it.asked_at is None
    if it.mails:
        assert it.asked_at is not None
        assert it.sent_at is not None
        assert it.last_sent_at is not None
        assert it.sent_at <= it.last_sent_at


@given(st.lists(st.sampled_from(list(Step)), max_size=40))
def test_any_order_of_steps_keeps_it_sound(steps: list[Step]) -> None:
    it, at = invitation(), NOW
    for step in steps:
        at += timedelta(minutes=1)
        before = it.state
        moved = act(it, step, at)
        assert moved or it.state is before
        if before in FINAL:
            assert it.state is before
        sound(it)


@given(st.sampled_from(list(State)), st.sampled_from(list(Step)), st.integers(0, 3))
def test_a_step_that_means_nothing_changes_nothing(state: State, step: Step, mails: int) -> None:
    found = after(state, step, mails=mails)
    assert found is None or isinstance(found, State)
    if step is Step.BEGIN:
        assert (found is State.SENDING) == (state in OPEN), "only what is open is ever mailed"


@given(st.lists(st.sampled_from([Step.BEGIN, Step.TAKEN, Step.PUT_OFF, Step.GIVE_UP, Step.EXPIRE]), max_size=20))
def test_an_answer_wins_over_everything(steps: list[Step]) -> None:
    """A mail of unknown outcome may have arrived: who answers has answered, whatever we believed."""
    it = invitation()
    for step in steps:
        act(it, step, NOW)
    assert moves.answer(it, receipt_id=UUID(int=7), at=NOW)
    assert not moves.answer(it, receipt_id=UUID(int=8), at=NOW)
    assert it.receipt_id == UUID(int=7)
    assert not moves.begin(it, now=NOW)


def test_a_mail_that_arrives_after_the_answer_is_counted_and_asks_no_more() -> None:
    it = invitation()
    assert moves.begin(it, now=NOW)
    assert moves.answer(it, receipt_id=UUID(int=2), at=NOW)
    assert not moves.taken(it, at=NOW, rules=RULES)
    assert (it.state, it.mails, it.next_at) == (State.ANSWERED, 1, None)


@pytest.mark.parametrize("step", [Step.REFUSE, Step.GIVE_UP])
def test_a_reminder_that_does_not_go_leaves_it_sent(step: Step) -> None:
    it = invitation()
    moves.begin(it, now=NOW)
    moves.taken(it, at=NOW, rules=RULES)
    moves.begin(it, now=NOW + timedelta(days=3))
    assert act(it, step, NOW + timedelta(days=3))
    assert (it.state, it.mails, it.next_at) == (State.SENT, 1, None)
    assert it.reason


def test_whoever_was_never_reached_was_not_asked() -> None:
    it = invitation()
    moves.begin(it, now=NOW)
    assert it.asked_at == NOW
    moves.give_up(it, reason="no such mailbox")
    assert it.asked_at is None


def test_two_reminders_and_no_more() -> None:
    it, at = invitation(), NOW
    dues = []
    for _ in range(3):
        moves.begin(it, now=at)
        moves.taken(it, at=at, rules=RULES)
        dues.append(it.next_at)
        at = it.next_at or at
    assert dues == [NOW + timedelta(days=3), NOW + timedelta(days=7), None]
