"""SELECTs of the slots of pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import CaseState, WorkState
from voc.db.types import word
from voc.jobs.registry import Lane
from voc.model import Case, Identity, SlotPanel, Work

KIND = "cases.panel"
# In the lane of other people's servers.
LANE: Lane = "door"


def panels_of(session: Session, subject_ids: Sequence[UUID]) -> list[SlotPanel]:
    """Every panel of these cases or customers."""
    return list(session.scalars(select(SlotPanel).where(SlotPanel.subject_id.in_(subject_ids))))


def idle_for_update(session: Session, panel_ids: Sequence[UUID], before: datetime) -> list[tuple[UUID, str | None]]:
    """(id, error) of those that are not being asked, or were asked `before` and never filled; locked, always in one
    order. Who waits for the lock sees what the other one left."""
    rows = session.execute(
        select(SlotPanel.id, SlotPanel.error)
        .where(SlotPanel.id.in_(panel_ids), or_(SlotPanel.asked_at.is_(None), SlotPanel.asked_at <= before))
        .order_by(SlotPanel.id)
        .with_for_update()
    )
    return [(row.id, row.error) for row in rows]


def waiting_work(panel_ids: Sequence[UUID]) -> Select[UUID]:
    """The work that waits to ask about these panels."""
    waits = (Work.lane == LANE, Work.state == word(WorkState.TODO), Work.kind == KIND)
    return select(Work.id).where(*waits, Work.subject_id.in_(panel_ids))


def any_waiting(session: Session, panel_id: UUID) -> bool:
    """Whether this panel is going to be asked about anyway."""
    return session.execute(waiting_work([panel_id]).limit(1)).first() is not None


def opened_by(session: Session, feedback_ids: Sequence[UUID], case_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these cases were opened by one of these feedback."""
    if not case_ids:
        return set()
    return set(session.scalars(select(Case.id).where(Case.id.in_(case_ids), Case.headline_id.in_(feedback_ids))))


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
        .with_for_update(of=SlotPanel, skip_locked=True)
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
