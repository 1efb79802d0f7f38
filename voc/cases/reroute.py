"""Another team or priority because a rule says so now; what a person decided is not touched by this."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.timing import happened, retime
from voc.core.vocabulary import Priority


def reroute(
    session: Session, case_id: UUID, *, team_id: UUID | None, priority: Priority | None, rule: str, now: datetime
) -> set[str]:
    """Give the case to another team, and another priority (None: as it is); the caller has seen that nobody has
    touched it. Returns what changed: `team`, `priority`. Raises NotFound."""
    case = queries.case_for_update(session, case_id)
    changed = set()
    if team_id is not None and team_id != case.team_id:
        case.team_id = team_id
        happened(session, case, "routed", at=now, actor_id=None, team_id=team_id, rule=rule)
        changed.add("team")
    if priority is not None and priority is not case.priority:
        case.priority = priority
        happened(session, case, "prioritized", at=now, actor_id=None, priority=priority.value, rule=rule)
        changed.add("priority")
    if changed:
        case.version += 1
        retime(session, case)
    return changed
