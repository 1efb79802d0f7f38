"""Bulk inserts write exactly what SQLAlchemy would: its own way is the measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from voc.core.ids import new_id
from voc.core.vocabulary import CaseState, Metric, Stance, WorkState
from voc.db import Base, Database
from voc.db.bulk import bulk_insert, encoder
from voc.db.types import Json, Key, Utc, closed, table_of
from voc.model import Counter, Work, metadata

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45))])
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def theirs(kind: Any, value: Any) -> Any:
    """What SQLAlchemy hands to the driver."""
    dialect = sqlite.dialect()
    processor = kind.dialect_impl(dialect).bind_processor(dialect)
    return value if processor is None else processor(value)


def ours(kind: Any, value: Any) -> Any:
    encode = encoder(kind)
    return value if encode is None else encode(value)


@given(INSTANTS | st.none())
def test_instants(value: datetime | None) -> None:
    assert ours(Utc(), value) == theirs(Utc(), value)


@given(PLAIN)
def test_json(value: Any) -> None:
    assert ours(Json, value) == theirs(Json, value)


@pytest.mark.parametrize("kind", [Stance, Metric, CaseState, WorkState])
def test_closed_words(kind: Any) -> None:
    for value in (*kind, None):
        assert ours(closed(kind), value) == theirs(closed(kind), value)


def test_keys_and_naive_times() -> None:
    key = new_id()
    assert ours(Key(), key) == theirs(Key(), key) == key.bytes
    assert ours(Key(), None) is None
    with pytest.raises(ValueError, match="naive"):
        ours(Utc(), datetime(2026, 1, 1))


def row(number: int) -> dict[str, Any]:
    now = datetime(2026, 3, 4, 15, tzinfo=UTC)
    return {
        "id": new_id(),
        "kind": "x",
        "lane": "flow",
        "subject_id": None,
        "data": {"n": number},
        "dedupe": None,
        "state": WorkState.TODO,
        "due_at": now,
        "attempts": 0,
        "worker": None,
        "lease_until": None,
        "error": None,
        "created_at": now,
    }


def test_many_rows_come_back_as_they_went(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'bulk.db'}")
    metadata.create_all(db.engine)
    rows = [row(number) for number in range(1500)]
    with db.writing() as session:
        bulk_insert(session.connection(), table_of(Work), rows[:1400])
        session.execute(insert(table_of(Work)), rows[1400:])
        bulk_insert(session.connection(), table_of(Work), [])
    with db.reading() as session:
        found = {work.id: work.data for work in session.scalars(select(Work))}
    assert found == {item["id"]: item["data"] for item in rows}
    db.close()


def test_a_double_key_is_the_error_everybody_knows(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'double.db'}")
    Base.metadata.create_all(db.engine)
    twice = [{"name": "case", "value": 1}, {"name": "case", "value": 2}]
    with pytest.raises(IntegrityError), db.writing() as session:
        bulk_insert(session.connection(), table_of(Counter), twice)
    with db.reading() as session:
        assert session.scalars(select(Counter)).all() == []
    db.close()
