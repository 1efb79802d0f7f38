"""Every process follows what people choose for plugins, and tells how its plugins stand."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from voc.core.errors import Busy
from voc.intake.channels import refresh_forms
from voc.intake.fetch import schedule
from voc.plugin_host import queries
from voc.plugin_host.choices import chosen
from voc.plugin_host.policy import Policy
from voc.plugin_host.reports import Report, predecessors, reports_of, store

if TYPE_CHECKING:
    from voc.runtime.build import Runtime

log = logging.getLogger(__name__)

# Seconds between two looks at what was chosen; between two reports when something changed; and when nothing did.
LOOK = 1.0
TELL = 5.0
TELL_AGAIN = 60.0


class Following:
    """One process's share, in one thread. `process` is the name it reports under."""

    def __init__(self, runtime: Runtime, process: str) -> None:
        self._runtime = runtime
        self._process = process
        self._seen: datetime | None = runtime.plugins_chosen_at
        self._told: list[Report] = []
        self._told_at: float | None = None
        self._replaced: dict[str, int] | None = None

    def look(self) -> bool:
        """Do what was chosen since the last look; whether anything changed."""
        runtime = self._runtime
        with runtime.db.reading() as session:
            newest = queries.newest_choice(session)
            if newest == self._seen:
                return False
            choices = chosen(session)
        self._seen = newest
        changed = runtime.host.apply(Policy.of(runtime.settings, choices))
        if changed:
            now = runtime.clock()
            with runtime.db.writing(patience=30) as session:
                refresh_forms(session, now=now)
            schedule(runtime, now)
            runtime.wake()
        return changed

    def tell(self, *, again: bool = False) -> None:
        """Write how the plugins stand, if that is something new or was long ago."""
        runtime, now = self._runtime, self._runtime.clock()
        found = reports_of(runtime.host, self._process, now=now)
        quiet = self._told_at is not None and time.monotonic() - self._told_at < TELL_AGAIN
        if quiet and not again and _essence(found) == _essence(self._told):
            return
        with runtime.db.writing(durable=False) as session:
            if self._replaced is None:
                self._replaced = predecessors(session, self._process)
            store(session, self._process, found, replaced=self._replaced, now=now)
        self._told, self._told_at = found, time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop`."""
        last = 0.0
        while True:
            try:
                changed = self.look()
                if changed or time.monotonic() - last >= TELL:
                    last = time.monotonic()
                    self.tell(again=changed)
            except (Busy, DBAPIError) as error:
                log.warning("what was chosen for plugins could not be looked at", extra={"reason": str(error)})
            if stop.wait(LOOK):
                return


def _essence(reports: list[Report]) -> list[tuple[object, ...]]:
    """What makes a report worth writing: all but how many calls there were and when errors happened, to the second."""
    return [
        (r.name, r.state, r.isolation, r.breaker, r.failed, r.timeouts, r.stuck, r.starts, r.crashes, r.ended)
        for r in reports
    ]


def follow(runtime: Runtime, process: str, stop: threading.Event) -> threading.Thread:
    """Start the thread."""
    thread = threading.Thread(target=Following(runtime, process).run, args=(stop,), name="plugins", daemon=True)
    thread.start()
    return thread
