"""Surveying: what the raw rows say of some places, beside what stands in the rollups; and putting that right.

Surveying only reads. What it found is written under the version it saw: if anybody else wrote in between, it is
thrown away and surveyed anew, so that an old count never replaces a newer one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from voc.db import Database
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights import queries
from voc.insights.counts import AXES, TOPIC, Counts, Place, Row, differing, from_cube, topic_rows
from voc.insights.days import day_of
from voc.insights.emerging.rows import TABLE as PHRASES
from voc.insights.emerging.rows import Phrases, survey_phrases, write_phrases
from voc.model import FeedbackTopic, RollupMark, RollupState

# How many feedback may have their topics and phrases written in one transaction: while it lasts nobody else is written.
CHUNK = 1000
TOPICS = FeedbackTopic.__tablename__


@contextmanager
def snapshot(db: Database) -> Iterator[Session]:
    """A reading session whose statements all see the same moment. SQLite gives that by itself."""
    with db.reading() as session:
        if not db.sqlite:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield session


@dataclass(slots=True)
class Survey:
    """What was found. `stale`: feedback whose topic rows go; `fresh`: the rows that come in their place."""

    wanted: dict[Place, Counts] = field(default_factory=dict)
    stored: dict[Place, Counts] = field(default_factory=dict)
    stale: list[UUID] = field(default_factory=list)
    fresh: list[Row] = field(default_factory=list)
    topics: int = 0
    phrases: Phrases = field(default_factory=Phrases)

    def differences(self) -> dict[str, int]:
        """Rows that differ, by table."""
        found = {
            axis.name: sum(
                differing(self.wanted[place][axis.name], self.stored[place][axis.name]) for place in self.wanted
            )
            for axis in AXES
        }
        return {**found, TOPICS: self.topics, PHRASES: len(self.phrases.ids)}


def survey(session: Session, ids: Sequence[UUID], places: Iterable[Place], zone: ZoneInfo) -> Survey:
    """Look at these feedback and the places they belong to, and at `places` as a whole; all in one snapshot."""
    found = Survey()
    whole = set(places)
    heard = queries.heard(session, ids) if ids else []
    rows = set(queries.stored_topics(session, ids)) if ids else set()
    for place in whole:
        heard += queries.heard_at(session, place, zone)
        rows.update(queries.stored_topics_at(session, place))
    unique = {item.id: item for item in heard}
    wanted = {row for item in unique.values() for row in topic_rows(item, day_of(item.received_at, zone))}
    _topics(found, wanted, rows)
    around = {Place(day_of(item.received_at, zone), item.channel_id) for item in unique.values()}
    coming, going = wanted - rows, rows - wanted
    moved = {Place(row.day, row.channel_id) for row in coming | going}
    for place in whole | around | moved:
        _counts(session, found, place, zone, coming, going)
    found.phrases = survey_phrases(session, ids, whole, zone)
    return found


def _topics(found: Survey, wanted: set[Row], rows: set[Row]) -> None:
    """Which topic rows go and which come: a feedback with any difference gets all of its rows anew."""
    keys = {(row.feedback_id, row.topic) for row in wanted ^ rows}
    changed = {feedback_id for feedback_id, _ in keys}
    found.topics = len(keys)
    found.stale = sorted({row.feedback_id for row in rows} & changed)
    found.fresh = sorted(row for row in wanted if row.feedback_id in changed)


def _counts(session: Session, found: Survey, place: Place, zone: ZoneInfo, coming: set[Row], going: set[Row]) -> None:
    wanted = from_cube(queries.cube(session, place, zone))
    topics: Counter[tuple[Any, ...]] = Counter(queries.topic_counts(session, place))
    topics.update((row.topic, row.label) for row in coming if (row.day, row.channel_id) == place)
    topics.subtract((row.topic, row.label) for row in going if (row.day, row.channel_id) == place)
    wanted[TOPIC.name] = +topics
    found.wanted[place] = wanted
    found.stored[place] = {axis.name: Counter(queries.stored_counts(session, axis, place)) for axis in AXES}


def store(db: Database, found: Survey, *, version: int, done: Sequence[UUID] = ()) -> bool:
    """Write what was found and take away the marks in `done`; False when somebody else wrote since `version`.

    Many of them are written in several transactions: the marks go with the last, so that a death in between costs only
    the work.
    """
    topical, spoken = {*found.stale, *(row.feedback_id for row in found.fresh)}, set(found.phrases.ids)
    ids = sorted(topical | spoken)
    chunks = [set(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK)] or [set()]
    for number, chunk in enumerate(chunks):
        with db.writing(patience=30, durable=False) as session:
            if not my_turn(session, version + number):
                return False
            _write_topics(session, chunk & topical, [row for row in found.fresh if row.feedback_id in chunk])
            write_phrases(session, found.phrases, chunk & spoken)
            if number == len(chunks) - 1:
                _write_counts(session, found)
                session.execute(
                    delete(RollupMark).where(RollupMark.id.in_(done)).execution_options(synchronize_session=False)
                )
    return True


def my_turn(session: Session, version: int) -> bool:
    """Take the next version of the rollups; False when somebody else did."""
    taken = session.execute(
        update(RollupState)
        .where(RollupState.version == version)
        .values(version=version + 1)
        .returning(RollupState.version)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _write_topics(session: Session, ids: set[UUID], rows: Sequence[Row]) -> None:
    if not ids:
        return
    session.execute(
        delete(FeedbackTopic).where(FeedbackTopic.feedback_id.in_(ids)).execution_options(synchronize_session=False)
    )
    bulk_insert(session.connection(), table_of(FeedbackTopic), [row._asdict() for row in rows])


def _write_counts(session: Session, found: Survey) -> None:
    """The days whose counts differ are written anew, axis by axis."""
    connection = session.connection()
    for axis in AXES:
        changed = [place for place in found.wanted if found.wanted[place][axis.name] != found.stored[place][axis.name]]
        table = axis.table
        for place in changed:
            connection.execute(delete(table).where(table.c.day == place.day, table.c.channel_id == place.channel_id))
        rows = [
            {**place._asdict(), **dict(zip(axis.keys, key, strict=True)), "n": n}
            for place in changed
            for key, n in found.wanted[place][axis.name].items()
        ]
        bulk_insert(connection, table, rows)
