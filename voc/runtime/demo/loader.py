"""Filling a new house with the demo: everything through its own door, everything people did through the services.

Runs in a thread of the worker while the engine beside it reads and understands. How far it is stands in the house, in
the transaction of what was done: a house that was killed in the middle is filled further at the next start, and
nothing comes twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import update

from voc.core.errors import VocError
from voc.model import Schedule
from voc.runtime.demo import patience, queries, ruling
from voc.runtime.demo.backdating import backdate
from voc.runtime.demo.data import Demo
from voc.runtime.demo.doing import do
from voc.runtime.demo.doors import Doors
from voc.runtime.demo.filling import ESCALATION, Filling, Plan
from voc.runtime.demo.furnishing import furnish_demo
from voc.runtime.demo.inviting import ask
from voc.runtime.demo.plan import Round
from voc.runtime.demo.reading import read_demo
from voc.runtime.demo.speaking import speak
from voc.security import queries as people

if TYPE_CHECKING:
    from voc.runtime import Runtime

log = logging.getLogger(__name__)

# How many are invited in one transaction.
ASKED = 20
# A new worker may still be about to write its schedule: so many seconds it is waited for, looking as often.
SCHEDULED, LOOK = 5.0, 0.05
# What the pages show is counted at once when all of it is there.
COUNTING = "insights.rollups"


def fill_demo(runtime: Runtime, stop: threading.Event, demo: Demo | None = None) -> None:
    """Fill the house with `demo` (None: all of it), or go on filling it; ends early when `stop` is set. Raises
    nothing: what went wrong is logged, and the next start goes on from there."""
    try:
        filling = _begin(runtime, stop, demo)
        if filling is None:
            return
        runtime.wake()
        _hold_first(filling)
        done = filling.done()
        for portion in filling.plan.rounds:
            if done < portion.end:
                _go_round(filling, portion, done)
        patience.patiently(stop, partial(_finish, filling))
        runtime.wake()
        log.info("demo is complete")
    except patience.Stopped:
        log.info("demo interrupted, the next start goes on")
    except VocError as error:
        log.error("demo not complete, the next start goes on", extra={"reason": str(error)})


def _begin(runtime: Runtime, stop: threading.Event, demo: Demo | None) -> Filling | None:
    """Furnish a new house and invite; None when there is nothing to do or when it is somebody's own."""
    with runtime.db.reading() as session:
        house = queries.house(session)
        total, done = house.demo_total, house.demo_done or 0
        own = total is None and queries.any_receipt(session)
    if own:
        log.warning("this instance holds feedback of its own, the demo leaves it alone")
        return None
    if total is not None and done >= total:
        log.info("demo is complete")
        return None
    demo = demo or read_demo()
    if total is None:
        total = patience.patiently(stop, partial(_furnish, runtime, demo, runtime.clock()))
    with runtime.db.reading() as session:
        plan = Plan.of(demo, queries.started_at(session, demo.brand["name"]))
        channels = queries.channel_ids(session, demo.doors)
    if len(channels) < len(demo.doors) or plan.total != total:
        log.warning("the demo was begun by another version of voc, it stays as it is")
        patience.patiently(stop, partial(_give_up, runtime))
        return None
    log.info("demo is filled in", extra={"done": done, "total": total})
    for first in range(done, len(plan.asked), ASKED):
        patience.patiently(stop, partial(_ask, runtime, plan, first, channels))
    return Filling(runtime, stop, plan, Doors(runtime, demo, plan.started_at, channels, _invited(runtime, plan)))


def _furnish(runtime: Runtime, demo: Demo, now: datetime) -> int:
    total = Plan.of(demo, now).total
    with runtime.db.writing(patience=30) as session:
        furnish_demo(session, runtime.host, runtime.keys, demo, total=total, now=now)
    return total


def _give_up(runtime: Runtime) -> None:
    """Nobody waits for the rest."""
    with runtime.db.writing(patience=30) as session:
        house = queries.house(session)
        house.demo_done = house.demo_total


def _ask(runtime: Runtime, plan: Plan, first: int, channels: Mapping[str, UUID]) -> None:
    portion = plan.asked[first : first + ASKED]
    with runtime.db.writing(patience=30) as session:
        for asking in portion:
            ask(
                session,
                runtime.keys,
                runtime.settings,
                asking,
                demo=plan.demo,
                channels=channels,
                started_at=plan.started_at,
            )
        queries.house(session).demo_done = first + len(portion)


def _invited(runtime: Runtime, plan: Plan) -> dict[str, UUID]:
    """Ids of the invitations that were answered, by the key of the answer."""
    answered = {asking.batch_id: asking.name for asking in plan.asked if asking.voice is not None}
    with runtime.db.reading() as session:
        found = queries.invitation_ids(session, list(answered))
    return {answered[batch]: invitation_id for batch, invitation_id in found.items()}


def _hold_first(filling: Filling) -> None:
    """Put the escalation off before anybody has spoken."""
    end = time.monotonic() + SCHEDULED
    while time.monotonic() < end:
        with filling.runtime.db.reading() as session:
            if queries.scheduled(session, ESCALATION):
                break
        if filling.stop.wait(LOOK):
            raise patience.Stopped
    filling.progress(0)


def _go_round(filling: Filling, portion: Round, done: int) -> None:
    """Hand in, wait until it is understood, and let people do what they did; `done` things were done before."""
    if done < portion.heard:
        speak(filling, portion.said)
        filling.progress(portion.heard)
        done = portion.heard
    do(filling, portion.steps[done - portion.heard :], done)
    filling.progress(portion.end, portion.until)
    filling.runtime.wake()
    log.info("demo gets on", extra={"done": portion.end, "total": filling.plan.total})


def _finish(filling: Filling) -> None:
    """The demo is complete; from here on deadlines are told when they pass, and rules tell who is to know."""
    runtime, demo = filling.runtime, filling.plan.demo
    with runtime.db.writing(patience=30) as session:
        chief = people.user_by_email(session, demo.users[0]["email"])
        actor = people.actor_of(session, chief.id) if chief is not None else None
        if actor is not None:
            ruling.tell_leads(session, demo, actor=actor, now=runtime.clock())
        backdate(session, filling.plan.started_at)
        filling.note(session, filling.plan.total, timedelta())
        session.execute(update(Schedule).where(Schedule.name == COUNTING).values(due_at=runtime.clock()))
