"""Scenarios 1 and 3: accepting feedback against the yardsticks, and working off what was accepted.

One round: HELLO, FLOOR, voc with its worker busy, FLOOR, voc without a worker, the same without keys, FLOOR. The busy
burst serves both scenarios: its rate is the intake rate, and the time until its last feedback has its stance and its
case gives the drained rate. A ratio is taken inside one round, against the mean of the FLOORs around it.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from bench import load, serving, voices
from bench.figures import Figure
from bench.neighbors import Neighbors, wait_for_quiet

CONNECTIONS = 16
WARM = 300
DRAIN_LIMIT = 120.0
# A round in which others took more than this share of a core says little about us.
DISTURBED = 0.3
ENOUGH = 3

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Round:
    """The loads of one round, and how much of a core others took while they ran."""

    hello: load.Load
    floors: tuple[load.Load, load.Load, load.Load]
    busy: load.Load
    idle: load.Load
    unkeyed: load.Load
    drained: float
    behind: float
    others: float

    @property
    def floor(self) -> float:
        """FLOOR's rate in this round."""
        return statistics.mean(run.rate for run in self.floors)

    def line(self, number: int) -> str:
        """The round in one line."""
        return (
            f"  round {number}: HELLO {self.hello.rate:.0f}/s, FLOOR {self.floor:.0f}/s,"
            f" voc busy {self.busy.rate:.0f}/s ({self.busy.rate / self.floor:.2f}),"
            f" no worker {self.idle.rate:.0f}/s ({self.idle.rate / self.floor:.2f}),"
            f" no key {self.unkeyed.rate:.0f}/s; drained {self.drained:.0f}/s;"
            f" client {self.busy.client_share:.0%}, others {self.others:.0%} of a core"
        )


@dataclass(frozen=True, slots=True)
class _Field:
    """The four servers, and the one who asks them."""

    hello: serving.Running
    floor: serving.Running
    busy: serving.Running
    idle: serving.Running
    chance: random.Random

    @property
    def pids(self) -> list[int]:
        """Their processes."""
        return [server.process.pid for server in (self.hello, self.floor, self.busy, self.idle)]

    def send(self, server: serving.Running, count: int, *, keyed: bool = True) -> load.Load:
        """Send `count` feedback over all connections."""
        requests = voices.requests(self.chance, count, server.token, keyed=keyed)
        return load.run(server.port, requests, connections=CONNECTIONS)


def measure(folder: Path, *, rounds: int, burst: int, tell: Tell) -> list[Figure]:
    """Run the rounds, again as many when too few were undisturbed; `burst` is how many feedback a busy round sends."""
    done: list[_Round] = []
    with ExitStack() as stack:
        field = _Field(
            stack.enter_context(serving.yardstick("hello", _made(folder / "hello"))),
            stack.enter_context(serving.yardstick("floor", _made(folder / "floor"))),
            stack.enter_context(serving.voc(_made(folder / "busy"), worker=True)),
            stack.enter_context(serving.voc(_made(folder / "idle"), worker=False)),
            random.Random(20),
        )
        for server in (field.hello, field.floor, field.busy, field.idle):
            field.send(server, WARM)
        _drain(field.busy.database)
        while len(done) < rounds or (len(done) < 2 * rounds and len(_quiet(done)) < ENOUGH):
            wait_for_quiet(field.pids)
            done.append(_round(field, burst))
            tell(done[-1].line(len(done)))
    quiet = _quiet(done)
    return _figures(quiet if len(quiet) >= ENOUGH else done, len(quiet), len(done))


def _quiet(rounds: list[_Round]) -> list[_Round]:
    return [found for found in rounds if found.others <= DISTURBED]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _round(field: _Field, burst: int) -> _Round:
    """One of everything. The loads of the yardsticks are shorter: they only have to be long enough."""
    watch, part = Neighbors(field.pids), burst // 3
    hello, first = field.send(field.hello, part), field.send(field.floor, part)
    busy, behind, drained = _busy(field, burst)
    second = field.send(field.floor, part)
    idle = field.send(field.idle, part)
    unkeyed = field.send(field.idle, part, keyed=False)
    third = field.send(field.floor, part)
    return _Round(hello, (first, second, third), busy, idle, unkeyed, drained, behind, watch.share())


def _busy(field: _Field, burst: int) -> tuple[load.Load, float, float]:
    """One burst with the worker at it from the first feedback on: (load, part waiting at its end, drained rate)."""
    before = stored(field.busy.database)
    begin = time.perf_counter()
    busy = field.send(field.busy, burst)
    building = time.perf_counter() - begin - busy.seconds
    behind = unprocessed(field.busy.database) / burst
    _drain(field.busy.database)
    drained = burst / (time.perf_counter() - begin - building)
    if stored(field.busy.database) - before != burst:
        raise load.LoadError("voc holds another number of feedback than it accepted")
    return busy, behind, drained


def _drain(database: Path) -> None:
    """Wait until every feedback is processed."""
    end = time.monotonic() + DRAIN_LIMIT
    with closing(_reader(database)) as connection:
        while connection.execute("SELECT 1 FROM feedback WHERE processed_at IS NULL LIMIT 1").fetchone():
            if time.monotonic() > end:
                raise load.LoadError(f"not worked off after {DRAIN_LIMIT:.0f} seconds")
            time.sleep(0.02)


def _reader(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None, timeout=5)


def stored(database: Path) -> int:
    """How many feedback the database holds."""
    with closing(_reader(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM feedback").fetchone()[0])


def unprocessed(database: Path) -> int:
    """How many feedback wait for the pipeline."""
    with closing(_reader(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM feedback WHERE processed_at IS NULL").fetchone()[0])


def _times(runs: list[load.Load]) -> str:
    p50, p99 = (statistics.median(times) for times in zip(*((run.p50, run.p99) for run in runs), strict=True))
    rate = statistics.median(run.rate for run in runs)
    return f"{rate:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def _tail(runs: list[load.Load]) -> float:
    return statistics.median(run.p99 / run.p50 for run in runs)


def _figures(rounds: list[_Round], quiet: int, total: int) -> list[Figure]:
    def against(name: str) -> float:
        return statistics.median(getattr(found, name).rate / found.floor for found in rounds)

    floors = [run for found in rounds for run in found.floors]
    busy, idle = [found.busy for found in rounds], [found.idle for found in rounds]
    behind = statistics.median(found.behind for found in rounds)
    drained = statistics.median(found.drained for found in rounds)
    return [
        Figure("undisturbed rounds", quiet, "", f"of {total}; the figures are of {len(rounds)}"),
        Figure("HELLO / FLOOR", against("hello"), "x", _times([found.hello for found in rounds])),
        Figure("FLOOR p99 / p50", _tail(floors), "x", _times(floors)),
        Figure(
            "POST feedback, worker busy / FLOOR",
            against("busy"),
            "x",
            f"{_times(busy)}; {behind:.0%} of the burst waiting at its end",
            target=0.60,
        ),
        Figure("  its p99 / p50", _tail(busy), "x", "", target=3, at_least=False),
        Figure("POST feedback, no worker / FLOOR", against("idle"), "x", _times(idle)),
        Figure("  its p99 / p50", _tail(idle), "x", ""),
        Figure("  the same without Idempotency-Key", against("unkeyed"), "x", ""),
        Figure(
            "burst drained / intake",
            statistics.median(found.drained / found.busy.rate for found in rounds),
            "x",
            f"{drained:.0f}/s from the first POST to the last case",
            target=0.5,
        ),
    ]
