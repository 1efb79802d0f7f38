"""Scenario: the past is understood again by another model, all of it, in a house that goes on taking feedback.

`voc analysis redo` on a served house; half way `voc analysis stop` and `resume`, at three quarters `kill -9` of the
worker. All the while a POST comes every half second. In the end every feedback of the past must have been understood
exactly twice and every new one once, `voc verify` and `voc insights recount` must find nothing, and the worker must not
have grown.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench import load, pasts, serving, voices
from bench.figures import Figure
from bench.neighbors import family
from bench.weight import pss

BEAT = 0.5
WARM = 40  # POSTs before the run begins
STOP, KILL = 0.5, 0.75
PAUSED = 3.0
LIMIT = 3 * 3600.0
PATIENCE = 120.0
_RUN = "SELECT seen, total, changed, finished_at IS NOT NULL FROM analysis_run ORDER BY id DESC LIMIT 1"
_WAITING = "SELECT count(*) FROM feedback WHERE processed_at IS NULL"
_TWICE = """SELECT count(*) FROM (SELECT f.id FROM feedback f LEFT JOIN analysis a ON a.feedback_id = f.id
    GROUP BY f.id HAVING count(a.id) <> CASE WHEN sum(a.version = ?) > 0 THEN 2 ELSE 1 END)"""
_PROMISED = "SELECT count(*) FROM (SELECT 1 FROM obligation GROUP BY feedback_id HAVING count(*) > 1)"


@dataclass(slots=True)
class Seen:
    """What was seen while it ran. `memory`: (share done, MB of the worker)."""

    posts: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    progress: list[int] = field(default_factory=list)
    taken_over: float = 0.0
    during_stop: int = 0
    seconds: float = 0.0
    total: int = 0
    changed: int = 0
    refused: int = 0


def measure(folder: Path, *, items: int, tell: Callable[[str], None]) -> list[Figure]:
    """Fill a house with so many feedback and understand all of them again."""
    house = folder / "house"
    begin = time.perf_counter()
    pasts.fill(house, items, tell)
    first = items / (time.perf_counter() - begin)
    tell(f"  {items:,} accepted and worked off, {first:.0f}/s")
    return again(house, first, tell)


def again(house: Path, first: float, tell: Callable[[str], None]) -> list[Figure]:
    """Understand a house again; `first`: how many feedback a second were understood for the first time."""
    with serving.voc(house, worker=True) as server, closing(sqlite3.connect(server.database, timeout=30)) as reader:
        poster = _Poster(server)
        before = [poster.post() for _ in range(WARM)]
        poster.refused = 0
        _wait(reader, 60)
        seen = _watched(server, reader, poster, tell)
        _wait(reader, 60)
        seen.refused = poster.refused
    doubled = sum(reading(house, statement) for statement in ((_TWICE, (pasts.OLDER,)), (_PROMISED, ())))
    proofs = {words: _voc(house, *words.split()).returncode for words in ("verify", "insights recount")}
    return _figures(seen, first, statistics.median(before), doubled, proofs)


def reading(house: Path, asked: tuple[str, tuple[str, ...]]) -> int:
    """One number of the database."""
    with closing(sqlite3.connect(house / "voc.db")) as connection:
        return int(connection.execute(*asked).fetchone()[0])


class _Poster:
    """One customer after another."""

    def __init__(self, server: serving.Running) -> None:
        self._server, self._chance = server, random.Random(25)
        self._connection = load.Connection(server.port)
        self.refused = 0

    def post(self) -> float:
        """Seconds of one durable POST; who is told to try again does so a little later."""
        (request,) = voices.requests(self._chance, 1, self._server.token, keyed=True)
        begin = time.perf_counter()
        while time.perf_counter() - begin < PATIENCE:
            try:
                self._connection.send(request)
                while not self._connection.receive(b"201"):
                    pass
                return time.perf_counter() - begin
            except load.LoadError:
                self.refused += 1
                self._connection.socket.close()
                time.sleep(1)
                self._connection = load.Connection(self._server.port)
        raise TimeoutError(f"nothing was taken for {PATIENCE:.0f} s")


def _watched(server: serving.Running, reader: sqlite3.Connection, poster: _Poster, tell: Callable[[str], None]) -> Seen:
    """Order the run and watch it to its end, with all that is done to it on the way."""
    seen = Seen()
    _voc(server.folder, "analysis", "redo", check=True)
    begin, stopped, killed, told = time.perf_counter(), False, False, 0
    while time.perf_counter() - begin < LIMIT:
        done, total, changed, over = reader.execute(_RUN).fetchone()
        seen.progress.append(done)
        seen.total, seen.changed = total or 0, changed
        if over:
            seen.seconds += time.perf_counter() - begin
            return seen
        share = done / total if total else 0.0
        if int(share * 10) > told:
            told = int(share * 10)
            tell(f"  {_voc(server.folder, 'analysis', 'status', check=True).stdout.strip()}")
        if share >= STOP and not stopped:
            stopped = True
            seen.seconds -= _stopped(server, reader, seen)
        elif share >= KILL and not killed:
            killed = True
            os.kill(_worker(server), signal.SIGKILL)
            seen.taken_over = _until_it_moves(reader, done)
        seen.posts.append(poster.post())
        with suppress(FileNotFoundError, ProcessLookupError, IndexError):
            seen.memory.append((share, pss(_worker(server))))
        time.sleep(BEAT)
    raise TimeoutError(f"the run did not end within {LIMIT:.0f} s")


def _stopped(server: serving.Running, reader: sqlite3.Connection, seen: Seen) -> float:
    """Stop the run, see that it stands still, and let it go on; seconds that this took."""
    begin = time.perf_counter()
    _voc(server.folder, "analysis", "stop", check=True)
    stood = reader.execute(_RUN).fetchone()[0]
    time.sleep(PAUSED)
    seen.during_stop = reader.execute(_RUN).fetchone()[0] - stood
    _voc(server.folder, "analysis", "resume", check=True)
    return time.perf_counter() - begin


def _until_it_moves(reader: sqlite3.Connection, done: int) -> float:
    """Seconds until the worker that came after the killed one has done a page."""
    begin = time.perf_counter()
    reached = reader.execute(_RUN).fetchone()[0]
    while time.perf_counter() - begin < 300:
        now, _, _, over = reader.execute(_RUN).fetchone()
        if over or now > max(reached, done):
            return time.perf_counter() - begin
        time.sleep(0.1)
    raise TimeoutError("nobody took over")


def _worker(server: serving.Running) -> int:
    """The worker child of the server. Raises IndexError while there is none."""
    found = [pid for pid in family(server.process.pid) if b"voc.runtime.worker" in _command(pid)]
    return found[0]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _wait(reader: sqlite3.Connection, patience: float) -> None:
    """Until everything that came in was understood."""
    end = time.monotonic() + patience
    while reader.execute(_WAITING).fetchone()[0]:
        if time.monotonic() > end:
            raise TimeoutError("what came in was not worked off")
        time.sleep(0.2)


def _voc(house: Path, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    """A command on the house."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
    environment["VOC_INSTANCE"] = str(house)
    command = [*serving.VOC, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800, check=check)


def _figures(seen: Seen, first: float, before: float, doubled: int, proofs: dict[str, int]) -> list[Figure]:
    rate = seen.total / seen.seconds
    early = [mb for share, mb in seen.memory if 0.02 < share <= 0.15] or [mb for _, mb in seen.memory[:3]]
    late = [mb for share, mb in seen.memory if share >= 0.9] or [mb for _, mb in seen.memory[-3:]]
    most, post = max(mb for _, mb in seen.memory), statistics.median(seen.posts)
    steps = f"{seen.changed:,} of {seen.total:,} changed in {seen.seconds:.0f} s; {len(set(seen.progress))} steps seen"
    failed = ", ".join(f"{words}: {code}" for words, code in proofs.items())
    grown = f"{statistics.median(early):.0f} MB in the first tenth, {most:.0f} MB at most (PSS)"
    return [
        Figure("the past understood again / first", rate / first, "x", f"{rate:.0f}/s, {first:.0f}/s; {steps}"),
        Figure("  done while it was stopped", seen.during_stop, "", "of the page in hand", 50, at_least=False),
        Figure("  taken over after kill -9", seen.taken_over, "s", "until the next page", 30, at_least=False),
        Figure("  not exactly once, or promised twice", doubled, "", "feedback", 0, at_least=False),
        Figure("  proofs that failed", sum(map(bool, proofs.values())), "", failed, 0, at_least=False),
        Figure("  worker at the end / at the beginning", statistics.median(late) / statistics.median(early), "x", grown,
               1.3, at_least=False),
        Figure("  a POST meanwhile / before", post / before, "x", f"{post * 1000:.1f} ms, {before * 1000:.1f} ms, "
               f"worst {max(seen.posts) * 1000:.0f} ms, {len(seen.posts)} of them, {seen.refused} told to try again"),
    ]  # fmt: skip
