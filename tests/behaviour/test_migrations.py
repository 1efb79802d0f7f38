"""Migrations: one head, up and down, and afterwards models and database agree, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect

from voc.core.settings import Settings
from voc.db import Database
from voc.db.migrate import current, differences, downgrade, heads, upgrade
from voc.model import metadata
from voc.runtime.instance import HEAD


def test_there_is_one_head_and_the_server_knows_it() -> None:
    assert heads() == [HEAD]


def test_models_and_database_agree(settings: Settings) -> None:
    db = Database(settings.url)
    assert current(db) == HEAD
    assert differences(db, metadata) == []
    db.close()


def test_down_and_up_again(settings: Settings) -> None:
    db = Database(settings.url)
    downgrade(db, metadata, revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade(db, metadata)
    assert current(db) == HEAD
    assert differences(db, metadata) == []
    db.close()


def test_partial_indexes_are_really_partial(settings: Settings) -> None:
    db = Database(settings.url)
    partial = {
        index["name"]
        for table in inspect(db.engine).get_table_names()
        for index in inspect(db.engine).get_indexes(table)
        if index.get("dialect_options", {}).get(f"{db.engine.dialect.name}_where") is not None
    }
    wanted = {
        index.name
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options[db.engine.dialect.name]["where"] is not None
    }
    assert wanted
    assert wanted <= partial
    db.close()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("jobs", "ix_work_todo"),
        ("inbox", "ix_case_attention"),
        ("due", "ix_case_due"),
        ("escalate", "ix_case_escalate"),
        ("mine", "ix_case_owner"),
    ],
)
def test_hot_lists_use_their_index_on_sqlite(sqlite_settings: Settings, statement: str, index: str) -> None:
    """The words of partial indexes must stand in the statement itself; a bound value would scan the table."""
    from datetime import UTC, datetime

    from sqlalchemy import text
    from sqlalchemy.dialects import sqlite

    from voc.cases.queries import cases_to_escalate
    from voc.cases.reading.queries import inbox_page
    from voc.jobs.queries import due_ids
    from voc.security.access import SYSTEM

    db = Database(sqlite_settings.url)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    seen: list[str] = []
    with db.reading() as session:
        from sqlalchemy import event

        @event.listens_for(db.engine, "before_cursor_execute")
        def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
            seen.append(sql)

        if statement == "jobs":
            seen.append(str(due_ids("flow", now, 1).compile(dialect=sqlite.dialect())))
        elif statement == "escalate":
            cases_to_escalate(session, now, 10)
        else:
            inbox_page(
                session,
                queue="mine" if statement == "mine" else "open",
                viewer=SYSTEM,
                now=now,
                order="due" if statement == "due" else "attention",
            )
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN " + seen[-1], tuple("0" * 16 for _ in range(seen[-1].count("?")))
        )
        steps = " | ".join(str(row[3]) for row in plan)
        session.execute(text("SELECT 1"))
    db.close()
    assert index in steps, steps
