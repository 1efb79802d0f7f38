"""Filling a new house with the demo: every voice through the intake writer, every answer through the services.

Runs in a thread of the worker while the engine beside it reads and understands. What was done is seen in the data
itself, so that a house that was killed in the middle is filled further at the next start and nothing comes twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.cases.escalate import sweep
from voc.core.errors import Busy, Temporary, VocError
from voc.core.vocabulary import ReceiptState
from voc.delivery.compose import domain_of
from voc.intake.submit import submit
from voc.model import Schedule
from voc.runtime.demo import history, queries
from voc.runtime.demo.data import Demo, Voice, read_demo
from voc.runtime.demo.furnishing import furnish_demo

if TYPE_CHECKING:
    from voc.runtime import Runtime

log = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 8
# Longest wait for the pipeline to get through one batch, in seconds, and how often it is looked at.
PATIENCE = 60.0
LOOK = 0.05
TRIES = 40
# While the past is told, nobody is told of its deadlines: what was answered then must not be escalated today.
ESCALATION = "cases.escalate"
HOLD = timedelta(minutes=2)
SCHEDULED = 5.0
FORM_VERSION = 1


class _Stopped(Exception):
    """The worker ends; the next one continues."""


@dataclass(frozen=True, slots=True)
class _Filling:
    """One run over a house whose furniture stands. `channels`: ids by the form's public name."""

    runtime: Runtime
    stop: threading.Event
    demo: Demo
    started_at: datetime
    channels: dict[str, UUID]


def fill_demo(runtime: Runtime, stop: threading.Event) -> None:
    """Fill the house, or go on filling it; ends early when `stop` is set. Raises nothing: what went wrong is logged,
    and the next start goes on from there."""
    try:
        filling = _begin(runtime, stop, read_demo())
        if filling is None:
            return
        runtime.wake()
        _hold_first(filling)
        _speak(filling)
        _replay(filling)
    except _Stopped:
        log.info("demo interrupted, the next start goes on")
    except VocError as error:
        log.error("demo not complete, the next start goes on", extra={"reason": str(error)})


def _begin(runtime: Runtime, stop: threading.Event, demo: Demo) -> _Filling | None:
    """Furnish a new house; None when there is nothing to do or when it is somebody's own."""
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
    if total is None:
        _patiently(stop, partial(_furnish, runtime, demo, runtime.clock()))
    with runtime.db.reading() as session:
        started_at = queries.started_at(session, demo.brand["name"])
        channels = queries.channel_ids(session, [form["slug"] for form in demo.forms])
    log.info("demo is filled in", extra={"done": done, "total": demo.total})
    return _Filling(runtime, stop, demo, started_at, channels)


def _furnish(runtime: Runtime, demo: Demo, now: datetime) -> None:
    with runtime.db.writing(patience=30) as session:
        furnish_demo(session, runtime.host, demo, now=now)


def _speak(filling: _Filling) -> None:
    """Hand in every voice, a few at a time, and let the pipeline get through them."""
    voices, ids = filling.demo.voices, list(filling.channels.values())
    for start in range(0, len(voices), BATCH):
        batch = voices[start : start + BATCH]
        with filling.runtime.db.reading() as session:
            known, heard = queries.submitted(session, ids), queries.heard(session, ids)
        if all(voice.submission_id in heard for voice in batch):
            continue
        for voice in batch:
            if voice.submission_id not in known:
                _patiently(filling.stop, partial(_hand_in, filling, voice))
        filling.runtime.wake()
        _await(filling, [voice.submission_id for voice in batch])
        _patiently(filling.stop, partial(_progress, filling, start + len(batch)))
        log.info("demo gets on", extra={"done": start + len(batch), "total": filling.demo.total})


def _hand_in(filling: _Filling, voice: Voice) -> None:
    submit(
        filling.runtime.writer,
        filling.runtime.keys,
        channel_id=filling.channels[voice.form],
        submission_id=voice.submission_id,
        form_version=FORM_VERSION,
        language=voice.language,
        values=voice.values(),
        now=voice.received_at(filling.started_at),
    )


def _await(filling: _Filling, wanted: list[str]) -> None:
    """Wait until the pipeline has been through all of `wanted`; raises Temporary when it does not get there."""
    ids, end = list(filling.channels.values()), time.monotonic() + PATIENCE
    while True:
        with filling.runtime.db.reading() as session:
            heard = queries.heard(session, ids)
            states = queries.submitted(session, ids)
        missing = [key for key in wanted if key not in heard]
        if not missing:
            return
        if stuck := [key for key in missing if states.get(key) is ReceiptState.QUARANTINED]:
            raise Temporary(f"{', '.join(stuck)} is in quarantine: see the status page")
        if time.monotonic() > end:
            raise Temporary(f"the worker did not get through {len(missing)} of {len(wanted)} in time")
        if filling.stop.wait(LOOK):
            raise _Stopped


def _replay(filling: _Filling) -> None:
    """Let people do what they did, in the order of time; what fell due in between was told to the lead then."""
    runtime, demo, ids = filling.runtime, filling.demo, list(filling.channels.values())
    domain = domain_of(runtime.settings.mail_from)
    with runtime.db.reading() as session:
        heard = queries.heard(session, ids)
        teams = queries.team_of_cases(session, [item.case_id for item in heard.values() if item.case_id])
    done = len(demo.voices)
    for step in history.steps(demo, heard, teams, filling.started_at):
        _escalate_until(filling, step.at)
        done += step.kind != "take"
        _patiently(filling.stop, partial(_do, filling, step, heard[step.submission_id], domain, done))
    _escalate_until(filling, filling.started_at)
    _patiently(filling.stop, partial(_finish, filling))
    runtime.wake()
    log.info("demo is complete")


def _do(filling: _Filling, step: history.Step, heard: queries.Heard, domain: str, done: int) -> None:
    with filling.runtime.db.writing(patience=30) as session:
        history.take_step(session, step, heard, domain=domain)
        queries.house(session).demo_done = done
        _hold(session, filling.runtime.clock())


def _escalate_until(filling: _Filling, at: datetime) -> None:
    """Escalate, each at its own moment, what fell due by `at`."""
    while True:
        with filling.runtime.db.reading() as session:
            due = queries.next_untold(session, at)
        if due is None or not _patiently(filling.stop, partial(sweep, filling.runtime, due)):
            return


def _finish(filling: _Filling) -> None:
    """The demo is complete; from here on deadlines are told when they pass."""
    with filling.runtime.db.writing(patience=30) as session:
        queries.house(session).demo_done = filling.demo.total
        _hold(session, filling.runtime.clock(), timedelta())


def _progress(filling: _Filling, done: int) -> None:
    with filling.runtime.db.writing(patience=30) as session:
        house = queries.house(session)
        house.demo_done = max(house.demo_done or 0, done)
        _hold(session, filling.runtime.clock())


def _hold(session: Session, now: datetime, duration: timedelta = HOLD) -> None:
    """Put the periodic escalation off for a short while; a loader that dies holds nobody up for longer than that."""
    session.execute(update(Schedule).where(Schedule.name == ESCALATION).values(due_at=now + duration))


def _hold_first(filling: _Filling) -> None:
    """The same before anybody has spoken, when a new worker may still be about to write its schedule."""
    end = time.monotonic() + SCHEDULED
    while time.monotonic() < end:
        with filling.runtime.db.reading() as session:
            if queries.scheduled(session, ESCALATION):
                break
        if filling.stop.wait(LOOK):
            raise _Stopped
    _patiently(filling.stop, partial(_progress, filling, 0))


def _patiently(stop: threading.Event, action: Callable[[], T]) -> T:
    """Do it, again and again while the database is busy; raises Busy in the end, `_Stopped` when the worker ends."""
    for attempt in range(TRIES):
        if stop.is_set():
            raise _Stopped
        try:
            return action()
        except Busy:
            if attempt == TRIES - 1:
                raise
            stop.wait(0.5)
    raise _Stopped
