"""Receipts: the raw thing as it arrived, stored before anybody interprets it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import Door, ReceiptState
from voc.db.types import Base, closed


class Receipt(Base):
    """One thing as it arrived. `body` is None once the retention period is over; the row stays."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index(
            "ix_receipt_stored", "id", sqlite_where=text("state = 'stored'"), postgresql_where=text("state = 'stored'")
        ),
        Index(
            "ix_receipt_quarantined",
            "id",
            sqlite_where=text("state = 'quarantined'"),
            postgresql_where=text("state = 'quarantined'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"))
    door: Mapped[Door] = mapped_column(closed(Door))
    content_type: Mapped[str] = mapped_column(String(120))
    headers: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    body: Mapped[bytes | None] = mapped_column(LargeBinary, info={"personal": True})
    received_at: Mapped[datetime]
    delivery_id: Mapped[str | None] = mapped_column(String(200))
    tracking_code: Mapped[str | None] = mapped_column(String(24), unique=True)
    state: Mapped[ReceiptState] = mapped_column(closed(ReceiptState))
    reason: Mapped[str | None] = mapped_column(Text, info={"personal": True})


class DeliveryKey(Base):
    """What makes a delivery the same as another (I2): a keyed hash of the door's own identity.

    `content_hash` tells a repeat (same content) from a misuse of the key (other content).
    """

    __tablename__ = "delivery_key"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipt.id"))
    feedback_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
