"""The process the plugin runs in belongs to everybody; and what it leaves must be readable without it."""

from __future__ import annotations

import builtins
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from voc.core.text import is_storable
from voc.plugin import Inbound, Robot
from voc.testkit.rule import broken, rule, shown
from voc.testkit.rules.fetching import say
from voc.testkit.said import Said
from voc.testkit.subject import Subject, drain, tried

WATCHED = (builtins, json, os, socket, sys, signal, logging)
# What interpreters and libraries change by themselves.
RESTLESS = {"last_exc", "last_type", "last_value", "last_traceback", "_", "ps1", "ps2", "modules", "exc_info"}
# pytest names the running test there, and has handlers of its own while one runs: this may be one.
PYTEST_NAMES = "PYTEST_CURRENT_TEST"


def snapshot() -> dict[str, Any]:
    """What a plugin must leave as it is."""
    found: dict[str, Any] = {
        "the working directory": os.getcwd(),
        "the environment": {name: value for name, value in os.environ.items() if name != PYTEST_NAMES},
        "the search path of modules": [path for path in sys.path if "voc_checked" not in path],
        "the default time limit of sockets": socket.getdefaulttimeout(),
        "the level of the root logger": logging.getLogger().level,
        "the handlers of the root logger": [
            id(item) for item in logging.getLogger().handlers if not type(item).__module__.startswith("_pytest")
        ],
        "the umask": _umask(),
        "the recursion limit": sys.getrecursionlimit(),
    }
    found["the handlers of signals"] = {
        str(number): str(signal.getsignal(number)) for number in sorted(signal.valid_signals())
    }
    for module in WATCHED:
        found[f"the module {module.__name__}"] = {
            name: id(value)
            for name, value in vars(module).items()
            if callable(value) and name not in RESTLESS and not isinstance(value, type(sys))
        }
    return found


def _umask() -> int:
    held = os.umask(0o022)
    os.umask(held)
    return held


@rule(
    "clean-process",
    "silver",
    "It leaves the process as it found it.",
    mend="Change nothing that belongs to all: folder, environment, signal handlers, other modules; leave no threads.",
)
def clean(subject: Subject) -> None:
    """Before it was imported, and after it has worked."""
    before = subject.before or snapshot()
    with _quiet_streams() as written:
        with subject.desk() as desk:
            tried(subject.channel().check, desk.ctx())
        tried(subject.read, subject.raw(Said()))
    for what, now in snapshot().items():
        if before.get(what, now) != now:
            broken(f"it changed {what}{_difference(before[what], now)}")
    names = [
        thread.name for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()
    ]
    own = [name for name in names if not name.startswith(("ThreadPool", "rule"))]
    if own:
        broken(f"it leaves a thread behind that keeps the process from ending: {own[0]}")
    if written:
        broken(f"it writes to standard output: {shown(written[0])}")


def _difference(before: Any, now: Any) -> str:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        names = sorted(str(name) for name in {*before, *now} if before.get(name) != now.get(name))
        return f": {', '.join(names[:3])}"
    return f" from {shown(before, 40)} to {shown(now, 40)}"


@contextmanager
def _quiet_streams() -> Iterator[list[str]]:
    """What is written to standard output meanwhile."""
    written: list[str] = []
    kept, sys.stdout = sys.stdout, _Paper(written)
    try:
        yield written
    finally:
        sys.stdout = kept


class _Paper:
    def __init__(self, written: list[str]) -> None:
        self._written = written

    def write(self, text: str) -> int:
        """Keep it."""
        if text.strip():
            self._written.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing to do."""


_watching = threading.local()
_hooked = False


def _audit(event: str, args: tuple[Any, ...]) -> None:
    seen = getattr(_watching, "seen", None)
    if seen is None:
        return
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.remove", "os.fork"):
        seen.append(event)
    elif (
        event == "open"
        and isinstance(args[0], (str, bytes))
        and isinstance(args[1], str)
        and set(args[1]) & set("wax+")
    ):
        seen.append(f"open {args[0]!r} for writing")


@contextmanager
def watched() -> Iterator[list[str]]:
    """What this thread does to network, files and processes meanwhile."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    _watching.seen = []
    try:
        yield _watching.seen
    finally:
        _watching.seen = None


@rule(
    "read-pure",
    "bronze",
    "read uses no network, no file and no other process.",
    mend="Ask for everything in fetch or accept and store it: what read needs must lie in the raw thing.",
)
def pure(subject: Subject) -> None:
    """The interpreter itself tells of every connection and every file that is written."""
    raw = subject.raw(Said())
    channel = subject.channel()
    with subject.desk() as desk:
        view = desk.view()
        first: Callable[[], Any] = lambda: list(channel.read(view, raw))  # noqa: E731
        # Parsers and lazy imports start with the first reading.
        tried(first)
        with watched() as seen:
            tried(first)
    if seen:
        broken(f"read does more than reading: {', '.join(dict.fromkeys(seen))}")


@rule(
    "uninstall",
    "silver",
    "What it leaves is readable without it.",
    mend="Use the contract's own classes, with plain text, numbers and JSON in facts, reply_to, headers and cursor.",
    asks=["FETCH"],
)
def uninstall(subject: Subject) -> None:
    """Every value in what was read and fetched is plain."""
    for item in subject.read(subject.raw(Said())):
        _demand_plain(item)
        if isinstance(item, Inbound):
            for name, value in (("facts", item.facts), ("reply_to", item.reply_to)):
                _demand_json(name, value)
    if "FETCH" in subject.capabilities:
        with subject.at_work() as (desk, vendor):
            say(vendor, 1)
            items, _ = drain(subject.channel(), desk, None)
            for pulled in items:
                _demand_json("headers of what was fetched", dict(pulled.headers))
                if type(pulled.body) is not bytes or type(pulled.delivery_id) is not str:
                    broken("what was fetched has a body or delivery_id that is no plain bytes or text")


def _demand_plain(item: Any) -> None:
    if type(item).__module__.split(".")[:2] != ["voc", "plugin"]:
        broken(f"read gave {type(item).__name__}, a class of the plugin's own")
    for field in fields(item) if is_dataclass(item) else ():
        value = getattr(item, field.name)
        if isinstance(value, (str, int)) and type(value) not in (str, int, bool):
            broken(f"{type(item).__name__}.{field.name} is a {type(value).__name__}, which only the plugin knows")


def _demand_json(name: str, value: Any) -> None:
    if value is None:
        return
    try:
        written = json.dumps(dict(value), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        broken(f"{name} cannot be kept as JSON ({error})")
    if not is_storable(written) or "\\u0000" in written:
        broken(f"{name} hold characters that cannot be kept")


@rule(
    "believable",
    "bronze",
    "What is read can be stored.",
    mend="Keep ids within 2,000 characters, names within 200, times aware, score and metric together.",
)
def believable(subject: Subject) -> None:
    """Ordinary messages, with everything that the vendor knows."""
    for said in (Said(), Said(id="m-2", text="Não gostei"), Said(id="m-3", text="x" * 3000)):
        for item in subject.read(subject.raw(said)):
            if isinstance(item, Inbound):
                if reason := _unbelievable(item):
                    broken(f"read gave an Inbound that the host would put into quarantine: {reason}")
            elif isinstance(item, Robot):
                broken(f"an ordinary message was taken for a robot's: {item.reason}")


def _unbelievable(item: Inbound) -> str | None:
    if not item.external_id or len(item.external_id) > 2000 or not is_storable(item.external_id):
        return "its external_id is empty, too long or cannot be stored"
    if (item.text is None or not item.text.strip()) and item.score is None:
        return "it has neither text nor score"
    if item.sent_at is not None and item.sent_at.tzinfo is None:
        return "sent_at has no time zone"
    if item.language is not None and (len(item.language) > 8 or not is_storable(item.language)):
        return f"its language is {shown(item.language)}"
    if not isinstance(item.thread, tuple) or not isinstance(item.names, tuple):
        return "its thread and names must be tuples"
    name = item.author.name if item.author else None
    if name is not None and (len(name) > 200 or not is_storable(name)):
        return "its author's name is too long"
    return None
