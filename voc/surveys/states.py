"""The states of an invitation as a pure machine. Every change of a row goes through `after`.

    planned → sending → sent → answered
       │         │        └──→ expired
       │         └→ failed, or back to planned when a further try makes sense
       └→ refused

An answer is true whatever stood before it: a mail whose outcome nobody knew may have arrived, and its receipt is
stored before the invitation is marked. Nothing leads out of *answered*.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from voc.core.vocabulary import InvitationState as State


class Step(StrEnum):
    """What can happen to an invitation."""

    BEGIN = "begin"
    TAKEN = "taken"
    PUT_OFF = "put_off"
    REFUSE = "refuse"
    GIVE_UP = "give_up"
    ANSWER = "answer"
    EXPIRE = "expire"


OPEN = frozenset({State.PLANNED, State.SENDING, State.SENT})

_FROM: Mapping[Step, frozenset[State]] = {
    Step.BEGIN: OPEN,
    # What was given up meanwhile was taken nevertheless.
    Step.TAKEN: OPEN | {State.FAILED, State.REFUSED},
    Step.PUT_OFF: OPEN,
    Step.REFUSE: OPEN,
    Step.GIVE_UP: OPEN,
    Step.ANSWER: frozenset(State) - {State.ANSWERED},
    Step.EXPIRE: OPEN,
}
# Where a step leads before the first mail was taken, and after it: a reminder that does not go leaves it sent.
_TO: Mapping[Step, tuple[State, State]] = {
    Step.BEGIN: (State.SENDING, State.SENDING),
    Step.TAKEN: (State.SENT, State.SENT),
    Step.PUT_OFF: (State.PLANNED, State.SENT),
    Step.REFUSE: (State.REFUSED, State.SENT),
    Step.GIVE_UP: (State.FAILED, State.SENT),
    Step.ANSWER: (State.ANSWERED, State.ANSWERED),
    Step.EXPIRE: (State.EXPIRED, State.EXPIRED),
}


def after(state: State, step: Step, *, mails: int) -> State | None:
    """The state after `step`; None when the step means nothing any more. `mails` were taken before the step."""
    if state not in _FROM[step]:
        return None
    return _TO[step][mails > 0]
