"""SELECTs for the figures of `/metrics`: from an index and bounded, so that a scrape costs the same in any house."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import CaseState, ReceiptState, WorkState
from voc.db.types import word
from voc.model import Case, Receipt, Work
from voc.runtime.queries import counted


def work_by_state(session: Session) -> dict[WorkState, int]:
    """Rows of work by state; finished work has no rows, so the table is as small as what is left to do."""
    rows = session.execute(select(Work.state, func.count().label("n")).group_by(Work.state))
    return {row.state: row.n for row in rows}


def quarantined_receipts(session: Session) -> int:
    """Receipts that could not be read, at most MOST."""
    return counted(session, select(Receipt.id).where(Receipt.state == word(ReceiptState.QUARANTINED)))


def overdue_cases(session: Session, now: datetime) -> int:
    """Open cases whose next deadline has passed, at most MOST."""
    return counted(session, select(Case.id).where(Case.state == word(CaseState.OPEN), Case.next_due_at <= now))
