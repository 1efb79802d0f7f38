"""The child in which a plugin is checked: limited in memory, files and time, and replaced when the plugin ends it.

The parent (`checked`) holds the clock; the child tells of every rule before and after, a JSON object a line.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from voc.testkit.plugin import Located
from voc.testkit.rule import RULES, Level
from voc.testkit.running import LIMIT, Outcome, planned, run_rule, subjects

MB = 1 << 20
MEMORY = 2048 * MB
LARGEST_FILE = 64 * MB
# Seconds for starting and importing, and beyond a rule's own limit, until the parent ends the child.
START = 30.0
GRACE = 5.0
MOST_CHILDREN = 12

Tell = Callable[[dict[str, Any]], None]


def checked(
    located: Located, *, level: Level = "gold", host: str = "", off: Iterable[str] = (), limit: float = LIMIT
) -> Iterator[Outcome]:
    """Every rule up to a level, each outcome as soon as it is there, whatever the plugin does to its process.

    `host` names a function (`module:function`) of (folder, module) that says why the host would not load the plugin.
    """
    done: list[tuple[str, str]] = []
    for _ in range(MOST_CHILDREN):
        spec = {
            "folder": str(located.folder), "module": located.module, "level": level, "host": host,
            "off": list(off), "done": done, "limit": limit,
        }  # fmt: skip
        complete = yield from _one_child(spec, done, limit)
        if complete:
            return
    yield Outcome("loads", located.folder.name, "broken", f"it ended its process {MOST_CHILDREN} times")


def _one_child(spec: dict[str, Any], done: list[tuple[str, str]], limit: float) -> Generator[Outcome, None, bool]:
    """The outcomes of one child; returns whether it came to the end."""
    process = subprocess.Popen(  # noqa: S603  our own program, no shell
        [sys.executable, "-m", "voc.testkit.child", json.dumps(spec)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None  # noqa: S101  for mypy: stdout=PIPE gives one
    begun: tuple[str, str] | None = None
    try:
        for message in _messages(process.stdout.fileno(), limit):
            if message.get("end"):
                return True
            if "begin" in message:
                begun = (message["begin"], message["kind"])
                continue
            outcome = Outcome(**message["outcome"])
            done.append((outcome.rule, outcome.kind))
            begun = None
            yield outcome
            if outcome.hung:
                return False
        rule, kind = begun or ("loads", Path(spec["folder"]).name)
        text = _ended(process, started=begun is not None or bool(done))
        done.append((rule, kind))
        yield Outcome(rule, kind, "broken", text)
        return begun is None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
        process.wait()


def _messages(descriptor: int, limit: float) -> Iterator[dict[str, Any]]:
    """What the child tells, until it ends or says nothing for too long."""
    held, patience = b"", START
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    end = time.monotonic() + patience
    while True:
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            return
        piece = os.read(descriptor, 65_536)
        if not piece:
            return
        held += piece
        *lines, held = held.split(b"\n")
        for line in lines:
            yield json.loads(line)
        end = time.monotonic() + limit + GRACE


def _ended(process: subprocess.Popen[bytes], *, started: bool) -> str:
    """What became of a child that says nothing more."""
    what = "it" if started else "importing it"
    try:
        status = process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return (
            f"{what} held the whole process and had to be ended (a loop or a regular expression that never comes back)"
        )
    if status < 0:
        return f"{what} ended the process with {signal.Signals(-status).name}"
    return f"{what} ended the process with exit status {status}"


def main(spec: dict[str, Any]) -> None:
    """The child's side."""
    out = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    _limit_yourself()

    def tell(message: dict[str, Any]) -> None:
        os.write(out, json.dumps(message).encode() + b"\n")

    located = Located(Path(spec["folder"]), spec["module"])
    done = {(rule, kind) for rule, kind in spec["done"]}
    found = subjects(located, host_says=_host_says(spec["host"], located))
    for subject in found:
        for rule in planned(subject, spec["level"], spec["off"]):
            if (rule.id, subject.name) in done:
                continue
            tell({"begin": rule.id, "kind": subject.name})
            outcome = run_rule(RULES[rule.id], subject, limit=spec["limit"])
            tell({"outcome": {name: getattr(outcome, name) for name in Outcome.__slots__}})
            if outcome.hung:
                os._exit(0)
        subject.parsers.close()
    tell({"end": True})
    os._exit(0)


def _host_says(name: str, located: Located) -> str:
    if not name:
        return ""
    module, _, function = name.partition(":")
    said: str = getattr(importlib.import_module(module), function)(located.folder, located.module)
    return said


def _limit_yourself() -> None:
    for what, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
