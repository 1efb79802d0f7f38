"""Keeping phrases counted: which days are kept, the rollup, and what stands out of it, in the worker every few minutes.

The phrases of each feedback are kept with the other rollups, from the same marks. Here they are counted: everything
that is read is of one snapshot, what differs is written in short transactions, and the last of them says of which
version the counts are. Killed in between, or beside another one, it is done again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import delete, tuple_, update
from sqlalchemy.orm import Session

from voc.analysis.keyphrases import MADE
from voc.core.clock import Clock
from voc.db import Database
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights import queries as rollups
from voc.insights.days import day_of
from voc.insights.emerging import queries
from voc.insights.emerging.counting import CellKey, Counts, count
from voc.insights.emerging.finding import Found, findings
from voc.insights.emerging.names import words_of
from voc.insights.marks import touch_places
from voc.insights.survey import my_turn, snapshot
from voc.model import Emerging, FeedbackPhrase, PhraseState, RollupPhrase

log = logging.getLogger(__name__)

# Thirteen weeks are kept, the days of the last four are looked at.
KEPT = 91
LOOKED_AT = 28
# How much is written in one transaction: while it lasts nobody else is written.
CHUNK = 1000
# Counting takes at most a twentieth of the worker's time.
REST = 19
WORTH_RESTING = timedelta(seconds=1)
TABLE = RollupPhrase.__tablename__


class Context(Protocol):
    """What counting needs of the runtime."""

    db: Database

    @property
    def clock(self) -> Clock:
        """What time it is."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in one snapshot, beside what stands: as of that version of the rollups and that local day.
    `is_newest`: what stands should be the same."""

    turn: int
    version: int
    day: date
    is_newest: bool
    wanted: Counts
    stored: Counts
    found: Found

    @property
    def differing(self) -> list[CellKey]:
        """The places whose counts differ."""
        keys = self.wanted.keys() | self.stored.keys()
        return sorted(key for key in keys if self.wanted.get(key) != self.stored.get(key))


def keep_phrases(context: Context, now: datetime) -> bool:
    """See that the right days are kept, and count again if anything changed since, or a day began; whether that was
    done."""
    begin(context, now)
    return count_phrases(context, now)


def count_phrases(context: Context, now: datetime, *, rested: bool = False) -> bool:
    """The same without looking at the days that are kept; with `rested` whatever rest is due."""
    with context.db.reading() as session:
        state, whole = queries.phrase_state(session), rollups.state(session)
        if state is None or whole is None:
            return False
        today = day_of(now, rollups.zone(session))
        resting = state.rest_until is not None and now < state.rest_until and not rested
        if resting or (state.counted, state.counted_day) == (whole.version, today):
            return False
    began = context.clock()
    counted = survey_counts(context.db, now)
    done = counted is not None and store_counts(context.db, counted, now=now)
    end = context.clock()
    if end - began >= WORTH_RESTING:
        with context.db.writing(patience=30, durable=False) as session:
            session.execute(update(PhraseState).values(rest_until=end + REST * (end - began)))
    return done


def begin(context: Context, now: datetime) -> None:
    """See that the right days are kept: those of the last weeks, all of them made by the present extraction."""
    with context.db.reading() as session:
        state, whole = queries.phrase_state(session), rollups.state(session)
        zone = rollups.zone(session)
        since = day_of(now, zone) - timedelta(days=KEPT - 1)
        fresh = state is None or state.made != MADE
        places = {place for place in rollups.raw_places(session, zone) if place.day >= since} if fresh else set()
        old = queries.outdated(session, since, CHUNK)
    if whole is not None and (state is None or state.made != MADE or state.since != since):
        with context.db.writing(patience=30, durable=False) as session:
            # Whoever looked at the days that were kept before must look again.
            if not my_turn(session, whole.version):
                return
            _set_days(session, state, since)
            touch_places(session, places, now=now)
    while old:
        with context.db.writing(patience=30, durable=False) as session:
            session.execute(
                delete(FeedbackPhrase)
                .where(FeedbackPhrase.feedback_id.in_(old))
                .execution_options(synchronize_session=False)
            )
        with context.db.reading() as session:
            old = queries.outdated(session, since, CHUNK)


def _set_days(session: Session, state: PhraseState | None, since: date) -> None:
    if state is None:
        row = {"id": 1, "since": since, "made": MADE, "counted": None, "counted_day": None, "turn": 0}
        bulk_insert(session.connection(), table_of(PhraseState), [{**row, "rest_until": None}])
    else:
        session.execute(update(PhraseState).values(since=since, made=MADE))


def survey_counts(db: Database, now: datetime) -> Counted | None:
    """Count everything in one snapshot; None before anything is kept."""
    with snapshot(db) as session:
        state, whole = queries.phrase_state(session), rollups.state(session)
        if state is None or whole is None:
            return None
        wanted = count(partial(queries.said, session, state.since), state.since)
        today = day_of(now, rollups.zone(session))
        names = [words_of(name) for name in queries.names(session)]
        found = findings(wanted, state.since, today, names, partial(queries.said, session), most=LOOKED_AT)
        is_newest = (state.counted, state.counted_day) == (whole.version, today)
        return Counted(state.turn, whole.version, today, is_newest, wanted, queries.stored_counts(session), found)


def store_counts(db: Database, counted: Counted, *, now: datetime) -> bool:
    """Write what differs, and what was found with the last of it; False when somebody else counted since."""
    differing = counted.differing
    chunks = [differing[start : start + CHUNK] for start in range(0, len(differing), CHUNK)] or [[]]
    for number, chunk in enumerate(chunks):
        with db.writing(patience=30, durable=False) as session:
            if not _taken(session, counted.turn + number):
                log.info("somebody else counted the phrases meanwhile")
                return False
            _write(session, chunk, counted.wanted)
            if number == len(chunks) - 1:
                _write_found(session, counted.found, now)
                session.execute(update(PhraseState).values(counted=counted.version, counted_day=counted.day))
    return True


def _taken(session: Session, turn: int) -> bool:
    taken = session.execute(
        update(PhraseState)
        .where(PhraseState.turn == turn)
        .values(turn=turn + 1)
        .returning(PhraseState.turn)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _write(session: Session, keys: list[CellKey], wanted: Counts) -> None:
    if not keys:
        return
    columns = table_of(RollupPhrase).c
    place = tuple_(columns.day, columns.channel_id, columns.language, columns.phrase)
    session.execute(delete(table_of(RollupPhrase)).where(place.in_([tuple(key) for key in keys])))
    rows = [{**key._asdict(), "n": wanted[key][0], "unhappy": wanted[key][1]} for key in keys if key in wanted]
    bulk_insert(session.connection(), table_of(RollupPhrase), rows)


def _write_found(session: Session, found: Found, now: datetime) -> None:
    rows = [
        {"day": day, "tested": tested, "findings": [item.to_dict() for item in items], "counted_at": now}
        for day, (tested, items) in found.items()
    ]
    session.execute(delete(Emerging).where(Emerging.day.in_(list(found))).execution_options(synchronize_session=False))
    bulk_insert(session.connection(), table_of(Emerging), rows)
