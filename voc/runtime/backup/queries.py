"""SELECTs of backup and restore; they hold for every revision of the database."""

from __future__ import annotations

from sqlalchemy import column, func, inspect, select, table, text
from sqlalchemy.orm import Session

TABLES = ("receipt", "feedback", "case", "obligation", "message", "customer", "user")


def counts(session: Session) -> dict[str, int]:
    """Rows of those tables that are there."""
    known = set(inspect(session.connection()).get_table_names())
    return {
        name: session.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in TABLES
        if name in known
    }


def is_empty(session: Session) -> bool:
    """Whether the database holds no table at all."""
    return not inspect(session.connection()).get_table_names()


def revision(session: Session) -> str | None:
    """Where the migrations stand; None when they never ran."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    return session.execute(select(column("version_num")).select_from(table("alembic_version"))).scalar()


def key_check(session: Session) -> str | None:
    """What the key must give; None when the house was never set up."""
    if not inspect(session.connection()).has_table("house"):
        return None
    return session.execute(select(column("key_check")).select_from(table("house"))).scalar()


def export_snapshot(session: Session) -> str:
    """A name under which another PostgreSQL session sees exactly what this transaction sees."""
    return str(session.execute(text("SELECT pg_export_snapshot()")).scalar_one())
