"""SELECTs behind phrases: what feedback says, what is kept of it, what is counted, and what was found."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import Stance
from voc.db.types import table_of
from voc.insights.counts import Place
from voc.insights.emerging.counting import CellKey, Counts, SaidRow
from voc.insights.emerging.views import Example
from voc.insights.queries import of_place
from voc.model import Analysis, Channel, Emerging, Feedback, FeedbackPhrase, House, PhraseState, RollupPhrase

_PAGE = 2000


class Spoken(NamedTuple):
    """What phrases are made of; `language` None and `text` None where nothing can be."""

    feedback_id: UUID
    channel_id: UUID
    received_at: datetime
    text: str | None
    language: str | None
    author: dict[str, object] | None
    person: UUID
    unhappy: bool
    counts: bool


def phrase_state(session: Session) -> PhraseState | None:
    """Since when phrases are kept; None before anybody began."""
    return session.scalars(select(PhraseState)).first()


def spoken(session: Session, ids: Sequence[UUID]) -> list[Spoken]:
    """The words of these feedback; ids that are gone are passed over."""
    return _spoken(session, Feedback.id.in_(ids))


def spoken_at(session: Session, place: Place, zone: ZoneInfo) -> list[Spoken]:
    """The same for everything that counts in a place."""
    return _spoken(session, and_(of_place(place, zone), Feedback.processed_at.is_not(None)))


def _spoken(session: Session, condition: ColumnElement[bool]) -> list[Spoken]:
    rows = session.execute(
        select(
            Feedback.id,
            Feedback.channel_id,
            Feedback.received_at,
            Feedback.text,
            func.coalesce(Analysis.language, Feedback.language_hint).label("language"),
            Feedback.author,
            Feedback.customer_id,
            Feedback.contact_point_id,
            Feedback.stance,
            Feedback.processed_at,
        )
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(condition)
    )
    return [
        Spoken(
            row.id,
            row.channel_id,
            row.received_at,
            row.text,
            row.language,
            row.author,
            row.customer_id or row.contact_point_id or row.id,
            row.stance is Stance.DETRACTOR,
            row.processed_at is not None,
        )
        for row in rows
    ]


def stored(session: Session, ids: Sequence[UUID], since: date) -> list[SaidRow]:
    """The rows of these feedback as they stand."""
    return list(_said(session, and_(FeedbackPhrase.feedback_id.in_(ids), FeedbackPhrase.day >= since)))


def stored_at(session: Session, place: Place) -> list[SaidRow]:
    """The rows that stand under a place."""
    mine = and_(FeedbackPhrase.day == place.day, FeedbackPhrase.channel_id == place.channel_id)
    return list(_said(session, mine))


def said(session: Session, since: date) -> Iterator[SaidRow]:
    """Every row from a day on, in the order of days and ids, a page of them at a time."""
    return _said(session, FeedbackPhrase.day >= since)


def _said(session: Session, condition: ColumnElement[bool]) -> Iterator[SaidRow]:
    columns = table_of(FeedbackPhrase).c
    statement = (
        select(*(columns[name] for name in SaidRow._fields))
        .where(condition)
        .order_by(columns.day, columns.feedback_id)
        .execution_options(yield_per=_PAGE)
    )
    for row in session.execute(statement):
        yield SaidRow(*row)


def outdated(session: Session, since: date, limit: int) -> Sequence[UUID]:
    """Feedback whose phrases are older than what is kept."""
    return session.scalars(select(FeedbackPhrase.feedback_id).where(FeedbackPhrase.day < since).limit(limit)).all()


def stored_counts(session: Session) -> Counts:
    """The whole rollup as it stands."""
    columns = table_of(RollupPhrase).c
    rows = session.execute(select(*(columns[name] for name in CellKey._fields), columns.n, columns.unhappy))
    return {CellKey(*row[:4]): (row[4], row[5]) for row in rows}


def names(session: Session) -> list[str]:
    """What the house and its channels are called."""
    house = session.execute(select(House.name, House.short_name)).one()
    channels = session.execute(select(Channel.name, Channel.slug))
    return [name for row in (house, *channels) for name in row if name]


def looks(session: Session, first: date, last: date) -> Sequence[Emerging]:
    """What was found on the days from `first` to `last`, the newest first."""
    return session.scalars(
        select(Emerging).where(Emerging.day >= first, Emerging.day <= last).order_by(Emerging.day.desc())
    ).all()


def series(
    session: Session, keys: Collection[tuple[str, str]], first: date, last: date
) -> dict[tuple[str, str], dict[date, int]]:
    """How many people said these (language, phrase) by day; one statement."""
    found: dict[tuple[str, str], dict[date, int]] = {key: {} for key in keys}
    rows = session.execute(
        select(RollupPhrase.language, RollupPhrase.phrase, RollupPhrase.day, func.sum(RollupPhrase.n))
        .where(
            RollupPhrase.language.in_({language for language, _ in keys}),
            RollupPhrase.phrase.in_({phrase for _, phrase in keys}),
            RollupPhrase.day >= first,
            RollupPhrase.day <= last,
        )
        .group_by(RollupPhrase.language, RollupPhrase.phrase, RollupPhrase.day)
    )
    for language, phrase, day, n in rows:
        if (language, phrase) in found:
            found[language, phrase][day] = int(n)
    return found


def examples(session: Session, ids: Collection[UUID]) -> dict[UUID, Example]:
    """The words of these feedback, of those that still have any."""
    rows = session.execute(
        select(Feedback.id, Feedback.text, Analysis.language, Feedback.received_at, Channel.name)
        .join(Channel, Channel.id == Feedback.channel_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(Feedback.id.in_(ids), Feedback.text.is_not(None))
    )
    return {
        row.id: Example(row.id, row.text, row.language, row.received_at, row.name)
        for row in rows
        if row.text is not None and row.text.strip()
    }


def door_names(session: Session) -> dict[UUID, str]:
    """Every channel's name."""
    return {row.id: row.name for row in session.execute(select(Channel.id, Channel.name))}
