"""Scenario 6: the Morning page after ten thousand feedback and after a million, and its numbers from the rollups
against the same numbers asked of the raw rows.

Both houses serve at the same time, without workers; each sample asks one page of each of them. The raw statements run
in this process, in turn with those of the page, on the large house, with whatever indexes there are; their answers are
compared first.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import inbox, load, serving, years
from bench.figures import Figure
from voc.core.settings import load as load_settings
from voc.insights import queries as insights
from voc.insights.days import begin_of, day_of, end_of
from voc.insights.morning import queries
from voc.insights.morning.views import Window
from voc.runtime.instance import open_instance

SAMPLES = 12
PAGES = {"28 days": "/insights", "90 days": "/insights?days=90"}
FULL = 1_000_000
# The period whose numbers are compared, the longest there is.
PERIOD = 90

_BETWEEN = "f.processed_at IS NOT NULL AND f.received_at >= :before AND f.received_at < :end"
RAW = {
    "scores": f"""SELECT f.received_at >= :start, f.metric, f.score, count(*) FROM feedback f
        WHERE {_BETWEEN} AND f.metric IS NOT NULL GROUP BY 1, 2, 3""",
    "stances": f"SELECT f.received_at >= :start, f.stance, count(*) FROM feedback f WHERE {_BETWEEN} GROUP BY 1, 2",
    "topics": f"""SELECT f.received_at >= :start, o.value ->> 'topic', o.value ->> 'label', count(DISTINCT f.id)
        FROM feedback f JOIN analysis a ON a.id = f.analysis_id, json_each(a.result, '$.opinions') o
        WHERE {_BETWEEN} GROUP BY 1, 2, 3""",
}


def measure(folder: Path, *, few: int, many: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """Fill both houses, ask for pages in turn, then for the numbers behind them."""
    small, large = folder / "small", folder / "large"
    begin = time.perf_counter()
    years.fill(small, few)
    years.fill(large, many)
    tell(f"  filled in {time.perf_counter() - begin:.0f} s")
    times = _pages(small, large, rounds)
    tell("  " + ", ".join(f"{name} {value:.1f}" for name, value in times.items()) + " ms")
    rolled, raw = _numbers(large)
    tell("  " + ", ".join(f"{name} {rolled[name]:.2f} / {raw[name]:.0f}" for name in RAW) + " ms from rollups / raw")
    return _figures(times, rolled, raw, few, many)


def _pages(small: Path, large: Path, rounds: int) -> dict[str, float]:
    """Median milliseconds of each page of each house."""
    with ExitStack() as stack:
        houses = {
            "small": stack.enter_context(serving.voc(small, worker=False)),
            "large": stack.enter_context(serving.voc(large, worker=False)),
        }
        requests = {
            f"{period} {size}": (size, load.get(path, {"Cookie": cookie}))
            for size, cookie in {name: inbox._sign_in(house) for name, house in houses.items()}.items()
            for period, path in PAGES.items()
        }
        connections = {name: load.Connection(house.port) for name, house in houses.items()}
        found: dict[str, list[float]] = {name: [] for name in requests}
        for turn in range(rounds * SAMPLES + 5):
            for name, (size, request) in requests.items():
                connections[size].send(request)
                while not connections[size].receive(b"200"):
                    pass
                if turn >= 5:
                    found[name].append(time.perf_counter() - connections[size].sent_at)
        for connection in connections.values():
            connection.socket.close()
    return {name: statistics.median(values) * 1000 for name, values in found.items()}


def _numbers(folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Milliseconds of each axis for the longest period, from the rollups (median) and raw (the better of two)."""
    runtime = open_instance(load_settings({}, instance=folder), create=False, with_plugins=False)
    try:
        with runtime.db.reading() as session:
            zone = insights.zone(session)
            window = Window(day_of(runtime.clock(), zone), PERIOD)
            edges = {
                "before": _instant(begin_of(window.before, zone)),
                "start": _instant(begin_of(window.start, zone)),
                "end": _instant(end_of(window.today, zone)),
            }
            asked: dict[str, Callable[[Session, Window, UUID | None], Any]] = {
                "scores": queries.scores,
                "stances": queries.stances,
                "topics": queries.topics,
            }
            raw = {name: min(_timed(partial(_raw, session, name, edges)) for _ in range(2)) for name in RAW}
            _compare(session, window, edges)
            rolled = {
                name: statistics.median(_timed(partial(ask, session, window, None)) for _ in range(15))
                for name, ask in asked.items()
            }
        return rolled, raw
    finally:
        runtime.close()


def _instant(at: datetime) -> str:
    """A moment as SQLite keeps it."""
    return at.isoformat(" ", "microseconds")[:26]


def _raw(session: Session, name: str, edges: dict[str, str]) -> list[Any]:
    return list(session.execute(text(RAW[name]), edges).all())


def _compare(session: Session, window: Window, edges: dict[str, str]) -> None:
    """Both ways give the same answers; raises AssertionError."""
    scores = {(bool(now), metric, score): n for now, metric, score, n in _raw(session, "scores", edges)}
    rolled = queries.scores(session, window, None)
    assert scores == {(now, m.value, s): n for (now, m), counts in rolled.items() for s, n in counts.items()}
    stances = {(bool(now), stance): n for now, stance, n in _raw(session, "stances", edges)}
    assert stances == {(now, stance.value): n for (now, stance), n in queries.stances(session, window, None).items()}


def _timed(act: Callable[[], object]) -> float:
    """Milliseconds of one go."""
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def _figures(
    times: dict[str, float], rolled: dict[str, float], raw: dict[str, float], few: int, many: int
) -> list[Figure]:
    full = many >= FULL
    pages = [
        Figure(
            f"Morning, {period}, at {many:,} / {few:,}",
            times[f"{period} large"] / times[f"{period} small"],
            "x",
            f"{times[f'{period} large']:.1f} ms, {times[f'{period} small']:.1f} ms",
            target=1.5,
            at_least=False,
        )
        for period in PAGES
    ]
    whole = sum(raw.values()) / sum(rolled.values())
    detail = (
        f"{sum(rolled.values()):.1f} ms, raw {sum(raw.values()) / 1000:.1f} s; {PERIOD} days and the {PERIOD} before"
    )
    numbers = [Figure("  its numbers: raw query / rollups", whole, "x", detail, target=200 if full else None)]
    numbers += [
        Figure(f"    {name} alone", raw[name] / rolled[name], "x", f"{rolled[name]:.2f} ms, {raw[name]:.0f} ms")
        for name in RAW
    ]
    return [*pages, *numbers]
