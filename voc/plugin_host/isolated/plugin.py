"""The host's side of an isolated plugin: its processes, started when needed, ended when they must be, counted."""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from voc.core.errors import VocError
from voc.plugin import Context, NotHere, View
from voc.plugin_host import deadline
from voc.plugin_host.isolated.wire import Unpacked, error_of, pack, raised
from voc.plugin_host.nowhere import NoNetwork
from voc.plugin_host.sources import Candidate
from voc.plugin_host.telling import Telling
from voc.process.backoff import Backoff
from voc.process.companion import Companion, Ended
from voc.process.frames import MB, packed

log = logging.getLogger(__name__)

MODULE = "voc.plugin_host.isolated.child"
# Processes of one plugin that are kept while nobody calls, questions to one before a fresh one takes over, and
# things that a plugin may ask of the host in one call.
KEPT = 2
MOST_QUESTIONS = 5000
MOST_ASKED = 20_000
MOST_SECRETS = 200
# Loading may take so many times as long as a call: an interpreter starts, and several may start at once.
LOADING = 3
# A wait for the next start that a call sits out; one that is longer is said to the caller.
SHORT_WAIT = 1.0
# What a plugin's process sees of our environment: nothing that is ours.
_ENVIRONMENT = ("PATH", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LD_LIBRARY_PATH")

# Without the second, every thread of a plugin would reserve a large part of the memory it may have.
_OWN = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What each process of a plugin may use: bytes of memory, bytes of one file, open files; and how many processes
    there may be at once. `private` are the networks that the address guard allows."""

    memory: int = 512 * MB
    file_size: int = 16 * MB
    files: int = 128
    most: int = 4
    private: str = ""


class ProcessFailed(VocError):
    """A plugin's process gave no answer. `late`: it was ended at the deadline; `waiting`: it was not asked at all."""

    def __init__(self, message: str, *, late: bool = False, waiting: bool = False) -> None:
        self.late = late
        self.waiting = waiting
        super().__init__(message)


@dataclass(slots=True)
class Counts:
    """What happened to the processes of one plugin since the host was started."""

    starts: int = 0
    crashes: int = 0
    ended: int = 0
    output_cut: int = 0


class IsolatedPlugin:
    """One plugin in processes of its own, for any number of threads; none of them outlives `close` or this process."""

    def __init__(self, candidate: Candidate, *, bounds: Bounds, limit: float) -> None:
        """`limit`: the seconds that a call may take of which nobody said more."""
        self.name = candidate.name
        self.counts = Counts()
        self._bounds = bounds
        self._limit = limit
        self._argv = _argv(candidate, bounds, limit)
        # The lock by itself where nobody waits: a condition enters it by way of Python.
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        self._busy = 0
        self._waiting = 0
        self._idle: list[Companion] = []
        self._living: set[Companion] = set()
        self._backoff = Backoff()
        self._not_before = 0.0
        self._owner = os.getpid()
        self._closed = False
        self._secrets: dict[str, None] = {}

    @property
    def pids(self) -> list[int]:
        """The ids of its living processes."""
        with self._lock:
            return [child.pid for child in self._living]

    def describe(self) -> dict[str, Any]:
        """What the plugin offers, as its process says it after loading; raises ProcessFailed."""
        child, said = self._start(time.monotonic() + LOADING * self._limit)
        # Whether this process ever calls it is another question.
        self._drop(child)
        return said

    def ask(self, method: str, kind: str, about: View | None, args: Sequence[Any]) -> Any:
        """Make one call in a process and return what it returned; raises what it raised, or ProcessFailed.

        `about` is the view or context that the call gets as its first argument.
        """
        end = deadline.end(self._limit)
        blobs: list[bytes] = []
        said = [] if about is None else [_about(about, blobs)]
        said += [pack(item, blobs) for item in args]
        question = {"do": method, "kind": kind, "seconds": math.ceil(end - time.monotonic()) + 1, "args": said}
        frame = packed(question, blobs)
        idle = self._enter(end)
        try:
            return self._asked(idle or self._started(end), frame, about, end)
        finally:
            with self._lock:
                self._busy -= 1
                if self._waiting:
                    self._freed.notify()

    def _enter(self, end: float) -> Companion | None:
        """Wait for one of its places, and give the process that stands idle there, if one does."""
        with self._lock:
            while self._busy >= self._bounds.most:
                self._waiting += 1
                woken = self._freed.wait(max(0.0, end - time.monotonic()))
                self._waiting -= 1
                if not woken and self._busy >= self._bounds.most:
                    raise ProcessFailed(f"all its {self._bounds.most} processes are busy", waiting=True)
            self._busy += 1
            if self._owner != os.getpid():
                # A fork shares the pipes: two would talk to one process.
                self._idle, self._living, self._owner = [], set(), os.getpid()
            return self._idle.pop() if self._idle else None

    def _asked(self, child: Companion, frame: bytes, about: View | None, end: float) -> Any:
        try:
            try:
                answer, found = self._exchange(child, frame, about, end)
            except Ended as error:
                if not error.idle:
                    raise
                # It ended while nobody asked it anything: the next one hears the question.
                self._bury(child, error)
                child = self._started(end)
                answer, found = self._exchange(child, frame, about, end)
        except Ended as error:
            self._bury(child, error)
            raise ProcessFailed(str(error), late=error.late) from None
        except BaseException:
            self._drop(child)
            raise
        child.questions += 1
        self._tell(child, about)
        self._give(child)
        return _result(answer, found)

    def _exchange(self, child: Companion, frame: bytes, about: View | None, end: float) -> tuple[Any, memoryview]:
        """The answer to a question; what the plugin asks meanwhile is answered from `about`."""
        for _ in range(MOST_ASKED):
            said, found = child.exchange(frame, end)
            frame = b""
            if not isinstance(said, dict):
                break
            if "ask" in said:
                frame = _answered(said, found, about)
            elif "log" in said:
                _logged(said, about)
            elif "line" in said:
                _told(said, about)
            else:
                return said, found
        child.close()
        raise Ended("said too much or what means nothing, and its process was ended")

    def _started(self, end: float) -> Companion:
        child, said = self._start(end)
        if said.get("state") != "loaded":
            self._drop(child)
            raise ProcessFailed(f"cannot be loaded: {said.get('reason')}")
        return child

    def _start(self, end: float) -> tuple[Companion, dict[str, Any]]:
        """A process that has loaded the plugin, and what it said then; raises ProcessFailed."""
        wait = self._not_before - time.monotonic()
        if wait > min(SHORT_WAIT, end - time.monotonic()):
            raise ProcessFailed(f"ended too often and is started again in {wait:.0f} seconds", waiting=True)
        if self._closed:
            raise ProcessFailed("is being switched off", waiting=True)
        if wait > 0:
            threading.Event().wait(wait)
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            child = Companion(
                self._argv, env={**environment, **_OWN}, memory=self._bounds.memory
            )  # fmt: skip
        except OSError as error:
            raise ProcessFailed(f"its process cannot be started: {error.strerror}", waiting=True) from error
        with self._lock:
            self.counts.starts += 1
            self._living.add(child)
        try:
            said, found = child.exchange(b"", end)
            described = Unpacked(found).value(said["ready"])
            if not isinstance(described, dict):
                raise ValueError("it says nothing of itself")
        except Ended as error:
            self._bury(child, error)
            raise ProcessFailed(f"loading it: {error}", late=error.late) from None
        except (KeyError, TypeError, ValueError) as error:
            self._drop(child)
            raise ProcessFailed(f"loading it: its process said what cannot be understood: {error}") from None
        self._tell(child, None)
        return child, described

    def _give(self, child: Companion) -> None:
        with self._lock:
            if not self._closed and child.questions < MOST_QUESTIONS and len(self._idle) < KEPT:
                self._idle.append(child)
                return
        self._drop(child)

    def _bury(self, child: Companion, error: Ended) -> None:
        """It ended, or had to be: the next start waits, longer and longer while that goes on."""
        with self._lock:
            self._not_before = time.monotonic() + self._backoff.after(time.monotonic() - child.born)
            if error.late:
                self.counts.ended += 1
            else:
                self.counts.crashes += 1
        self._tell(child, None)
        self._drop(child)
        log.warning("plugin process ended", extra={"plugin": self.name, "reason": str(error)})

    def _drop(self, child: Companion) -> None:
        child.close()
        with self._lock:
            self._living.discard(child)

    def _tell(self, child: Companion, about: View | None) -> None:
        """Put what the process printed into the log, with the secrets it was given masked."""
        for secret in getattr(about.log, "secrets", ()) if isinstance(about, Context) else ():
            with self._lock:
                if len(self._secrets) < MOST_SECRETS:
                    self._secrets[secret] = None
        text, cut = child.printed()
        self.counts.output_cut += cut
        if not text.strip() and not cut:
            return
        for secret in list(self._secrets):
            text = text.replace(secret, "…")
        log.info("plugin printed", extra={"plugin": self.name, "text": text.strip(), "cut": cut})

    def close(self) -> None:
        """End its processes; a call that is going on ends with its own."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            self._drop(child)


def _argv(candidate: Candidate, bounds: Bounds, limit: float) -> list[str]:
    spec = {
        "name": candidate.name, "source": candidate.source, "folder": os.path.abspath(candidate.manifest.parent),
        "package": candidate.package, "memory": bounds.memory, "file_size": bounds.file_size, "files": bounds.files,
        "private": bounds.private, "load_seconds": LOADING * limit, "limit": limit,
    }  # fmt: skip
    paths = [os.path.abspath(path) for path in sys.path if path]
    boot = (
        f"import sys; sys.path += [p for p in {paths!r} if p not in sys.path]; "
        f"from {MODULE} import main; main(*sys.argv[1:])"
    )
    # Isolated from the environment's Python settings, and without writing bytecode beside the plugin.
    return ["-I", "-B", "-c", boot, json.dumps(spec)]


def _about(about: View, blobs: list[bytes]) -> Any:
    """A view or a context as the other side makes it again: its data, and whether it has a way out."""
    said: dict[str, Any] = {"options": dict(about.options), "brand": about.brand, "languages": about.languages}
    if isinstance(about, Context):
        said["network"] = about.http is not None and not isinstance(about.http, NoNetwork)
        if isinstance(about, Telling):
            said["telling"] = True
    return pack(said, blobs)


def _answered(said: dict[str, Any], found: memoryview, about: View | None) -> bytes:
    """The frame that answers what a plugin asked during a call."""
    blobs: list[bytes] = []
    try:
        reading = Unpacked(found)
        args = [reading.value(item) for item in said["args"]]
        return packed({"re": pack(_target(said["ask"], about)(*args), blobs)}, blobs)
    except (VocError, NotHere, ValueError, TypeError, KeyError, RuntimeError) as error:
        return packed({"wrong": error_of(error)})


def _target(what: Any, about: View | None) -> Callable[..., Any]:
    """What a question of a plugin is put to."""
    if what in ("mail", "html") and about is not None and about.parsers is not None:
        return about.parsers.mail if what == "mail" else about.parsers.text_of_html
    if what in ("get", "set") and isinstance(about, Context) and about.store is not None:
        return about.store.get if what == "get" else about.store.set
    if what == "now" and isinstance(about, Context) and about.now is not None:
        return about.now
    raise NotHere("this is not there in this call")


def _logged(said: dict[str, Any], about: View | None) -> None:
    level, text = said.get("log"), said.get("text")
    if isinstance(about, Context) and isinstance(level, int) and isinstance(text, str):
        about.log.log(min(max(level, 0), logging.CRITICAL), "%s", text)


def _told(said: dict[str, Any], about: View | None) -> None:
    text = said.get("line")
    if isinstance(about, Telling) and isinstance(text, str):
        about.tell(" ".join(text.splitlines()))


def _result(answer: dict[str, Any], found: memoryview) -> Any:
    if "error" in answer:
        raise raised(answer["error"])
    try:
        return Unpacked(found).value(answer["done"])
    except (KeyError, ValueError, RecursionError) as error:
        raise ProcessFailed(f"answered what cannot be understood: {error}") from None
