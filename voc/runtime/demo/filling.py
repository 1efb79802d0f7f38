"""One run over a house whose furniture stands: what is to be done in it, and how far it is."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.model import Schedule
from voc.runtime.demo import patience, queries
from voc.runtime.demo.asking import Asking, askings
from voc.runtime.demo.data import Demo
from voc.runtime.demo.doors import Doors
from voc.runtime.demo.history import tell_until
from voc.runtime.demo.plan import Round, rounds

if TYPE_CHECKING:
    from voc.runtime import Runtime

# Nobody in the demo is asked twice within this time.
PAUSE = timedelta(days=30)
# While the past is told, nobody is told of its deadlines: what was answered then must not be escalated today. A
# loader that dies holds nobody up for longer than this.
ESCALATION = "cases.escalate"
HOLD = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done in a house whose demo began at `started_at`: first people are invited, then it goes round by
    round. The last thing is that it is complete."""

    demo: Demo
    started_at: datetime
    asked: tuple[Asking, ...]
    rounds: tuple[Round, ...]

    @classmethod
    def of(cls, demo: Demo, started_at: datetime) -> Plan:
        """The same for the same beginning."""
        asked = tuple(askings(demo, started_at, pause=PAUSE))
        return cls(demo, started_at, asked, tuple(rounds(demo, started_at, len(asked))))

    @property
    def total(self) -> int:
        """How many things there are to do."""
        return (self.rounds[-1].end if self.rounds else len(self.asked)) + 1


@dataclass(frozen=True, slots=True)
class Filling:
    """A plan at work. How far it is stands in the house, written in the transaction of what was done."""

    runtime: Runtime
    stop: threading.Event
    plan: Plan
    doors: Doors

    def done(self) -> int:
        """How many things are done."""
        with self.runtime.db.reading() as session:
            return queries.house(session).demo_done or 0

    def progress(self, done: int, until: datetime | None = None) -> None:
        """So much is done; with `until` everything that fell due by then was told."""
        patience.patiently(self.stop, partial(self._progress, done, until))

    def _progress(self, done: int, until: datetime | None) -> None:
        with self.runtime.db.writing(patience=30) as session:
            if until is not None:
                tell_until(session, self.runtime.settings, until)
            self.note(session, done)

    def note(self, session: Session, done: int, hold: timedelta = HOLD) -> None:
        """Write down how far it is, in the caller's transaction, and put the periodic escalation off."""
        house = queries.house(session)
        house.demo_done = max(house.demo_done or 0, done)
        due_at = self.runtime.clock() + hold
        session.execute(update(Schedule).where(Schedule.name == ESCALATION).values(due_at=due_at))
