"""Messages to customers and what became of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import MessageState, Via
from voc.db.types import Base, closed


class Message(Base):
    """One answer. It meets obligations only when it was really sent; `header_id` is its Message-ID for ever.

    `resolves`: the case is resolved as soon as it was sent.
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
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
