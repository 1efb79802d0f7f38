"""SELECTs around the checks: counting, bounding, and what is there at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from voc.core.vocabulary import ObligationState, ReceiptState, WorkState
from voc.db.types import word
from voc.model import Case, Feedback, House, Judgement, Obligation, Receipt, SlaVersion, Work


def some(session: Session, statement: Select[Any], limit: int) -> list[Any]:
    """The first ids a check finds."""
    return [row[0] for row in session.execute(statement.limit(limit))]


def how_many(session: Session, statement: Select[Any]) -> int:
    """How much a check finds in all."""
    return session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()


def newest(session: Session, limit: int) -> UUID | None:
    """The key of the `limit`-th newest feedback: keys of all tables rise together, so it bounds each of them."""
    latest = select(Feedback.id).order_by(Feedback.id.desc()).limit(limit).subquery()
    return session.execute(select(latest.c.id).order_by(latest.c.id).limit(1)).scalar()


def keys_after(
    session: Session, key: InstrumentedAttribute[UUID], after: UUID | None, since: UUID | None, limit: int
) -> list[UUID]:
    """The next keys of a table, in order."""
    statement = select(key).order_by(key).limit(limit)
    if after is not None:
        statement = statement.where(key > after)
    elif since is not None:
        statement = statement.where(key >= since)
    return list(session.scalars(statement))


def key_check(session: Session) -> str | None:
    """What the encryption key of this house must give."""
    return session.scalars(select(House.key_check)).first()


def sla_definitions(session: Session) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Every SLA version."""
    for row in session.execute(select(SlaVersion.id, SlaVersion.definition)):
        yield row.id, row.definition


def looked_at(session: Session) -> dict[str, int]:
    """How much there is to look at."""
    tables = {"receipts": Receipt.id, "feedback": Feedback.id, "promises": Obligation.id, "cases": Case.id}
    return {name: session.execute(select(func.count(key))).scalar_one() for name, key in tables.items()}


def waiting(session: Session, now: datetime) -> dict[str, int]:
    """What is not done yet and in good order: it is on somebody's list, or in quarantine with its reason."""
    is_open = Obligation.state == word(ObligationState.OPEN)
    wanted = {
        "open_promises": select(func.count(Obligation.id)).where(is_open),
        "overdue_promises": select(func.count(Obligation.id)).where(is_open, Obligation.due_at < now),
        "waived_by_rules": select(func.count(Obligation.id)).where(Obligation.waived_rule_id.is_not(None)),
        "to_judge": select(func.count(Judgement.feedback_id)).where(Judgement.decided_at.is_(None)),
        "receipts_to_read": select(func.count(Receipt.id)).where(Receipt.state == word(ReceiptState.STORED)),
        "feedback_to_process": select(func.count(Feedback.id)).where(Feedback.processed_at.is_(None)),
        "receipts_in_quarantine": select(func.count(Receipt.id)).where(Receipt.state == word(ReceiptState.QUARANTINED)),
        "work_in_quarantine": select(func.count(Work.id)).where(Work.state == word(WorkState.QUARANTINED)),
    }
    return {name: session.execute(statement).scalar_one() for name, statement in wanted.items()}
