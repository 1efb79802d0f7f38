"""SELECTs of the search: one function over both databases, and what keeping the index needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    TextClause,
    bindparam,
    column,
    exists,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from voc.db import Key, Utc
from voc.model import Analysis, Feedback, Work
from voc.search.facets import Filters, choices
from voc.search.place import place_of
from voc.search.syntax import Query, fts5, tsquery

BACKFILL = "search.backfill"

# The tables of the index belong to the migration alone: their columns differ between the databases.
INDEX = table("feedback_search", column("feedback_id", Key), column("id", Integer))

# PostgreSQL: so many of the newest rows are looked through one by one first. Whoever asks for something common has a
# page of it in there. What was met sometimes is met often enough in a longer walk; anything rarer the index collects
# faster than a list could be read.
FIRST_WALK, LONG_WALK = 2000, 16_000
# How much of a page the first walk must bring to make the long one worth while.
SOMETIMES = 6
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def found(session: Session, query: Query, filters: Filters, *, after: UUID | None, limit: int) -> list[UUID]:
    """Up to `limit` feedback, newest first, that have what is asked for, from `after` on downwards.

    With an empty query the filters alone decide; without either nothing is found. The order is that of the keys, so
    that a page goes on where the last one ended, whatever came in between.
    """
    asked = choices(filters)
    if query.empty and (query.unwanted or not asked):
        return []
    if session.connection().dialect.name == "sqlite":
        return _found_fts5(session, fts5(query, asked), filters, after, limit)
    return _found_tsvector(session, tsquery(query, asked), filters, after, limit)


def _found_fts5(session: Session, asked: str, filters: Filters, after: UUID | None, limit: int) -> list[UUID]:
    """FTS5 reads its lists from the end, so a page costs the same however much is found.

    CROSS JOIN keeps SQLite from turning the joins around.
    """
    conditions, values = ["feedback_fts MATCH :asked"], {"asked": asked, "limit": limit, **_moments(filters)}
    joined = "feedback_fts CROSS JOIN feedback_search s ON s.id = feedback_fts.rowid"
    if filters.timed:
        joined += " CROSS JOIN feedback f ON f.id = s.feedback_id"
        conditions += ["f.received_at >= :since", "f.received_at < :until"]
    if after is not None:
        place = session.scalars(select(INDEX.c.id).where(INDEX.c.feedback_id == after)).first()
        # Gone meanwhile: its place in the order is known all the same.
        conditions.append("feedback_fts.rowid < :place")
        values["place"] = place_of(after) if place is None else place
    statement = text(
        f"SELECT s.feedback_id AS id FROM {joined} WHERE {' AND '.join(conditions)}"  # noqa: S608  words of our own
        " ORDER BY feedback_fts.rowid DESC LIMIT :limit"
    )
    return _ids(session, statement, filters, values)


def _found_tsvector(session: Session, asked: str, filters: Filters, after: UUID | None, limit: int) -> list[UUID]:
    """Several ways, because the planner cannot tell which one is short: left alone it walks the whole list backwards
    for a rare word. First bounded walks over the newest; if they do not fill the page, all that the index finds."""
    values = {"asked": asked, "limit": limit, "after": after, **_moments(filters)}
    below = "WHERE s.feedback_id < :after" if after is not None else ""
    joined, timed = "", ""
    if filters.timed:
        joined = "JOIN feedback f ON f.id = hits.feedback_id"
        timed = "WHERE f.received_at >= :since AND f.received_at < :until"
    walk = f"""
        SELECT hits.feedback_id AS id
        FROM (SELECT s.feedback_id
              FROM (SELECT s.feedback_id, s.words FROM feedback_search s {below}
                    ORDER BY s.feedback_id DESC LIMIT :newest) s
              WHERE s.words @@ CAST(:asked AS tsquery)) hits
        {joined} {timed}
        ORDER BY hits.feedback_id DESC LIMIT :limit"""  # noqa: S608  words of our own
    ids = _ids(session, text(walk), filters, {**values, "newest": FIRST_WALK})
    if max(1, limit // SOMETIMES) <= len(ids) < limit:
        ids = _ids(session, text(walk), filters, {**values, "newest": LONG_WALK})
    if len(ids) == limit:
        return ids
    collect = f"""
        WITH hits AS MATERIALIZED
             (SELECT s.feedback_id FROM feedback_search s WHERE s.words @@ CAST(:asked AS tsquery))
        SELECT hits.feedback_id AS id
        FROM (SELECT s.feedback_id FROM hits s {below}) hits
        {joined} {timed}
        ORDER BY hits.feedback_id DESC LIMIT :limit"""  # noqa: S608  words of our own
    return _ids(session, text(collect), filters, values)


def _moments(filters: Filters) -> dict[str, Any]:
    return {"since": filters.since or _EARLIEST, "until": filters.until or _LATEST} if filters.timed else {}


def _ids(session: Session, statement: TextClause, filters: Filters, values: dict[str, Any]) -> list[UUID]:
    binds: list[BindParameter[Any]] = []
    if filters.timed:
        binds += [bindparam("since", type_=Utc()), bindparam("until", type_=Utc())]
    if ":after" in statement.text:
        binds.append(bindparam("after", type_=Key()))
    used = {name: value for name, value in values.items() if f":{name}" in statement.text}
    rows = session.execute(statement.bindparams(*binds).columns(id=Key()), used)
    return [row.id for row in rows]


def sources(session: Session, ids: Sequence[UUID], *, lock: bool = True) -> Sequence[Row[*tuple[Any, ...]]]:
    """Those of these feedback that were understood, with what the index holds of them; `lock` them when the index is
    going to be written, so that it gets what they are."""
    statement = (
        select(
            Feedback.id,
            Feedback.subject,
            Feedback.text,
            Feedback.stance,
            Feedback.channel_id,
            Feedback.language_hint,
            Feedback.received_at,
            Analysis.language,
        )
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(Feedback.id.in_(ids), Feedback.processed_at.is_not(None), Feedback.stance.is_not(None))
        .order_by(Feedback.id)
    )
    return session.execute(statement.with_for_update(of=Feedback) if lock else statement).all()


def next_ids(session: Session, after: UUID | None, limit: int) -> list[UUID]:
    """The next feedback in the order of the keys, understood or not."""
    statement = select(Feedback.id).order_by(Feedback.id).limit(limit)
    return list(session.scalars(statement.where(Feedback.id > after) if after else statement))


def missing() -> Select[Any]:
    """Feedback that was understood and cannot be found."""
    inside = exists().where(INDEX.c.feedback_id == Feedback.id)
    return select(Feedback.id).where(Feedback.processed_at.is_not(None), Feedback.stance.is_not(None), ~inside)


def superfluous() -> Select[Any]:
    """What is in the index and is no feedback that was understood."""
    understood = exists().where(Feedback.id == INDEX.c.feedback_id, Feedback.processed_at.is_not(None))
    return select(INDEX.c.feedback_id).where(~understood)


def first_of(session: Session, statement: Select[Any], limit: int) -> list[UUID]:
    """The first ids of one of the two statements above."""
    return list(session.scalars(statement.limit(limit)))


def filling() -> ColumnElement[bool]:
    """Whether the index is being filled just now, as a condition."""
    return exists().where(Work.kind == BACKFILL)


def backfilling(session: Session) -> bool:
    """Whether the index is being filled just now."""
    return bool(session.scalar(select(filling())))


def places(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Keys in the index (SQLite) of those of these feedback that are in it."""
    rows = connection.execute(select(INDEX.c.feedback_id, INDEX.c.id).where(INDEX.c.feedback_id.in_(ids)))
    return {row.feedback_id: row.id for row in rows}


def taken(connection: Connection, keys: Sequence[int]) -> set[int]:
    """Which of these keys of the index (SQLite) are in use."""
    return set(connection.execute(select(INDEX.c.id).where(INDEX.c.id.in_(keys))).scalars())


def stale(session: Session, expected: Sequence[tuple[UUID, str, str]]) -> list[UUID]:
    """Which of these (feedback, words, facets) are otherwise in the index; on PostgreSQL `words` is the text of the
    whole tsvector and `facets` is empty."""
    if session.connection().dialect.name == "sqlite":
        rows = session.execute(
            text("SELECT feedback_id, words, facets FROM feedback_search WHERE feedback_id IN :ids")
            .bindparams(bindparam("ids", type_=Key(), expanding=True))
            .columns(feedback_id=Key()),
            {"ids": [feedback_id for feedback_id, _, _ in expected]},
        )
        there = {row.feedback_id: (row.words, row.facets) for row in rows}
        return [key for key, words, facets in expected if there.get(key, (words, facets)) != (words, facets)]
    statement = text(
        "SELECT s.feedback_id FROM feedback_search s JOIN unnest(CAST(:ids AS uuid[]), CAST(:words AS text[]))"
        " AS e (id, words) ON e.id = s.feedback_id WHERE s.words <> CAST(e.words AS tsvector)"
    )
    values = {"ids": [key for key, _, _ in expected], "words": [words for _, words, _ in expected]}
    return list(session.execute(statement, values).scalars())
