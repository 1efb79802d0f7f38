"""What plugins put into the slots of pages: data that a plugin gave, kept, so that no page ever waits for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base

_UNTIL = text("until IS NOT NULL")


class SlotPanel(Base):
    """One slot of one plugin on the page of one case or customer (`subject_id`).

    `data` is `{"text": …, "rows": [{"label", "value", "link", "tone"}]}` and belongs to `customer_id`: a page that is
    about somebody else by now does not show it. None: the plugin has nothing to show, or was never asked. `error` says
    why the last question came to nothing, `asked_at` is set while a question is under way, `until` is when it is asked
    again by itself.
    """

    __tablename__ = "slot_panel"
    __table_args__ = (
        UniqueConstraint("subject_id", "plugin", "slot"),
        Index("ix_slot_panel_until", "until", sqlite_where=_UNTIL, postgresql_where=_UNTIL),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(120))
    slot: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    data: Mapped[dict[str, Any] | None] = mapped_column(info={"personal": True})
    error: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    filled_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
