"""Ordering what rules have plugins do: rows of work beside the rule's decision, in bulk."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.jobs.outbox import registry_of, row
from voc.model import RuleDeed, Work

if TYPE_CHECKING:
    from voc.routing.acting import Routed

KIND = "routing.deed"


def order_deeds(session: Session, items: Sequence[Routed], *, told: Set[tuple[UUID, UUID]], now: datetime) -> None:
    """Write a deed and its work for each action of each rule, in two statements; a version of a rule does it once for a
    feedback. `told` are the matches (feedback, version) that acted before."""
    if not items:
        return
    handler = registry_of(session).handlers[KIND]
    deeds: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "feedback_id": item.feedback_id,
            "rule_version_id": version_id,
            "place": place,
            "action": action.name,
            "text": "",
            "created_at": now,
            "done_at": None,
        }
        for item in items
        for version_id, rule in item.plan.deeds.items()
        if (item.feedback_id, version_id) not in told
        for place, action in enumerate(rule.actions.plugin)
    ]
    # One id for both: by it the work is found that stands behind a deed, and the plugin knows a second try.
    work = [{**row(handler, subject_id=deed["feedback_id"], now=now), "id": deed["id"]} for deed in deeds]
    bulk_insert(session.connection(), table_of(RuleDeed), deeds)
    bulk_insert(session.connection(), table_of(Work), work)
