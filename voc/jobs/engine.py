"""The local engine: claims batches, runs them, sleeps until woken or until something falls due by itself."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Protocol

from voc.core.clock import Clock
from voc.core.errors import Busy, Invalid, NotFound, Permanent, Temporary, TooSlow
from voc.db import Database
from voc.jobs import outbox, queries
from voc.jobs.periodic import run_due
from voc.jobs.registry import Handler, Item, Lane, Registry

log = logging.getLogger(__name__)

CLAIM = 64
LONGEST_SLEEP = 5.0
LONGEST_WISH = 86_400.0
LANES: tuple[Lane, ...] = ("flow", "slow", "door", "spare")
# Seconds that a lane may still take for what it has in hand when the worker ends.
LAST_PATIENCE = 8.0
LEASE = timedelta(seconds=120)
# Intake goes first: while another process writes too, the worker stays away from the database for as long as it
# held it, times this, after every batch. Twice the rest would still work off half of what can be accepted.
COURTESY = 0.5
LONGEST_COURTESY = 0.05
# Seconds that the spare lane waits before each item while the flow has something to do.
GIVING_WAY = 1.0


class Context(Protocol):
    """What the engine needs of the runtime; handlers get the whole of it."""

    db: Database
    registry: Registry

    @property
    def clock(self) -> Clock:
        """What time it is."""


class Engine:
    """Works off the outbox in four lanes: *flow* (intake to case), *slow* (sending, and periodic work), *door*
    (fetching from other people's servers, which may take long and must hold nobody up) and *spare* (understanding the
    past again, learning), which gives way to the flow."""

    def __init__(self, context: Context, *, worker: str) -> None:
        self.context = context
        self.worker = worker
        self._stopping = threading.Event()
        self._woken: dict[str, threading.Event] = {lane: threading.Event() for lane in LANES}

    def wake(self) -> None:
        """There may be new work; safe from any thread and from a signal handler."""
        for event in self._woken.values():
            event.set()

    def stop(self) -> None:
        """Finish the batch in hand and end."""
        self._stopping.set()
        self.wake()

    @property
    def stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._stopping.is_set()

    def run(self) -> None:
        """Work until stopped; every lane but *flow* runs in a thread of its own."""
        self._recover()
        beside = [
            threading.Thread(target=self._loop, args=(lane,), name=f"lane-{lane}", daemon=True)
            for lane in LANES
            if lane != "flow"
        ]
        for thread in beside:
            thread.start()
        self._loop("flow")
        end = time.monotonic() + LAST_PATIENCE
        for thread in beside:
            thread.join(timeout=max(0.0, end - time.monotonic()))

    def drain(self, lane: Lane = "flow", *, limit: int = 100_000) -> int:
        """Do everything that is due now in `lane` and return how many rows were tried; for tests and commands."""
        done = 0
        while done < limit and not self.stopping:
            items = self._claim(lane)
            if not items:
                return done
            self._work(items)
            done += len(items)
        return done

    def _recover(self) -> None:
        with self.context.db.writing(patience=60) as session:
            count = outbox.release_of(session, worker=self.worker, now=self.context.clock())
        if count:
            log.info("work of a predecessor taken over", extra={"rows": count})

    def _loop(self, lane: Lane) -> None:
        woken = self._woken[lane]
        while not self.stopping:
            woken.clear()
            try:
                if lane == "spare" and self._flowing():
                    self._stopping.wait(GIVING_WAY)
                # The slow lane looks at periodic work between its items: a slow mail server delays no escalation.
                done = self.drain(lane, limit=10_000 if lane == "flow" else 1)
                if done:
                    # What was done may have left work for the other lanes.
                    for other in LANES:
                        if other != lane:
                            self._woken[other].set()
                if lane == "slow":
                    run_due(self.context)
                pause = 0.0 if done else self._pause(lane)
            except Busy as error:
                log.warning("database busy, trying again", extra={"reason": str(error)})
                pause = 1.0
            if pause and not self.stopping:
                woken.wait(pause)

    def _flowing(self) -> bool:
        """Whether something that came in waits to be understood."""
        with self.context.db.reading() as session:
            return queries.any_due(session, "flow", self.context.clock())

    def _pause(self, lane: Lane) -> float:
        """Seconds until something happens by itself; bounded, so that a lost wake-up costs delay, never data."""
        with self.context.db.reading() as session:
            due = queries.next_due(session, lane)
        if due is None:
            return LONGEST_SLEEP
        seconds = (due - self.context.clock()).total_seconds()
        return min(max(seconds, 0.05), LONGEST_SLEEP)

    def _claim(self, lane: Lane) -> list[Item]:
        """The next batch. Expired leases are given back first, by the slow lane."""
        now = self.context.clock()
        with self.context.db.reading() as session:
            expired = lane == "slow" and queries.any_expired(session, now)
            if not expired and not queries.any_due(session, lane, now):
                return []
        with self.context.db.writing(patience=30, durable=False) as session:
            if expired:
                outbox.release_expired(session, now=now)
            return outbox.claim(
                session, lane=lane, worker=self.worker, now=now, limit=CLAIM if lane == "flow" else 1, lease=LEASE
            )

    def _work(self, items: list[Item]) -> None:
        for kind, group in groupby(items, key=lambda item: item.kind):
            handler = self.context.registry.handlers.get(kind)
            rows = list(group)
            if handler is None:
                self._fail_all(rows, Permanent(f"this version of voc does not know work of kind {kind}"))
                continue
            # What was tried before may be poison: it goes alone, so that it cannot take others with it.
            for batch in [
                *_batches([r for r in rows if r.attempts == 1], handler.batch),
                *_batches([r for r in rows if r.attempts > 1], 1),
            ]:
                self._run(handler, batch)

    def _run(self, handler: Handler, batch: Sequence[Item]) -> None:
        if len(batch) == 1 and batch[0].attempts > handler.retry.attempts:
            self._fail_all(batch, Permanent(batch[0].data.get("error") or "the worker died whenever it tried this"))
            return
        try:
            prepared = handler.prepare(self.context, batch) if handler.prepare else [None] * len(batch)
            met, began = self.context.db.gate.met, time.monotonic()
            with self.context.db.writing(patience=30, durable=handler.durable) as session:
                mine = queries.still_mine(session, [item.id for item in batch], self.worker)
                pairs = [(item, result) for item, result in zip(batch, prepared, strict=True) if item.id in mine]
                if pairs:
                    handler.apply(session, self.context, pairs)
                    outbox.finish(session, [item.id for item, _ in pairs])
            if len(batch) == handler.batch > 1 and self.context.db.gate.met > met:
                time.sleep(min(COURTESY * (time.monotonic() - began), LONGEST_COURTESY))
        except Busy as error:
            self._postpone(batch, error)
        except Exception as error:  # noqa: BLE001  the job border: one bad item never stops the engine
            if len(batch) > 1:
                for item in batch:
                    self._run(handler, [item])
            else:
                self._fail(handler, batch[0], error)

    def _postpone(self, batch: Sequence[Item], error: Busy) -> None:
        now = self.context.clock()
        with self.context.db.writing(patience=60) as session:
            for item in batch:
                outbox.put_back(
                    session,
                    item,
                    worker=self.worker,
                    due_at=now + timedelta(seconds=1),
                    error=str(error),
                    counted=False,
                )

    def _fail(self, handler: Handler, item: Item, error: Exception) -> None:
        final = isinstance(error, (Permanent, Invalid, NotFound))
        wait = None if final else handler.retry.wait(item.attempts)
        if wait is not None and isinstance(error, Temporary) and error.after is not None:
            # The other side said when to come back.
            wait = max(wait, timedelta(seconds=min(error.after, LONGEST_WISH)))
        text = f"{type(error).__name__}: {error}"
        log.warning(
            "work failed",
            # The other side cannot now: nothing to trace, and its words are enough.
            exc_info=not final and not isinstance(error, Temporary),
            extra={"kind": item.kind, "work_id": str(item.id), "attempts": item.attempts, "final": wait is None},
        )
        with self.context.db.writing(patience=60) as session:
            if wait is None:
                outbox.quarantine(session, item, worker=self.worker, error=text)
            else:
                outbox.put_back(
                    session,
                    item,
                    worker=self.worker,
                    due_at=self.context.clock() + wait,
                    error=text,
                    counted=True,
                    lane="door" if isinstance(error, TooSlow) else None,
                )

    def _fail_all(self, rows: Sequence[Item], error: Exception) -> None:
        with self.context.db.writing(patience=60) as session:
            for item in rows:
                outbox.quarantine(session, item, worker=self.worker, error=str(error))


def _batches(rows: list[Item], size: int) -> list[list[Item]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
