"""SELECTs of the plugin host."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.model import Channel


def channel_store(session: Session, channel_id: UUID) -> dict[str, object]:
    """What the plugin of this channel keeps for itself."""
    return session.execute(select(Channel.store).where(Channel.id == channel_id)).scalar() or {}


def channel_for_update(session: Session, channel_id: UUID) -> Channel | None:
    """The channel, locked; None when it is gone."""
    return session.scalars(select(Channel).where(Channel.id == channel_id).with_for_update()).first()
