"""Guarded calls: a time limit, an error budget with a breaker, and a count of calls that never came back.

In process a hanging call can only be abandoned: its thread stays until the worker is replaced, which the worker
does by itself when too many are stuck. A call that must be *ended* needs a process of its own; `Guard.call` is the
seam where that mode will hook in.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from voc.core.errors import VocError

log = logging.getLogger(__name__)

T = TypeVar("T")
BUDGET = 5
PAUSE = 60.0
MAX_STUCK = 4


class PluginFailed(VocError):
    """A call into a plugin did not give a usable answer; the text says what, for the operator."""

    def __init__(self, plugin: str, reason: str, *, permanent: bool, paused: bool = False) -> None:
        self.plugin = plugin
        self.paused = paused
        self.reason = reason
        self.permanent = permanent
        super().__init__(f"plugin {plugin}: {reason}")


@dataclass(slots=True)
class _Breaker:
    failures: int = 0
    open_until: float = 0.0


class Guard:
    """Calls into plugins on threads of its own. `limit` is the seconds one call may take."""

    def __init__(self, *, limit: float) -> None:
        self.limit = limit
        self._breakers: dict[str, _Breaker] = {}
        self._idle: queue.SimpleQueue[_Caller] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self.stuck = 0

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
        breaker = self._breakers.setdefault(plugin, _Breaker())
        if breaker.open_until > time.monotonic():
            raise PluginFailed(plugin, "is paused after repeated time-outs", permanent=False, paused=True)
        caller = self._caller()
        done = caller.submit(function, args)
        if not done.ready.wait(limit):
            self._abandon(plugin, breaker)
            raise PluginFailed(plugin, f"did not answer within {limit:g} seconds", permanent=False)
        self._idle.put(caller)
        if done.error is not None:
            raise PluginFailed(plugin, f"{type(done.error).__name__}: {done.error}", permanent=True) from done.error
        breaker.failures = 0
        return done.value  # type: ignore[no-any-return]

    def _caller(self) -> _Caller:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _Caller()

    def _abandon(self, plugin: str, breaker: _Breaker) -> None:
        with self._lock:
            self.stuck += 1
            breaker.failures += 1
            if breaker.failures >= BUDGET:
                breaker.failures, breaker.open_until = 0, time.monotonic() + PAUSE
        log.warning("plugin call abandoned", extra={"plugin": plugin, "stuck": self.stuck})


class _Done:
    """The result of one call."""

    __slots__ = ("error", "ready", "value")

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None


class _Caller:
    """One thread that makes calls; given up for good when a call does not come back."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...], _Done]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="plugin-call", daemon=True).start()

    def submit(self, function: Callable[..., Any], args: tuple[Any, ...]) -> _Done:
        done = _Done()
        self._calls.put((function, args, done))
        return done

    def _run(self) -> None:
        while True:
            function, args, done = self._calls.get()
            try:
                done.value = function(*args)
            except BaseException as error:  # noqa: BLE001  the plugin border: even SystemExit is only its own
                done.error = error
            done.ready.set()
