"""Scenario 8: the newest fifty of a search among a million feedback, against the same page read by its key.

In one process, through the function behind the list of feedback, on SQLite and, where one answers, on PostgreSQL: a
word that a third has, one in a hundred, one that a few have, none, a beginning, and a word with a filter. Each sample
asks every question once.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench import voices
from bench.figures import Figure
from voc.cases.queries import feedback_page
from voc.core.ids import new_id
from voc.core.settings import load as load_settings
from voc.core.vocabulary import Door, Metric, ReceiptState, Stance
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.model import Channel, Feedback, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.search.asked import Asked
from voc.search.facets import Filters
from voc.search.index import Entry, entry, put
from voc.search.syntax import tsvector
from voc.search.words import words

SAMPLES = 40
BATCH = 5000
SERVER = "postgresql://postgres@127.0.0.1:5432"
# Every so many feedback have the word.
MEDIUM, RARE = 100, 50_000
QUESTIONS = {
    "by key": Asked(),
    "common": Asked("tienda"),
    "rare": Asked("inusual"),
    "missing": Asked("inexistente"),
    "one in a hundred": Asked("centesima"),
    "one in a hundred, of detractors": Asked("centesima", Filters(stance=Stance.DETRACTOR)),
    "two words": Asked("tienda centesima"),
    "a beginning": Asked("centes*"),
}
HELD = ("common", "rare", "missing")


def measure(folder: Path, *, many: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """Fill a house on each database and ask it."""
    figures = _one(folder / "sqlite", "", many, rounds, tell)
    with _database() as url:
        if url is None:
            tell("  no PostgreSQL answers at 127.0.0.1:5432: SQLite only")
        else:
            figures += _one(folder / "postgresql", url, many, rounds, tell)
    return figures


@contextlib.contextmanager
def _database() -> Iterator[str | None]:
    """A database of our own on the server beside us; None when there is none."""
    import psycopg

    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    name = f"voc_bench_{uuid4().hex[:12]}"
    with server:
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield f"{SERVER.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]


def _one(folder: Path, url: str, many: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    begin = time.perf_counter()
    settings = load_settings({}, instance=folder, database_url=url) if url else load_settings({}, instance=folder)
    runtime = open_instance(settings, create=True)
    try:
        _fill(runtime, many)
        name = "SQLite" if runtime.db.sqlite else "PostgreSQL"
        tell(f"  {name}: {many:,} filled in {time.perf_counter() - begin:.0f} s")
        times = _times(runtime, rounds)
    finally:
        runtime.close()
    tell("  " + ", ".join(f"{question} {value:.1f}" for question, value in times.items()) + " ms")
    key = times["by key"]
    return [
        Figure(
            f"newest 50 of {many:,}, {question}, {name}",
            times[question] / key,
            "x",
            f"{times[question]:.1f} ms, a page by key {key:.1f} ms",
            target=3.0 if question in HELD else None,
            at_least=False,
        )
        for question in times
        if question != "by key"
    ]


def _times(runtime: Runtime, rounds: int) -> dict[str, float]:
    """Median milliseconds of each question."""
    found: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    for turn in range(rounds * SAMPLES + 3):
        for name, asked in QUESTIONS.items():
            with runtime.db.reading() as session:
                begin = time.perf_counter()
                page = feedback_page(session, asked)
                seconds = time.perf_counter() - begin
            if name in ("by key", "common"):
                assert len(page.rows) == 50, (name, len(page.rows))
            if turn >= 3:
                found[name].append(seconds)
    return {name: statistics.median(values) * 1000 for name, values in found.items()}


def _fill(runtime: Runtime, many: int) -> None:
    """Feedback of half a year, understood, with their entries in the index; written in bulk past the pipeline."""
    chance, now = random.Random(25), runtime.clock()
    vocabulary = [
        f"{chance.choice('bcdfglmnprst')}{''.join(chance.choices('aeiourstlnm', k=7))}" for _ in range(50_000)
    ]
    weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(vocabulary))))
    with runtime.db.writing(patience=60) as session:
        channel_id = session.scalars(select(Channel.id)).first() or new_id()
        receipt_id = _receipt(session, channel_id, now)
    for start in range(0, many, BATCH):
        rows, entries = [], []
        for number in range(start, min(start + BATCH, many)):
            said = f"{voices.text(chance, 'es')} {' '.join(chance.choices(vocabulary, cum_weights=weights, k=6))}"
            said += " centésima" if number % MEDIUM == 7 else ""
            said += " inusual" if number % RARE == 11 else ""
            row = _row(receipt_id, channel_id, said, chance, now - timedelta(days=180) * (1 - number / many))
            rows.append(row)
            entries.append(
                entry(
                    row["id"],
                    words(said),
                    stance=row["stance"],
                    channel_id=channel_id,
                    language="es",
                    received_at=row["received_at"],
                )
            )
        with runtime.db.writing(patience=60, durable=False) as session:
            _write(session, rows, entries)
    with runtime.db.connecting(patience=60) as connection:
        connection.execute(text("ANALYZE"))


def _write(session: Session, rows: list[dict[str, Any]], entries: list[Entry]) -> None:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        bulk_insert(connection, table_of(Feedback), rows)
        put(session, entries)
        return
    raw: Any = connection.connection.dbapi_connection
    columns = [name for name in rows[0] if name != "facts"]
    with raw.cursor() as cursor:
        with cursor.copy(f"COPY feedback ({', '.join(columns)}, facts) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([*(row[name] for name in columns), "{}"])
        with cursor.copy("COPY feedback_search (feedback_id, words) FROM STDIN") as copy:
            for item in entries:
                copy.write_row((item.feedback_id, tsvector(item.words, item.facets)))


def _receipt(session: Session, channel_id: Any, now: datetime) -> Any:
    """One receipt for all: what was received is not looked at here."""
    made = Receipt(
        id=new_id(),
        channel_id=channel_id,
        door=Door.API,
        content_type="application/json",
        headers={},
        body=None,
        received_at=now,
        delivery_id=None,
        tracking_code=None,
        state=ReceiptState.READ,
        reason=None,
    )
    session.add(made)
    return made.id


def _row(receipt_id: Any, channel_id: Any, said: str, chance: random.Random, at: datetime) -> dict[str, Any]:
    score = chance.randrange(11)
    return {
        "id": new_id(),
        "receipt_id": receipt_id,
        "channel_id": channel_id,
        "text": said,
        "metric": Metric.NPS,
        "score": score,
        "language_hint": "es",
        "received_at": at,
        "consent": False,
        "facts": {},
        "processed_at": at,
        "stance": Stance.DETRACTOR if score < 7 else Stance.PASSIVE if score < 9 else Stance.PROMOTER,
        "mixed": False,
    }
