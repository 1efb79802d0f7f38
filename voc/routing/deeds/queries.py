"""SELECTs of what plugins did for rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.core.vocabulary import WorkState
from voc.model import Feedback, RuleDeed, RuleMatch, RuleVersion, Work

# `lost`: neither done nor waiting anywhere; only somebody who deletes rows makes that.
DeedState = Literal["done", "waiting", "retrying", "quarantined", "lost"]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A deed with what is needed to do it."""

    id: UUID
    feedback_id: UUID
    action: str
    rule: str
    values: dict[str, Any]
    done: bool


@dataclass(frozen=True, slots=True)
class DeedView:
    """What became of one deed: `text` is the plugin's sentence, or why it is not done yet, as it was said; `at` is when
    it was done, None before."""

    action: str
    state: DeedState
    text: str
    at: datetime | None


def ordered(session: Session, deed_id: UUID) -> Ordered | None:
    """The deed as its rule gave it; None when it is gone."""
    row = session.execute(
        select(RuleDeed, RuleVersion.name, RuleVersion.actions)
        .join(RuleVersion, RuleVersion.id == RuleDeed.rule_version_id)
        .where(RuleDeed.id == deed_id)
    ).one_or_none()
    if row is None:
        return None
    deed: RuleDeed = row.RuleDeed
    actions: list[dict[str, Any]] = row.actions.get("plugin") or []
    values = actions[deed.place].get("values") if deed.place < len(actions) else None
    return Ordered(deed.id, deed.feedback_id, deed.action, row.name, values or {}, deed.done_at is not None)


def withdrawn(session: Session, deed_id: UUID) -> bool:
    """Whether the words that this deed is about were taken back; locks the feedback, so that they are not just now."""
    mine = select(RuleDeed.feedback_id).where(RuleDeed.id == deed_id).scalar_subquery()
    row = session.execute(select(Feedback.deleted_at).where(Feedback.id == mine).with_for_update()).one_or_none()
    return row is not None and row.deleted_at is not None


def whys_of(session: Session, feedback_id: UUID) -> list[tuple[UUID, dict[str, Any]]]:
    """(id, what its condition saw) of every match of this feedback."""
    rows = session.execute(select(RuleMatch.id, RuleMatch.why).where(RuleMatch.feedback_id == feedback_id))
    return [(row.id, row.why) for row in rows]


def deeds_of(session: Session, ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], list[DeedView]]:
    """What plugins did for these feedback, by (feedback, version of the rule), in the rule's order; two statements."""
    deeds = session.scalars(
        select(RuleDeed).where(RuleDeed.feedback_id.in_(ids)).order_by(RuleDeed.created_at, RuleDeed.place)
    ).all()
    waiting = [deed.id for deed in deeds if deed.done_at is None]
    found = session.execute(select(Work.id, Work.state, Work.error).where(Work.id.in_(waiting))) if waiting else ()
    work = {row.id: (row.state, row.error or "") for row in found}
    views: dict[tuple[UUID, UUID], list[DeedView]] = {}
    for deed in deeds:
        views.setdefault((deed.feedback_id, deed.rule_version_id), []).append(_view(deed, work.get(deed.id)))
    return views


def _view(deed: RuleDeed, work: tuple[WorkState, str] | None) -> DeedView:
    if deed.done_at is not None:
        return DeedView(deed.action, "done", deed.text, deed.done_at)
    if work is None:
        return DeedView(deed.action, "lost", "", None)
    state, error = work
    if state is WorkState.QUARANTINED:
        return DeedView(deed.action, "quarantined", error, None)
    return DeedView(deed.action, "retrying" if error else "waiting", error, None)
