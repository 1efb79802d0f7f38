"""SELECTs for notices about rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.model import Case, House


@dataclass(frozen=True, slots=True)
class Noticed:
    """A case as a notice speaks of it."""

    case_id: UUID
    number: int
    team_id: UUID
    response_due_at: datetime | None


def noticed(session: Session, case_ids: Sequence[UUID]) -> tuple[dict[UUID, Noticed], str]:
    """These cases by id, and the time zone of the house."""
    zone = session.scalars(select(House.zone)).first() or "UTC"
    if not case_ids:
        return {}, zone
    rows = session.execute(
        select(Case.id, Case.number, Case.team_id, Case.response_due_at).where(Case.id.in_(case_ids))
    )
    return {row.id: Noticed(row.id, row.number, row.team_id, row.response_due_at) for row in rows}, zone
