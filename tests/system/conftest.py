"""A real `voc serve` in processes of its own, to be used and to be killed."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from voc.core.settings import Settings

PATIENCE = 30.0


class House:
    """One instance and the processes that serve it now."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.runs = 0
        self.seen: set[int] = set()

    @property
    def environment(self) -> dict[str, str]:
        found = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
        found["VOC_INSTANCE"] = str(self.settings.instance)
        if self.settings.database_url:
            found["VOC_DATABASE_URL"] = self.settings.database_url
        return found

    def voc(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command on the instance."""
        return subprocess.run(
            [sys.executable, "-m", "voc", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str, **extra: str) -> None:
        """Start the server and wait until it answers."""
        self.runs += 1
        self.log = self.folder / f"serve-{self.runs}.log"
        with self.log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "voc", "serve", "--port", "0", *arguments],
                env={**self.environment, **extra},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        self.port = self._port()
        self.remember()

    def _port(self) -> int:
        deadline = time.monotonic() + PATIENCE
        assert self.process is not None
        while time.monotonic() < deadline:
            found = re.search(r"serves at http://127\.0\.0\.1:(\d+)", self.output())
            if found and self._answers(int(found[1])):
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.output()}")

    def _answers(self, port: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            with connection.getresponse() as answer:
                return answer.status == 200
        return False

    def output(self) -> str:
        """What the server wrote so far."""
        return self.log.read_text(errors="replace")

    def remember(self) -> None:
        """Note every process of the house, so that the end can prove that none was left."""
        if self.process is not None and self.process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                me = psutil.Process(self.process.pid)
                self.seen |= {me.pid, *(child.pid for child in me.children(recursive=True))}

    def worker(self) -> psutil.Process | None:
        """The worker child, when it is alive."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                if "voc.runtime.worker" in " ".join(child.cmdline()):
                    self.seen.add(child.pid)
                    return child
        return None

    def kill_web(self) -> None:
        """kill -9 of the parent."""
        assert self.process is not None
        self.remember()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def kill_worker(self) -> None:
        """kill -9 of the child, if it is there."""
        if worker := self.worker():
            with suppress(psutil.NoSuchProcess):
                worker.kill()

    def terminate(self, timeout: float = 15) -> float:
        """SIGTERM, as systemd would; returns the seconds it took to end."""
        assert self.process is not None
        self.remember()
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout=timeout)
        return time.monotonic() - began

    def left(self, patience: float = 10) -> list[int]:
        """Processes of the house that are still alive after `patience` seconds."""
        deadline = time.monotonic() + patience
        while True:
            alive = [pid for pid in self.seen if _alive(pid)]
            if not alive or time.monotonic() > deadline:
                return alive
            time.sleep(0.05)

    def token(self, *scopes: str) -> str:
        """A new API token."""
        wanted = [part for scope in scopes for part in ("--scope", scope)]
        done = self.voc("token", "add", "test", *wanted)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        data = json.dumps(body) if body is not None else None
        sent = {"Content-Type": "application/json", **(headers or {})} if data else (headers or {})
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body=data, headers=sent)
            with connection.getresponse() as answer:
                return answer.status, answer.read()


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> Iterator[House]:
    """A furnished instance on both databases in turn, not yet served; at the end nothing of it may be alive."""
    yield from _house(settings, tmp_path)


@pytest.fixture
def sqlite_house(sqlite_settings: Settings, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite only."""
    yield from _house(sqlite_settings, tmp_path)


def _house(settings: Settings, folder: Path) -> Iterator[House]:
    found = House(settings, folder)
    try:
        yield found
    finally:
        found.remember()
        if found.process is not None and found.process.poll() is None:
            found.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                found.process.wait(timeout=15)
        left = found.left()
        for pid in left:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        assert not left, f"processes left behind: {left}"


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for a condition, bounded."""

    def wait(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"waited {patience:g} s in vain: {what}"
            time.sleep(0.05)

    return wait
