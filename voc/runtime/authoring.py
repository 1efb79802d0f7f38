"""`voc serve --dev`: plugins whose files change are loaded anew, in the web process and in the worker.

The web process looks at the files. It loads what changed first, then sends the worker a word, which does the same and
tells the author: when the line is there, both have it. What a channel knows (options, cursor, store, receipts) lies in
the database and stays.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from voc.core.errors import Busy
from voc.intake.channels import refresh_forms
from voc.intake.fetch import schedule
from voc.plugin_host.host import PluginState
from voc.plugin_host.watching import Watch

if TYPE_CHECKING:
    from voc.runtime.build import Runtime

log = logging.getLogger(__name__)

# Seconds between two looks, and before the second one that sees whether a change is complete.
LOOK = 0.7
SETTLE = 0.3
# What the worker is called with, and the word that makes it look at the files.
FLAG = "--dev"
WORD = b"p"


def watch_of(instance: Path) -> Watch:
    """The watch of this process, to be made before any plugin is loaded. No bytecode is written from now on: a file
    that was saved twice in one second would be taken for that of the first time."""
    sys.dont_write_bytecode = True
    return Watch(instance)


class Authoring:
    """One process's share, in one thread. With `tell` it is the one that speaks to the author, and orders what follows
    from a change; `then` is called after every change."""

    def __init__(
        self,
        runtime: Runtime,
        watch: Watch,
        *,
        tell: Callable[[str], None] | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        self._runtime = runtime
        self._watch = watch
        self._tell = tell
        self._then = then
        runtime.host.guard.shows_frames = True
        # The author reads one line for each plugin instead.
        runtime.host.speaks = False

    def greet(self) -> None:
        """Say what is watched, and how it stands."""
        if self._tell is None:
            return
        states = _states(self._runtime)
        self._tell(f"plugins in {self._runtime.settings.instance / 'plugins'} are loaded anew when their files change")
        for name in self._watch.names:
            self._tell(line_of(name, states.get(name), "loaded, its files are watched"))
        for name in self._watch.left_out:
            self._tell(f"plugin {name}: not watched: its folder has too many files")

    def turn(self, *, settled: bool) -> list[str]:
        """Load anew what changed; its names."""
        names = self._watch.changed(settled=settled)
        if names:
            self._load(names)
            if self._then is not None:
                self._then()
            if self._tell is not None:
                self._speak(names)
                self._follow_up()
        return names

    def _load(self, names: Sequence[str]) -> None:
        """Load them anew. What goes wrong there goes wrong in both processes; the one that speaks shows where."""
        guard = self._runtime.host.guard
        guard.shows_frames = self._tell is not None
        try:
            self._runtime.host.anew(names)
        finally:
            guard.shows_frames = True

    def run(self, stop: threading.Event) -> None:
        """Look at the files until `stop`."""
        self.greet()
        while not stop.wait(SETTLE if self._watch.settling else LOOK):
            self.turn(settled=True)

    def listen(self, word: threading.Event, stop: threading.Event) -> None:
        """Look at the files whenever the word came, until `stop`."""
        self.greet()
        while not stop.is_set():
            if word.wait(LOOK):
                word.clear()
                self.turn(settled=False)

    def _speak(self, names: Sequence[str]) -> None:
        states = _states(self._runtime)
        for name in names:
            if self._tell is not None:
                state = states.get(name)
                seconds = (state.load_seconds if state else None) or 0.0
                self._tell(line_of(name, state, f"loaded anew ({seconds:.1f} s)"))

    def _follow_up(self) -> None:
        """What a changed plugin means for its channels: forms, and when to fetch."""
        runtime, now = self._runtime, self._runtime.clock()
        try:
            with runtime.db.writing(patience=30) as session:
                refresh_forms(session, now=now)
            schedule(runtime, now)
        except (Busy, DBAPIError) as error:
            log.warning("what follows from a changed plugin could not be ordered", extra={"reason": str(error)})
        runtime.wake()


def listen(runtime: Runtime, watch: Watch, word: threading.Event, stop: threading.Event) -> None:
    """Start the thread of the worker."""
    author = Authoring(runtime, watch, tell=to_stderr)
    threading.Thread(target=author.listen, args=(word, stop), name="authoring", daemon=True).start()


def line_of(name: str, state: PluginState | None, loaded: str) -> str:
    """What the author reads about one plugin."""
    if state is None:
        return f"plugin {name}: gone"
    if state.state == "loaded":
        return f"plugin {name}: {loaded}"
    reason = " ".join(state.reason.split())
    if state.state != "quarantined":
        reason = f"it is {state.state}{f' ({reason})' if reason else ''}"
    return f"plugin {name}: not loaded: {reason}"


def to_stderr(line: str) -> None:
    """Say it on standard error, at once and in one piece."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _states(runtime: Runtime) -> dict[str, PluginState]:
    """By name; of two plugins of one name the one that is loaded."""
    return {state.name: state for state in reversed(runtime.host.states)}
