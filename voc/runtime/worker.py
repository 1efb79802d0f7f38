"""The worker's main: the child of `voc serve`, alive only as long as its parent.

Its standard input is a pipe from the parent: a byte means there is work, end of file means the parent is gone.
"""

from __future__ import annotations

import faulthandler
import hashlib
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import DBAPIError

from voc.core import logs
from voc.core.errors import VocError
from voc.core.settings import load
from voc.jobs.engine import Engine
from voc.process.pipe import WakePipe
from voc.runtime import authoring
from voc.runtime.build import Runtime
from voc.runtime.demo.loader import fill_demo
from voc.runtime.following import Following, follow
from voc.runtime.heartbeat import keep_beating
from voc.runtime.instance import open_instance

log = logging.getLogger(__name__)

EXIT_REPLACE = 75
# What this process is called where it says how its plugins stand.
WORKER = "worker"
NICENESS = 10
# Seconds for what is in hand when the parent is gone.
LAST_SECONDS = 5.0
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

    def alone() -> None:
        if not stop.is_set():
            # It may have had no time to say anything itself.
            log.error("the server process ended without a word, and its worker with it")
        end()
        _end_at_last()

    word = threading.Event()
    WakePipe().listen(wake, alone, word.set)
    # Whoever is being accepted comes first; what was accepted can wait a moment.
    os.nice(NICENESS)
    settings = load(instance=Path(argv[0]))
    moving = (settings.worker_frozen_seconds, stop)
    threading.Thread(target=keep_moving, args=moving, name="moving", daemon=True).start()
    logs.configure(level=settings.log_level, style=settings.log_format)
    plugins = authoring.watch_of(settings.instance) if authoring.FLAG in argv else None
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
    follow(runtime, WORKER, stop)
    if plugins is not None:
        authoring.listen(runtime, plugins, word, stop)
    engine.run()
    exhausted = runtime.host.guard.exhausted
    if exhausted:
        _tell_last(runtime)
    runtime.close()
    return EXIT_REPLACE if exhausted and not stop.is_set() else 0


def _end_at_last() -> None:
    """End this process soon, whatever a call still waits for: nobody is there any more to do it."""
    last = threading.Timer(LAST_SECONDS, os._exit, args=(1,))
    last.daemon = True
    last.start()


def keep_moving(patience: float, stop: threading.Event) -> None:
    """End this process when no thread of it could run for `patience` seconds, after writing where each one stands.

    Code that holds the interpreter (a catastrophic regular expression) freezes every thread. The clock that is wound
    up here runs without the interpreter; the supervisor starts a fresh worker.
    """
    while True:
        faulthandler.dump_traceback_later(patience, exit=True)
        if stop.wait(1.0):
            faulthandler.cancel_dump_traceback_later()
            return


def _tell_last(runtime: Runtime) -> None:
    """Say which plugin the worker is replaced for: its successor counts it."""
    try:
        Following(runtime, WORKER).tell(again=True)
    except (VocError, DBAPIError) as error:
        log.warning("the last report of the plugins could not be written", extra={"reason": str(error)})


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
