"""Invitations: one person asked one survey once; and those who do not want to be asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import InvitationState
from voc.db.types import Base, closed

_DUE = text("next_at IS NOT NULL")
_IN_HAND = text("state IN ('planned', 'sending')")
_OPEN = text("state IN ('planned', 'sending', 'sent')")


class Invitation(Base):
    """One person asked one survey once. Its token is derived from `id` (`voc.surveys.token`), so none is kept.

    `next_at`: when the next mail is to be thought about, None when none is, or when work for it is waiting already.
    `mails` counts those that the mail server took; `asked_at` is when the first of them began to be sent (None again
    when that failed for good), `begun_at` when the last try of any began. `domain` is what its Message-IDs end in.
    `reason` says why it was refused, why it failed, or why a mail waits. `receipt_id` is the answer.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_channel_id_id", "channel_id", "id"),
        Index("ix_invitation_due", "next_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_invitation_in_hand", "id", sqlite_where=_IN_HAND, postgresql_where=_IN_HAND),
        Index("ix_invitation_expiry", "expires_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"))
    batch_id: Mapped[UUID] = mapped_column(index=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    email: Mapped[str] = mapped_column(String(320), info={"personal": True})
    name: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    external_id: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    facts: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    language: Mapped[str] = mapped_column(String(8))
    domain: Mapped[str] = mapped_column(String(200))
    state: Mapped[InvitationState] = mapped_column(closed(InvitationState))
    reason: Mapped[str | None] = mapped_column(Text, info={"personal": True})
    mails: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    receipt_id: Mapped[UUID | None] = mapped_column(ForeignKey("receipt.id"), unique=True)


class Suppression(Base):
    """An address that is not to be asked again, as a keyed hash: the address itself is not kept for it."""

    __tablename__ = "suppression"

    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    created_at: Mapped[datetime]
