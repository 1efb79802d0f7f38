"""The worker's main: the child of `voc serve`, alive only as long as its parent.

Its standard input is a pipe from the parent: a byte means there is work, end of file means the parent is gone.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from voc.core import logs
from voc.core.errors import VocError
from voc.core.settings import load
from voc.jobs.engine import Engine
from voc.process.pipe import WakePipe
from voc.runtime.demo.loader import fill_demo
from voc.runtime.heartbeat import keep_beating
from voc.runtime.instance import open_instance

log = logging.getLogger(__name__)

EXIT_REPLACE = 75
NICENESS = 10
DEMO_FLAG = "--demo"


def main(argv: list[str]) -> int:
    """Run until the parent is gone or SIGTERM comes; 75 asks to be replaced because plugin calls are stuck."""
    stop = threading.Event()
    engines: list[Engine] = []

    def end(*_: object) -> None:
        stop.set()
        for engine in engines:
            engine.stop()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        end()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)

    def wake() -> None:
        for engine in engines:
            engine.wake()

    WakePipe().listen(wake, end)
    # Whoever is being accepted comes first; what was accepted can wait a moment.
    os.nice(NICENESS)
    settings = load(instance=Path(argv[0]))
    logs.configure(level=settings.log_level, style=settings.log_format)
    try:
        runtime = open_instance(settings, create=False)
    except VocError as error:
        log.error("worker cannot start: %s", error)
        return 1
    engine = Engine(runtime, worker=name_of(settings.instance))
    runtime.wake = engine.wake
    engines.append(engine)
    if stop.is_set():
        engine.stop()
    if DEMO_FLAG in argv:
        threading.Thread(target=fill_demo, args=(runtime, stop), name="demo", daemon=True).start()
    watch = threading.Thread(target=_watch, args=(runtime.host.guard, engine, stop), name="watch", daemon=True)
    watch.start()
    threading.Thread(target=keep_beating, args=(runtime, stop), name="heartbeat", daemon=True).start()
    engine.run()
    exhausted = runtime.host.guard.exhausted
    runtime.close()
    return EXIT_REPLACE if exhausted and not stop.is_set() else 0


def name_of(instance: Path) -> str:
    """The name this instance's worker takes work under: its successor may take over what it held, nobody else's."""
    place = f"{socket.gethostname()}:{instance.resolve()}"
    return f"embedded-{hashlib.sha256(place.encode()).hexdigest()[:24]}"


def _watch(guard: object, engine: Engine, stop: threading.Event) -> None:
    """End the engine when too many plugin calls never came back; the supervisor starts a fresh worker."""
    while not stop.wait(5):
        if getattr(guard, "exhausted", False):
            log.warning("too many plugin calls are stuck, the worker is replaced")
            engine.stop()
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
