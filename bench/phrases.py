"""What keeping phrases costs: spelling them out beside the other rollups, and counting thirteen weeks of them.

In one process on a filled house. The same marks are worked off without phrases and with them, in turns; then everything
that is kept is counted from the beginning, as the worker does every few minutes when something changed. The load has
few different sentences, so that nearly every phrase is kept: the worst case for the table.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select

from bench import years
from bench.figures import Figure
from voc.core.settings import load as load_settings
from voc.insights.emerging.keeping import begin, keep_phrases, survey_counts
from voc.insights.emerging.queries import said
from voc.insights.marks import touch
from voc.insights.rollups import work_off
from voc.insights.survey import snapshot
from voc.model import Feedback, FeedbackPhrase, PhraseState
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

BATCH = 1000


def measure(folder: Path, *, many: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """Fill a house and count it in both ways."""
    years.fill(folder / "house", many)
    runtime = open_instance(load_settings({}, instance=folder / "house"), create=False, with_plugins=False)
    try:
        return _figures(runtime, rounds, tell)
    finally:
        runtime.close()


def _figures(runtime: Runtime, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    with runtime.db.reading() as session:
        newest = select(Feedback.id).where(Feedback.text.is_not(None)).order_by(Feedback.received_at.desc())
        ids = list(session.scalars(newest.limit(BATCH)))
    bare, spelled = [], []
    for _ in range(rounds):
        _forget(runtime)
        bare.append(_marks(runtime, ids))
        begin(runtime, runtime.clock())
        work_off(runtime)
        _forget(runtime, state=False)
        spelled.append(_marks(runtime, ids))
    _forget(runtime)
    begin(runtime, runtime.clock())
    work_off(runtime)
    first = _timed(lambda: keep_phrases(runtime, runtime.clock()))
    again = statistics.median(_timed(lambda: survey_counts(runtime.db, runtime.clock())) for _ in range(rounds))
    peak, rows = _peak(runtime), _rows(runtime)
    per = 1000 * (statistics.median(spelled) - statistics.median(bare))
    tell(f"  {rows} feedback with phrases; first count {first:.2f} s, again {again:.2f} s, {peak:.0f} MB at most")
    ratio = statistics.median(spelled) / statistics.median(bare)
    detail = f"{per:.0f} ms for 1,000 feedback, in the worker, beside {1000 * statistics.median(bare):.0f} ms"
    return [
        Figure("rollups with phrases / without", ratio, "x", detail),
        Figure("counting phrases, 1,000 feedback", 1e6 * again / rows, "ms", f"{again:.2f} s for {rows:,}"),
        Figure("  its memory", peak, "MB", "at most, beyond what was there", 60, at_least=False),
    ]


def _forget(runtime: Runtime, *, state: bool = True) -> None:
    with runtime.db.writing() as session:
        session.execute(delete(FeedbackPhrase))
        if state:
            session.execute(delete(PhraseState))


def _marks(runtime: Runtime, ids: list[UUID]) -> float:
    with runtime.db.writing() as session:
        touch(session, ids, now=runtime.clock())
    return _timed(lambda: work_off(runtime))


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _peak(runtime: Runtime) -> float:
    tracemalloc.start()
    survey_counts(runtime.db, runtime.clock())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def _rows(runtime: Runtime) -> int:
    with snapshot(runtime.db) as session:
        state = session.scalars(select(PhraseState)).one()
        return sum(1 for _ in said(session, state.since))
