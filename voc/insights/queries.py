"""SELECTs behind the rollups: what is raw, what is stored, and what waits to be counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select
from sqlalchemy.orm import Session

from voc.db.types import table_of
from voc.insights.counts import AXES, Axis, Cell, Heard, Place, Row
from voc.insights.days import begin_of, day_of, end_of, hours_of
from voc.model import Analysis, Channel, Feedback, FeedbackPhrase, FeedbackTopic, House, RollupMark, RollupState


def zone(session: Session) -> ZoneInfo:
    """The zone that days are cut in."""
    return ZoneInfo(session.execute(select(House.zone)).scalar_one())


def state(session: Session) -> RollupState | None:
    """Version, zone and rest of the rollups; None before anything was ever counted."""
    return session.scalars(select(RollupState)).first()


def marks(session: Session, limit: int) -> Sequence[RollupMark]:
    """What waits to be counted, oldest first."""
    return session.scalars(select(RollupMark).order_by(RollupMark.id).limit(limit)).all()


def counted() -> ColumnElement[bool]:
    """What belongs into the numbers: feedback that the pipeline has been through."""
    return Feedback.processed_at.is_not(None)


def of_place(place: Place, zone: ZoneInfo) -> ColumnElement[bool]:
    """The feedback of one channel on one local day."""
    begin, end = begin_of(place.day, zone), end_of(place.day, zone)
    return and_(Feedback.channel_id == place.channel_id, Feedback.received_at >= begin, Feedback.received_at < end)


def cube(session: Session, place: Place, zone: ZoneInfo) -> list[Cell]:
    """Everything that counts in a place but its topics, from the raw feedback."""
    hours = hours_of(place.day, zone)
    steps = [(Feedback.received_at < until, hour) for (hour, _), (_, until) in pairwise(hours)]
    # A label of ours, as text: PostgreSQL would not see that two expressions with parameters are the same one.
    hour = case(*steps, else_=hours[-1][0]).label("local_hour")
    rows = session.execute(
        select(hour, Feedback.metric, Feedback.score, Feedback.stance, func.count())
        .where(of_place(place, zone), counted())
        .group_by(literal_column("local_hour"), Feedback.metric, Feedback.score, Feedback.stance)
    )
    return [Cell(*row) for row in rows]


def heard(session: Session, ids: Sequence[UUID]) -> list[Heard]:
    """Where these feedback belong and what was understood of them; ids that are gone are passed over."""
    return _heard(session, Feedback.id.in_(ids))


def heard_at(session: Session, place: Place, zone: ZoneInfo) -> list[Heard]:
    """The same for everything that counts in a place."""
    return _heard(session, and_(of_place(place, zone), counted()))


def _heard(session: Session, condition: ColumnElement[bool]) -> list[Heard]:
    rows = session.execute(
        select(
            Feedback.id,
            Feedback.channel_id,
            Feedback.received_at,
            Feedback.processed_at,
            Analysis.result["opinions"].label("opinions"),
        )
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(condition)
    )
    return [
        Heard(row.id, row.channel_id, row.received_at, (row.opinions or ()) if row.processed_at is not None else None)
        for row in rows
    ]


def stored_topics(session: Session, ids: Sequence[UUID]) -> list[Row]:
    """The rows of these feedback as they stand."""
    return _topics(session, FeedbackTopic.feedback_id.in_(ids))


def stored_topics_at(session: Session, place: Place) -> list[Row]:
    """The rows that stand under a place."""
    return _topics(session, and_(FeedbackTopic.channel_id == place.channel_id, FeedbackTopic.day == place.day))


def _topics(session: Session, condition: ColumnElement[bool]) -> list[Row]:
    columns = table_of(FeedbackTopic).c
    rows = session.execute(select(*(columns[name] for name in Row._fields)).where(condition))
    return [Row(*row) for row in rows]


def topic_counts(session: Session, place: Place) -> dict[tuple[str, str], int]:
    """Feedback of a place by topic and label, from its rows as they stand."""
    rows = session.execute(
        select(FeedbackTopic.topic, FeedbackTopic.label, func.count())
        .where(FeedbackTopic.channel_id == place.channel_id, FeedbackTopic.day == place.day)
        .group_by(FeedbackTopic.topic, FeedbackTopic.label)
    )
    return {(topic, label): n for topic, label, n in rows}


def stored_counts(session: Session, axis: Axis, place: Place) -> dict[tuple[Any, ...], int]:
    """What stands in a rollup for a place."""
    columns = axis.table.c
    rows = session.execute(
        select(*(columns[name] for name in axis.keys), columns.n).where(
            columns.day == place.day, columns.channel_id == place.channel_id
        )
    )
    return {tuple(row[:-1]): row[-1] for row in rows}


def raw_places(session: Session, zone: ZoneInfo) -> Iterator[Place]:
    """Every place with feedback that counts: one step of the index for each."""
    for channel_id in session.scalars(select(Channel.id).order_by(Channel.id)).all():
        after: datetime | None = None
        while True:
            mine = [Feedback.channel_id == channel_id, counted()]
            if after is not None:
                mine.append(Feedback.received_at >= after)
            first = session.execute(select(func.min(Feedback.received_at)).where(*mine)).scalar()
            if first is None:
                break
            day = day_of(first, zone)
            yield Place(day, channel_id)
            after = end_of(day, zone)


def stored_places(session: Session) -> Iterator[Place]:
    """Every place that any rollup knows."""
    for table in (*(axis.table for axis in AXES), table_of(FeedbackTopic), table_of(FeedbackPhrase)):
        for day, channel_id in session.execute(select(table.c.day, table.c.channel_id).distinct()):
            yield Place(day, channel_id)


def places_of(session: Session, ids: Iterable[UUID], zone: ZoneInfo) -> set[Place]:
    """Where these feedback belong."""
    rows = session.execute(select(Feedback.received_at, Feedback.channel_id).where(Feedback.id.in_(list(ids))))
    return {Place(day_of(received_at, zone), channel_id) for received_at, channel_id in rows}


def pending_since(session: Session) -> datetime | None:
    """Since when something waits to be counted."""
    return session.execute(select(RollupMark.created_at).order_by(RollupMark.id).limit(1)).scalar()


def came_in(session: Session, since: date) -> dict[UUID, int]:
    """How much came in through each channel from a day on, as far as it is counted."""
    intake = AXES[0].table.c
    rows = session.execute(
        select(intake.channel_id, func.sum(intake.n).label("n")).where(intake.day >= since).group_by(intake.channel_id)
    )
    return {row.channel_id: int(row.n) for row in rows}
