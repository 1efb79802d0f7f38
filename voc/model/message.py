"""Messages to customers and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import MessageState, Via
from voc.db.types import Base, closed


class Message(Base):
    """One answer. It meets obligations only when it was really sent; `header_id` is its Message-ID for ever.

    `resolves`: the case is resolved as soon as it was sent. `channel_id` and `reply_to` belong to an answer in the
    customer's own channel, `external_id` is that channel's id of it. `bounced_at`: it was sent and came back.
    `delivered_at` and `read_at`: when the other side reported so; what was read was delivered.
    """

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    case_version: Mapped[int]
    via: Mapped[Via] = mapped_column(closed(Via))
    recipient: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    subject: Mapped[str] = mapped_column(String(300), info={"personal": True})
    text: Mapped[str] = mapped_column(Text, info={"personal": True})
    header_id: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[MessageState] = mapped_column(closed(MessageState), index=True)
    error: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    attempts: Mapped[int] = mapped_column(default=0)
    resolves: Mapped[bool] = mapped_column(default=False)
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("channel.id"))
    reply_to: Mapped[dict[str, Any] | None] = mapped_column(info={"personal": True})
    external_id: Mapped[str | None] = mapped_column(String(400))
    bounced_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
