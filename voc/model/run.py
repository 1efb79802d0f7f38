"""What every run over the past has in common."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column


class Backrun:
    """Something done again over what came in before, newest first: what was asked for, and how far it is.

    `reached_id` is the feedback it got to, `total` None until it was counted; one that is stopped is finished too.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime | None]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    reached_id: Mapped[UUID | None]
    total: Mapped[int | None]
    seen: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[bool] = mapped_column(default=False)
    finished_at: Mapped[datetime | None]
