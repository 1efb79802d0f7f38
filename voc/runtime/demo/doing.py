"""Doing a portion of what people did, a few steps a transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from voc.core.errors import Busy, VocError
from voc.delivery.compose import domain_of
from voc.runtime.demo import patience, queries
from voc.runtime.demo.filling import Filling
from voc.runtime.demo.history import Past, take_steps
from voc.runtime.demo.plan import Saying, Step

log = logging.getLogger(__name__)

# How many in one transaction: others want to write too.
STEPS = 12


def do(filling: Filling, steps: Sequence[Step], done: int) -> None:
    """Do these steps, `done` things were done before; raises Busy, and Stopped."""
    past = _past(filling, steps)
    for first in range(0, len(steps), STEPS):
        some = steps[first : first + STEPS]
        _do(filling, past, some, done + first + len(some))


def _past(filling: Filling, steps: Sequence[Step]) -> Past:
    """What these steps need; what could not be read is named, and nobody does anything about it."""
    runtime, doors = filling.runtime, filling.doors
    wanted = {step.key for step in steps}
    with runtime.db.reading() as session:
        heard = queries.heard(session, list(doors.channels.values()))
    found = {}
    for voice in filling.plan.demo.voices:
        if voice.key in wanted:
            feedback_id = heard.get(doors.delivery_id(Saying(filling.plan.started_at, "say", voice)))
            if feedback_id is None:
                log.warning("part of the demo could not be read", extra={"voice": voice.key})
            else:
                found[voice.key] = feedback_id
    return Past(runtime.keys, runtime.settings, domain_of(runtime.settings.mail_from), found)


def _do(filling: Filling, past: Past, steps: Sequence[Step], done: int) -> None:
    """Do these steps in one transaction; when that cannot be, because somebody works in the house meanwhile, one by
    one without those that cannot."""
    try:
        patience.patiently(filling.stop, partial(_write, filling, past, steps, done))
    except Busy:
        raise
    except VocError as error:
        if len(steps) == 1:
            log.warning("part of the demo was left out", extra={"voice": steps[0].key, "reason": str(error)})
            filling.progress(done)
            return
        for number, step in enumerate(steps, done - len(steps) + 1):
            _do(filling, past, [step], number)


def _write(filling: Filling, past: Past, steps: Sequence[Step], done: int) -> None:
    with filling.runtime.db.writing(patience=30) as session:
        take_steps(session, past, steps)
        filling.note(session, done)
