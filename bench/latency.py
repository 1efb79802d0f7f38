"""Scenario 2: how long after its POST a complaint is a case, in a house that has nothing else to do.

Each sample is one durable POST of a detractor on one connection, after a pause in which everything fell asleep. The
clock of the case starts when the request is sent, so it holds the POST itself; the obligation is looked for by a
reader of its own, every tenth of a millisecond. The yardstick is the median of these same POSTs.
"""

from __future__ import annotations

import random
import re
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

from bench import load, serving, voices
from bench.figures import Figure

PAUSE = 0.03
LIMIT = 10.0
_FIND = "SELECT 1 FROM obligation WHERE feedback_id = ?"


def measure(folder: Path, *, samples: int, tell: Callable[[str], None]) -> list[Figure]:
    """Send `samples` complaints one by one and watch each become a case."""
    chance = random.Random(21)
    folder.mkdir(parents=True, exist_ok=True)
    with serving.voc(folder, worker=True) as server:
        load.run(server.port, voices.requests(chance, 100, server.token, keyed=True), connections=1)
        time.sleep(3)
        posts, cases = _samples(server, chance, samples)
        time.sleep(1)
        steady = load.run(server.port, voices.requests(chance, samples, server.token, keyed=True), connections=1)
    post, case = statistics.median(posts), statistics.median(cases)
    tell(f"  POST {post * 1000:.2f} ms, case {case * 1000:.2f} ms, POST back to back {steady.p50:.2f} ms")
    worst = sorted(cases)[int(len(cases) * 0.99)]
    return [
        Figure(
            "receipt to case, idle / one durable POST",
            case / post,
            "x",
            f"case {case * 1000:.1f} ms after sending (p99 {worst * 1000:.1f} ms), POST {post * 1000:.2f} ms",
            target=8,
            at_least=False,
        ),
        Figure(
            "  the same / POSTs back to back, worker busy",
            case * 1000 / steady.p50,
            "x",
            f"POST {steady.p50:.2f} ms on one connection",
        ),
    ]


def _samples(server: serving.Running, chance: random.Random, samples: int) -> tuple[list[float], list[float]]:
    """(seconds of each POST, seconds from its sending to its case)."""
    posts, cases = [], []
    connection = load.Connection(server.port)
    uri = f"file:{server.database}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)) as reader:
        for request in voices.requests(chance, samples, server.token, keyed=True, score=0):
            connection.send(request)
            while not connection.receive(b"201"):
                pass
            posts.append(time.perf_counter() - connection.sent_at)
            match = re.search(rb'"id": ?"([0-9a-f-]{36})"', connection.answer)
            assert match is not None
            key = (UUID(match.group(1).decode()).bytes,)
            end = connection.sent_at + LIMIT
            while reader.execute(_FIND, key).fetchone() is None:
                if time.perf_counter() > end:
                    raise load.LoadError(f"no case after {LIMIT:.0f} seconds")
                time.sleep(0.0001)
            cases.append(time.perf_counter() - connection.sent_at)
            time.sleep(PAUSE)
    connection.socket.close()
    return posts, cases
