"""Starting and ending what is measured: voc and the yardsticks, each as processes of their own."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voc.core.clock import utc_now
from voc.core.settings import load as load_settings
from voc.core.vocabulary import Scope
from voc.runtime.instance import open_instance
from voc.security import queries, tokens, users

START_LIMIT = 30.0
VOC = [sys.executable, "-c", "from voc.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. `folder` is its instance; `token` may write and read feedback (voc only)."""

    port: int
    process: subprocess.Popen[str]
    folder: Path
    token: str = "none"

    @property
    def database(self) -> Path:
        """Its database file."""
        return self.folder / "voc.db"


@contextlib.contextmanager
def yardstick(kind: str, folder: Path) -> Iterator[Running]:
    """HELLO or FLOOR on a free port."""
    with _started([sys.executable, "-m", "bench.floor", kind, str(folder)], dict(os.environ)) as (process, port):
        yield Running(port, process, folder)


@contextlib.contextmanager
def voc(folder: Path, *, worker: bool) -> Iterator[Running]:
    """`voc serve` over the instance in `folder`, which is made first, with or without its embedded worker."""
    token = prepare(folder)
    with _started([*VOC, "serve", "--port", "0"], _environment(folder, worker)) as (process, port):
        yield Running(port, process, folder, token)


def prepare(folder: Path) -> str:
    """Make the instance if there is none, and return a new API token."""
    runtime = open_instance(load_settings({}, instance=folder), create=True)
    try:
        with runtime.db.writing() as session:
            scopes = [Scope.FEEDBACK_WRITE, Scope.FEEDBACK_READ]
            return tokens.add(session, name="bench", scopes=scopes, now=runtime.clock())
    finally:
        runtime.close()


def sign_in_link(folder: Path) -> str:
    """A one-time link token of the administrator."""
    runtime = open_instance(load_settings({}, instance=folder), create=False, with_plugins=False)
    try:
        with runtime.db.writing() as session:
            admin = queries.first_admin(session)
            assert admin is not None
            return users.sign_in_link(session, admin.id, now=utc_now())
    finally:
        runtime.close()


def _environment(folder: Path, worker: bool) -> dict[str, str]:
    """Ours without any setting of voc, then those of the measurement."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
    return {**plain, "VOC_INSTANCE": str(folder), "VOC_EMBEDDED_WORKER": "yes" if worker else "no"}


@contextlib.contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start `command`, wait until it says where it serves, and end it with SIGTERM."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=None, text=True)
    try:
        yield process, _port_of(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _port_of(process: subprocess.Popen[str]) -> int:
    """The port in the line that says where the server listens; raises RuntimeError when none comes."""
    assert process.stdout is not None
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        if not select.select([process.stdout], [], [], 0.2)[0]:
            continue
        line = process.stdout.readline()
        if not line:
            break
        if found := re.search(r"serves at http://[^ ]*:(\d+)", line):
            return int(found.group(1))
    raise RuntimeError(f"{process.args!r} did not start")
