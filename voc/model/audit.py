"""The audit trail: who did what to which thing; only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base


class AuditEntry(Base):
    """One act. `actor_id` None means voc itself; `data` holds ids and words of ours, never a person's."""

    __tablename__ = "audit_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]
