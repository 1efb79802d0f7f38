"""SELECTs of the slots of pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import CaseState
from voc.db.types import word
from voc.model import Case, Identity, SlotPanel


def panels_of(session: Session, subject_ids: Sequence[UUID]) -> list[SlotPanel]:
    """Every panel of these cases or customers."""
    return list(session.scalars(select(SlotPanel).where(SlotPanel.subject_id.in_(subject_ids))))


def panel_for_update(session: Session, panel_id: UUID) -> SlotPanel | None:
    """The panel, locked; None when it is gone."""
    return session.scalars(select(SlotPanel).where(SlotPanel.id == panel_id).with_for_update()).one_or_none()


def panel(session: Session, panel_id: UUID) -> SlotPanel | None:
    """The panel; None when it is gone."""
    return session.get(SlotPanel, panel_id)


def past_their_time(session: Session, now: datetime, limit: int) -> list[tuple[SlotPanel, bool]]:
    """Panels whose plugin said until when they hold and that are past it, the longest first and locked, and whether
    their case, or a case of their customer, is open."""
    is_open = Case.state == word(CaseState.OPEN)
    case = exists().where(Case.id == SlotPanel.subject_id, is_open)
    customers = exists().where(Case.customer_id == SlotPanel.subject_id, is_open)
    rows = session.execute(
        select(SlotPanel, or_(case, customers).label("is_open"))
        .where(SlotPanel.until <= now)
        .order_by(SlotPanel.until)
        .limit(limit)
        .with_for_update(of=SlotPanel)
    )
    return [(row.SlotPanel, bool(row.is_open)) for row in rows]


def last_detached(session: Session, customer_id: UUID) -> datetime | None:
    """When an identity was last taken away from this customer; None when none ever was."""
    return session.execute(
        select(func.max(Identity.detached_at).label("at")).where(Identity.customer_id == customer_id)
    ).scalar()


def any_past_its_time(session: Session, now: datetime) -> bool:
    """Whether there is one that says so; a plain read."""
    return session.execute(select(SlotPanel.id).where(SlotPanel.until <= now).limit(1)).first() is not None


def customers_of(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The verified customers of these cases; those without one are left out."""
    rows = session.execute(select(Case.id, Case.customer_id).where(Case.id.in_(case_ids)))
    return {row.id: row.customer_id for row in rows if row.customer_id is not None}
