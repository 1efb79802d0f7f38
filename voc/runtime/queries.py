"""SELECTs of the runtime."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.model import House


def house(session: Session) -> House | None:
    """The house, None before the first start."""
    return session.get(House, 1)


def demo_progress(session: Session) -> tuple[int, int] | None:
    """(done, all) while the demo is being filled in, else None."""
    row = session.execute(select(House.demo_done, House.demo_total)).first()
    if row is None or row.demo_total is None or (row.demo_done or 0) >= row.demo_total:
        return None
    return row.demo_done or 0, row.demo_total


def key_check(session: Session) -> str | None:
    """What the key must give, None before the first start or before the tables are there."""
    connection = session.connection()
    if not connection.dialect.has_table(connection, House.__tablename__):
        return None
    return session.scalars(select(House.key_check)).first()
