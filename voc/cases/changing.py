"""The beginning and the end of every change a person makes to a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.cases import queries
from voc.core.errors import Conflict
from voc.model import Case
from voc.security.access import Actor, require


def changing(session: Session, case_id: UUID, *, actor: Actor, permission: str, version: int) -> Case:
    """The case, locked, when `actor` may change it and has seen its present state; its version rises.

    Raises Forbidden, NotFound, or Conflict when somebody was faster.
    """
    require(actor, permission)
    case = queries.case_for_update(session, case_id)
    if case.version != version:
        raise Conflict(f"the case is at version {case.version}, not {version}")
    case.version += 1
    return case


def noted(session: Session, case: Case, action: str, *, actor: Actor, now: datetime, **data: str | None) -> None:
    """Write the change into the audit trail."""
    audit(session, actor_id=actor.user_id, action=action, subject_id=case.id, now=now, **data)
