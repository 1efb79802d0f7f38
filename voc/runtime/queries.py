"""SELECTs of the runtime."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import ObligationState, WorkState
from voc.db.types import word
from voc.model import House, Obligation, Proof, Work

MOST = 10_000  # rows that are counted one by one


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


def ordered(session: Session, kind: str) -> Sequence[Work]:
    """Work of one kind that waits, is being done, or was given up."""
    return session.scalars(select(Work).where(Work.kind == kind).order_by(Work.id).limit(MOST)).all()


def given_up(session: Session, kind: str, *, locked: bool = False) -> Sequence[Work]:
    """Work of one kind that was given up; `locked`: and that nobody else takes now."""
    found = select(Work).where(Work.state == word(WorkState.QUARANTINED), Work.kind == kind).order_by(Work.id)
    found = found.limit(MOST)
    return session.scalars(found.with_for_update(skip_locked=True) if locked else found).all()


def standing(session: Session, now: datetime) -> dict[str, Any]:
    """Open promises, overdue ones, people left behind at the last proof, when that was, work due and in quarantine;
    counted up to MOST."""
    promises = select(Obligation.id).where(Obligation.state == word(ObligationState.OPEN))
    todo = select(Work.id).where(Work.state == word(WorkState.TODO), Work.due_at <= now)
    proof = session.execute(
        select(Proof.left_behind, Proof.checked_at).order_by(Proof.day.desc()).limit(1)
    ).first()  # fmt: skip
    return {
        "open": counted(session, promises),
        "overdue": counted(session, promises.where(Obligation.due_at <= now)),
        "left_behind": proof.left_behind if proof else None,
        "looked_at": proof.checked_at if proof else None,
        "waiting": counted(session, todo),
        "quarantined": counted(session, select(Work.id).where(Work.state == word(WorkState.QUARANTINED))),
    }


def counted(session: Session, rows: Select[Any]) -> int:
    """How many rows there are, at most MOST."""
    return session.execute(select(func.count()).select_from(rows.limit(MOST).subquery())).scalar_one()
