"""Handing in a portion of what is said, and waiting until the pipeline has been through."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.errors import Temporary
from voc.runtime.demo import patience, queries
from voc.runtime.demo.filling import Filling
from voc.runtime.demo.plan import Saying
from voc.surveys.answering import mark_answered

# Longest wait for the pipeline, in seconds, and how often it is looked at.
LONGEST = 60.0
LOOK = 0.02


def speak(filling: Filling, said: Sequence[Saying]) -> None:
    """Hand in whatever of it is not here yet, and wait until all of it was understood. Raises Temporary when the
    pipeline does not get there, Busy, and Stopped."""
    doors = filling.doors
    with filling.runtime.db.reading() as session:
        known = queries.submitted(session, list(doors.channels.values()))
        earlier = {saying.voice.key: _earlier(session, filling, saying) for saying in said}
    unread = False
    for saying in said:
        if doors.delivery_id(saying) in known:
            continue
        if saying.voice.door == "api" and unread:
            # What needs no reading has its id at once; what came before gets its own when it is read.
            _await(filling, queries.unread)
            unread = False
        patience.patiently(filling.stop, partial(doors.hand_in, saying, earlier[saying.voice.key]))
        unread = unread or saying.voice.door != "api"
    patience.patiently(filling.stop, partial(_mark, filling, said))
    _await(filling, queries.unheard)


def _earlier(session: Session, filling: Filling, saying: Saying) -> queries.Said | None:
    """What it answers, with our last answer to that before."""
    doors = filling.doors
    voice = next((it for it in filling.plan.demo.voices if it.key == saying.voice.reply_to), None)
    if voice is None:
        return None
    heard = queries.heard(session, [doors.channels[voice.channel]])
    feedback_id = heard.get(doors.delivery_id(Saying(saying.at, "say", voice)))
    answer = queries.newest_answer(session, feedback_id, saying.at) if feedback_id is not None else None
    if answer is None:
        return queries.Said(voice, feedback_id)
    return queries.Said(voice, feedback_id, answer.header_id, answer.external_id or "")


def _mark(filling: Filling, said: Sequence[Saying]) -> None:
    """Write down at the invitations which were answered, as the page does after every answer."""
    doors = filling.doors
    answers = [saying for saying in said if saying.voice.door == "survey"]
    with filling.runtime.db.writing(patience=30) as session:
        known = queries.submitted(session, [doors.channels[saying.voice.channel] for saying in answers])
        for saying in answers:
            receipt_id = known[doors.delivery_id(saying)]
            mark_answered(session, doors.invitations[saying.voice.key], receipt_id=receipt_id, at=saying.at)


def _await(filling: Filling, waiting: Callable[[Session, Sequence[UUID], datetime], int]) -> None:
    """Wait until nothing is `waiting` any more."""
    runtime, ids, end = filling.runtime, list(filling.doors.channels.values()), time.monotonic() + LONGEST
    runtime.wake()
    while True:
        with runtime.db.reading() as session:
            left = waiting(session, ids, runtime.clock())
        if not left:
            return
        if time.monotonic() > end:
            raise Temporary(f"the worker did not get through in time, {left} left")
        if filling.stop.wait(LOOK):
            raise patience.Stopped
