"""Houses with half a year behind them: a thousand feedback come in as always, the others are their twins, made by the
database in bulk, spread over all days and channels. What is open stays the same, however much there is: it is the
house of a team that keeps up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bench import voices
from voc.api import incoming
from voc.core.ids import new_id, random_key
from voc.core.settings import load as load_settings
from voc.core.vocabulary import SCALES, Door, Metric
from voc.insights.rollups import roll_up
from voc.intake.incoming import Incoming
from voc.jobs.engine import Engine
from voc.model import Channel
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

FIRST = 1000
DAYS = 180
CHANNELS = 3
# How many of ten feedback carry which score.
_ASKED = (*[Metric.NPS] * 6, *[Metric.CSAT] * 2, Metric.CES, Metric.STARS)
# What is copied, by table: the column that says which feedback a row belongs to, and the columns with ids that follow.
_COPIED = {"feedback": ("id", ("id", "analysis_id")), "analysis": ("feedback_id", ("id", "feedback_id"))}
_EMPTY = {"case_id", "customer_id", "contact_point_id"}


def fill(folder: Path, feedback: int) -> None:
    """Make an instance with `feedback` feedback (whole thousands) and everything counted."""
    runtime = open_instance(load_settings({}, instance=folder), create=True)
    try:
        with runtime.db.writing() as session:
            channels = [_channel(session, number, runtime.clock()) for number in range(CHANNELS)]
        _first(runtime, channels)
        _twins(folder / "voc.db", feedback // FIRST - 1, runtime.clock())
        roll_up(runtime, runtime.clock())
    finally:
        runtime.close()


def _channel(session: Session, number: int, now: datetime) -> Channel:
    made = Channel(
        id=new_id(),
        kind="api",
        name=f"Channel {number}",
        slug=f"channel-{number}",
        key=random_key(),
        options={},
        secrets=None,
        form=None,
        created_at=now,
    )
    session.add(made)
    return made


def _first(runtime: Runtime, channels: list[Channel]) -> None:
    chance, now = random.Random(23), runtime.clock()
    for _ in range(FIRST):
        said = voices.feedback(chance)
        metric = chance.choice(_ASKED)
        if metric is not Metric.NPS:
            said |= {"metric": metric.value, "score": chance.randint(*SCALES[metric])}
        body = json.dumps(said).encode()
        values, errors = incoming.read(said, slug="", now=now)
        assert not errors
        runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=chance.choice(channels).id,
                content_type="application/json",
                body=body,
                received_at=now - timedelta(seconds=chance.uniform(0, DAYS * 86400)),
                content_hash=hashlib.sha256(body).digest(),
                feedback=incoming.columns(values),
            )
        )
    Engine(runtime, worker="bench").drain("flow")


def _twins(file: Path, times: int, now: datetime) -> None:
    """Every feedback with its analysis `times` times more, oldest first: the twins of each round share a stretch of
    time, and their ids rise with it, as those of a real house do."""
    begin, stretch = now - timedelta(days=DAYS), timedelta(days=DAYS) / max(times, 1)

    def at(key: bytes, number: int) -> datetime:
        """When the twin of a feedback was received."""
        return begin + stretch * (number - 1 + int.from_bytes(key[8:11]) / 2**24)

    def twin(key: bytes | None, feedback: bytes, number: int) -> bytes | None:
        """The id of a twin: the moment of its feedback, then the bits of the first one, the last two told apart."""
        if key is None:
            return None
        last = (int.from_bytes(key[14:]) + number) % 65536
        return int(at(feedback, number).timestamp() * 1000).to_bytes(6) + key[6:14] + last.to_bytes(2)

    def moment(key: bytes, number: int) -> str:
        return at(key, number).isoformat(" ", "microseconds")[:26]

    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.create_function("twin", 3, twin, deterministic=True)
        connection.create_function("moment", 2, moment, deterministic=True)
        connection.execute("PRAGMA cache_size=-400000")
        connection.execute("BEGIN IMMEDIATE")
        for table, (owner, keys) in _COPIED.items():
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            values = ", ".join(_value(column, owner, keys) for column in columns)
            connection.execute(f'CREATE TEMP TABLE first AS SELECT * FROM "{table}"')
            for number in range(1, times + 1):
                connection.execute(f'INSERT INTO "{table}" SELECT {values} FROM first', {"k": number})
            connection.execute("DROP TABLE first")
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


def _value(column: str, owner: str, keys: tuple[str, ...]) -> str:
    """What the twin has in this column; `:k` says which twin it is."""
    if column in keys:
        return f"twin({column}, {owner}, :k)"
    if column in _EMPTY:
        return "NULL"
    return "moment(id, :k)" if column == "received_at" else f'"{column}"'
