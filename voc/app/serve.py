"""`voc serve`: the web server and one supervised worker child over one instance, from first start to SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from voc.core.settings import Settings
from voc.process.child import SupervisedChild
from voc.process.lock import InstanceLock

if TYPE_CHECKING:
    from voc.plugin_host.watching import Watch
    from voc.runtime import Runtime

log = logging.getLogger(__name__)

WORKER_END = 8.0
# What this process is called where it says how its plugins stand.
WEB = "web"


def serve(settings: Settings, *, demo: bool, say: Callable[[str], None], dev: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. `say` gets the lines for the person at the terminal: address and sign-in link.
    With `dev` plugins whose files change are loaded anew.

    Raises AlreadyRunning, SettingError (also for a port that is taken), KeyLost.
    """
    from voc.runtime import authoring
    from voc.runtime.address import LOCK
    from voc.runtime.instance import make_folder, open_instance

    make_folder(settings)
    with InstanceLock(settings.instance / LOCK) as lock:
        stop = threading.Event()

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, on_signal)
        signal.signal(signal.SIGINT, on_signal)
        watch = authoring.watch_of(settings.instance) if dev else None
        runtime = open_instance(settings, create=True)
        try:
            _run(runtime, lock, stop, demo=demo, say=say, watch=watch)
        finally:
            runtime.close()


def _run(
    runtime: Runtime,
    lock: InstanceLock,
    stop: threading.Event,
    *,
    demo: bool,
    say: Callable[[str], None],
    watch: Watch | None,
) -> None:
    from voc.app.factory import create_app
    from voc.app.server import Server
    from voc.runtime.following import follow
    from voc.web.errors import too_large

    settings = runtime.settings
    app = create_app(runtime)
    server = Server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        body_limit=settings.body_limit,
        receive_deadline=settings.receive_deadline,
        drain=settings.drain,
        refuse=too_large(app),
    )
    server.bind()
    # From here on links lead to where people really find us, also when the port was picked by the system.
    runtime.settings = settings = replace(settings, base_url=settings.base_url or server.url)
    lock.announce(settings.base_url)
    child = _start_worker(settings, demo=demo, dev=watch is not None) if settings.embedded_worker else None
    if child is not None:
        runtime.wake = child.wake
    follow(runtime, WEB, stop)
    if watch is not None:
        _author(runtime, watch, child, stop)
    try:
        for line in _greeting(runtime, settings.base_url):
            say(line)
        server.run(stop)
    finally:
        if child is not None:
            child.stop(WORKER_END)


def _author(runtime: Runtime, watch: Watch, child: SupervisedChild | None, stop: threading.Event) -> None:
    """Look after the files of plugins; the worker tells what became of them, where there is none this process does."""
    from voc.runtime.authoring import WORD, Authoring, to_stderr

    then = partial(child.wake, WORD) if child is not None else None
    authoring = Authoring(runtime, watch, tell=None if child is not None else to_stderr, then=then)
    threading.Thread(target=authoring.run, args=(stop,), name="authoring", daemon=True).start()


def _start_worker(settings: Settings, *, demo: bool, dev: bool) -> SupervisedChild:
    """The worker gets the same environment; the address it puts into mails is the one people really use."""
    environment = {**os.environ, "VOC_INSTANCE": str(settings.instance)}
    environment["VOC_BASE_URL"] = settings.base_url
    arguments = [sys.executable, "-m", "voc.runtime.worker", str(settings.instance)]
    arguments += ["--demo"] * demo + ["--dev"] * dev
    child = SupervisedChild(arguments, env=environment, on_event=log.warning)
    child.start()
    return child


def _greeting(runtime: Runtime, url: str) -> list[str]:
    """Where to go: the address, the first form, and a way in for the administrator as long as there is no other."""
    from voc.intake.queries import first_form_slug
    from voc.security import queries, users

    with runtime.db.reading() as session:
        closed = not queries.reachable_admin(session)
        slug = first_form_slug(session) or "feedback"
    lines = [f"voc serves at {url}", f"  form for customers:  {url}/f/{slug}"]
    if closed:
        with runtime.db.writing(patience=30) as session:
            admin = queries.first_admin(session)
            if admin is not None:
                token = users.sign_in_link(session, admin.id, now=runtime.clock())
                lines.append(f"  administrator, once: {url}/welcome/{token}")
    return [*lines, "Stop with Ctrl-C."]
