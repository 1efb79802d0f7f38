"""Guarded calls: a time limit, a breaker with half-open retry, and a count of calls that never came back.

In process a hanging call can only be abandoned: its thread stays until the worker is replaced, which the worker does
by itself when too many are stuck. Calls into a plugin with a process of its own are ended with that process, so they
need no thread here.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from voc.core.errors import VocError
from voc.plugin import Context, Misconfigured, NotHere, TryLater, Undeliverable
from voc.plugin_host import deadline
from voc.plugin_host.breaker import Breaker, BreakerState
from voc.plugin_host.deadline import Ending
from voc.plugin_host.isolated.plugin import ProcessFailed
from voc.plugin_host.places import frames_of

log = logging.getLogger(__name__)

T = TypeVar("T")
# Stuck calls after which the worker should be replaced; of one plugin, after which it gets no further thread; and
# threads for calls in all.
MAX_STUCK = 4
MOST_HELD = 8
MOST_THREADS = 64
LAST_ERRORS = 5
# An isolated plugin that is called from a guarded thread is ended this long before the thread would be given up.
MARGIN = 0.25
# What a plugin raises to say something: where in its code it did is no matter.
ON_PURPOSE = (TryLater, Misconfigured, Undeliverable, NotHere)


class PluginFailed(VocError):
    """A call into a plugin did not give a usable answer; the text says what, for the operator."""

    def __init__(self, plugin: str, reason: str, *, permanent: bool, paused: bool = False) -> None:
        self.plugin = plugin
        self.paused = paused
        self.reason = reason
        self.permanent = permanent
        super().__init__(f"plugin {plugin}: {reason}")


@dataclass(slots=True)
class Tally:
    """What became of the calls of one plugin in this process. `errors` are the last ones, newest last, with the
    monotonic time: our own words, or the name of an exception. `stuck` calls have not come back yet."""

    calls: int = 0
    errors_in_all: int = 0
    timeouts: int = 0
    crashes: int = 0
    stuck: int = 0
    errors: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=LAST_ERRORS))
    breaker: Breaker = field(default_factory=Breaker)

    def state(self) -> BreakerState:
        """How its breaker stands now."""
        return self.breaker.state(time.monotonic())


class Guard:
    """Calls into plugins on threads of its own. `limit` is the seconds one call may take."""

    def __init__(self, *, limit: float) -> None:
        self.limit = limit
        self.tallies: dict[str, Tally] = {}
        # For authors: say in the log where in its code a plugin raised.
        self.shows_frames = False
        self._idle: queue.SimpleQueue[_Caller] = queue.SimpleQueue()
        self._threads = 0
        self._lock = threading.Lock()

    @property
    def stuck(self) -> int:
        """Calls that were given up and have not come back."""
        return sum(tally.stuck for tally in list(self.tallies.values()))

    @property
    def exhausted(self) -> bool:
        """Whether so many calls never came back that the process should be replaced."""
        return self.stuck >= MAX_STUCK

    def call(self, plugin: str, function: Callable[..., T], *args: Any, limit: float | None = None) -> T:
        """Call `function(*args)` for `plugin`; raises PluginFailed when it raises, hangs, or is paused.

        An exception about this one input is permanent for the input; a hang or a pause is not. `limit` in seconds
        is for calls that talk to other people's servers.
        """
        limit = self.limit if limit is None else limit
        tally = self._admitted(plugin)
        if isinstance(getattr(function, "__self__", None), Ending) or (args and isinstance(args[0], Ending)):
            return self._directly(plugin, tally, function, args, limit)
        try:
            caller = self._caller()
        except PluginFailed:
            with self._lock:
                tally.breaker.withdrawn()
            raise
        done = caller.submit(function, args, limit)
        if not done.ready.wait(limit) and self._abandon(plugin, tally, done):
            self._note(tally, f"did not answer within {limit:g} seconds")
            raise PluginFailed(plugin, f"did not answer within {limit:g} seconds", permanent=False)
        self._idle.put(caller)
        return self._came_back(plugin, tally, done.value, done.error, args)  # type: ignore[no-any-return]

    def forget(self, plugin: str) -> None:
        """The plugin is taken away: what is known of its calls goes, but for those that are still stuck."""
        with self._lock:
            tally = self.tallies.get(plugin)
            if tally is not None and not tally.stuck:
                del self.tallies[plugin]
            elif tally is not None:
                tally.breaker = Breaker()

    def _admitted(self, plugin: str) -> Tally:
        """Its tally, with one call more; raises PluginFailed while it is left alone."""
        with self._lock:
            tally = self.tallies.setdefault(plugin, Tally())
            if tally.stuck >= MOST_HELD:
                reason = f"has {tally.stuck} calls that never came back"
                raise PluginFailed(plugin, reason, permanent=False, paused=True)
            if not tally.breaker.admit(time.monotonic()):
                raise PluginFailed(plugin, "is paused after repeated time-outs", permanent=False, paused=True)
            tally.calls += 1
            return tally

    def _directly(
        self, plugin: str, tally: Tally, function: Callable[..., T], args: tuple[Any, ...], limit: float
    ) -> T:
        """Call what ends by itself at the deadline."""
        before = deadline.begin(time.monotonic() + limit)
        try:
            value, error = function(*args), None
        except Exception as found:  # noqa: BLE001  the plugin border
            value, error = None, found
        finally:
            deadline.over(before)
        return self._came_back(plugin, tally, value, error, args, limit)  # type: ignore[return-value]

    def _came_back(
        self,
        plugin: str,
        tally: Tally,
        value: T,
        error: BaseException | None,
        args: tuple[Any, ...],
        limit: float = 0.0,
    ) -> T:
        if isinstance(error, ProcessFailed):
            raise self._process_failed(plugin, tally, error, limit)
        with self._lock:
            tally.breaker.answered()
        if error is None:
            return value
        frames = frames_of(error) if self.shows_frames and not isinstance(error, ON_PURPOSE) else []
        error = _discreet(error, args)
        reason = f"{type(error).__name__}: {error}"
        if self.shows_frames:
            told = "\n  ".join([f"plugin {plugin} raised {reason}", *frames])
            log.warning("%s", told)
        # Its words may be a customer's: the receipt or the channel has them, and the log.
        self._note(tally, type(error).__name__)
        raise PluginFailed(plugin, reason, permanent=True) from error

    def _process_failed(self, plugin: str, tally: Tally, error: ProcessFailed, limit: float) -> PluginFailed:
        """Count it, and say it as it is said of a call in process."""
        reason = f"did not answer within {limit:g} seconds" if error.late and limit else str(error)
        with self._lock:
            if error.waiting:
                tally.breaker.withdrawn()
            else:
                tally.breaker.failed(time.monotonic())
                tally.timeouts += error.late
                tally.crashes += not error.late
        self._note(tally, reason)
        return PluginFailed(plugin, reason, permanent=False, paused=error.waiting)

    def _note(self, tally: Tally, reason: str) -> None:
        with self._lock:
            tally.errors_in_all += 1
            tally.errors.append((time.monotonic(), " ".join(reason.split())[:300]))

    def _caller(self) -> _Caller:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            pass
        with self._lock:
            if self._threads >= MOST_THREADS:
                raise PluginFailed("host", "every thread for plugin calls is taken", permanent=False, paused=True)
            self._threads += 1
        return _Caller()

    def _abandon(self, plugin: str, tally: Tally, done: _Done) -> bool:
        """Give a call up; False when it came back at this very moment. If it comes back later, its thread is as good
        as any."""
        with self._lock:
            if not done.give_up(lambda caller: self._returned(tally, caller)):
                return False
            tally.stuck += 1
            tally.timeouts += 1
            tally.breaker.failed(time.monotonic())
        log.warning("plugin call abandoned", extra={"plugin": plugin, "stuck": self.stuck})
        return True

    def _returned(self, tally: Tally, caller: _Caller) -> None:
        with self._lock:
            tally.stuck -= 1
        self._idle.put(caller)


def _discreet(error: BaseException, args: tuple[Any, ...]) -> BaseException:
    """The same error with the channel's secrets masked: its text is shown on pages and written into logs."""
    masked = next((arg.log.masked for arg in args if isinstance(arg, Context) and hasattr(arg.log, "masked")), None)
    if masked is None:
        return error
    text = str(error)
    clean = masked(text)
    if clean == text:
        return error
    if isinstance(error, TryLater):
        return TryLater(clean, after=error.after)
    word = next((base for base in type(error).__mro__ if base.__module__.startswith("voc.plugin.")), None)
    if word is None:
        word = type(type(error).__name__, (ValueError if isinstance(error, ValueError) else Exception,), {})
    found: BaseException = word(clean)
    return found


class _Done:
    """The result of one call."""

    __slots__ = ("_late", "_lock", "error", "ready", "value")

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None
        self._late: Callable[[_Caller], None] | None = None
        self._lock = threading.Lock()

    def give_up(self, late: Callable[[_Caller], None]) -> bool:
        """Have `late` called in the call's own thread when it comes back after all; False when it has."""
        with self._lock:
            if self.ready.is_set():
                return False
            self._late = late
            return True

    def come_back(self, caller: _Caller) -> None:
        """The call is over; whoever waits goes on."""
        with self._lock:
            self.ready.set()
        if self._late is not None:
            self._late(caller)


class _Caller:
    """One thread that makes calls."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...], float, _Done]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="plugin-call", daemon=True).start()

    def submit(self, function: Callable[..., Any], args: tuple[Any, ...], limit: float) -> _Done:
        done = _Done()
        self._calls.put((function, args, limit, done))
        return done

    def _run(self) -> None:
        owner = os.getpid()
        while True:
            function, args, limit, done = self._calls.get()
            before = deadline.begin(time.monotonic() + max(limit / 2, limit - MARGIN))
            try:
                done.value = function(*args)
            except BaseException as error:  # noqa: BLE001  the plugin border: even SystemExit is only its own
                done.error = error
            deadline.over(before)
            if os.getpid() != owner:
                # A copy of this process that the plugin forked: what follows is the original's.
                os._exit(0)
            done.come_back(self)
