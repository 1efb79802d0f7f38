"""The phrases of each feedback: what the raw rows say of them, beside what is kept; written with the other rollups."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.analysis.keyphrases import MADE, keyphrases
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights.counts import Place
from voc.insights.days import day_of
from voc.insights.emerging import queries
from voc.insights.emerging.counting import SaidRow
from voc.model import FeedbackPhrase

TABLE = FeedbackPhrase.__tablename__


@dataclass(slots=True)
class Phrases:
    """`stale`: feedback whose row goes; `fresh`: the rows that come."""

    stale: list[UUID] = field(default_factory=list)
    fresh: list[SaidRow] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        """The feedback that differ."""
        return list(dict.fromkeys([*self.stale, *(row.feedback_id for row in self.fresh)]))


def survey_phrases(session: Session, ids: Sequence[UUID], places: Iterable[Place], zone: ZoneInfo) -> Phrases:
    """What differs between these feedback, and all that stand in these places, and the phrases that are kept. Nothing
    while phrases of another making are kept: everything is about to be marked."""
    state = queries.phrase_state(session)
    if state is None or state.made != MADE:
        return Phrases()
    whole = [place for place in places if place.day >= state.since]
    spoken = {item.feedback_id: item for item in (queries.spoken(session, ids) if ids else ())}
    rows = set(queries.stored(session, ids, state.since)) if ids else set()
    for place in whole:
        spoken.update((item.feedback_id, item) for item in queries.spoken_at(session, place, zone))
        rows.update(queries.stored_at(session, place))
    wanted = {row for item in spoken.values() if (row := row_of(item, zone, state.since)) is not None}
    return Phrases(sorted({row.feedback_id for row in rows - wanted}), sorted(wanted - rows))


def row_of(item: queries.Spoken, zone: ZoneInfo, since: date) -> SaidRow | None:
    """The row of a feedback; None where nothing is kept of it."""
    if not item.counts or not item.text or item.language is None:
        return None
    day = day_of(item.received_at, zone)
    if day < since:
        return None
    name = (item.author or {}).get("name")
    phrases = keyphrases(item.text, item.language, name=name if isinstance(name, str) else None)
    if not phrases:
        return None
    return SaidRow(item.feedback_id, day, item.channel_id, item.language, item.person, item.unhappy, "\n".join(phrases))


def write_phrases(session: Session, found: Phrases, ids: Collection[UUID]) -> None:
    """Put right the rows of these feedback."""
    if not ids:
        return
    session.execute(
        delete(FeedbackPhrase).where(FeedbackPhrase.feedback_id.in_(ids)).execution_options(synchronize_session=False)
    )
    rows = [row._asdict() for row in found.fresh if row.feedback_id in ids]
    bulk_insert(session.connection(), table_of(FeedbackPhrase), rows)
