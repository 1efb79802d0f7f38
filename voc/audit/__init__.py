"""The audit trail: one function that writes, used by every service that changes something."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.model import AuditEntry


def audit(
    session: Session, *, actor_id: UUID | None, action: str, subject_id: UUID | None, now: datetime, **data: Any
) -> None:
    """Write down that `actor_id` (None: voc itself) did `action`; `data` holds ids and our own words only."""
    session.add(AuditEntry(id=new_id(), at=now, actor_id=actor_id, action=action, subject_id=subject_id, data=data))
