"""SELECTs of the plugin host."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.model import Channel, PluginChoice, PluginReport


def channel_store(session: Session, channel_id: UUID) -> dict[str, object]:
    """What the plugin of this channel keeps for itself."""
    return session.execute(select(Channel.store).where(Channel.id == channel_id)).scalar() or {}


def channel_for_update(session: Session, channel_id: UUID) -> Channel | None:
    """The channel, locked; None when it is gone."""
    return session.scalars(select(Channel).where(Channel.id == channel_id).with_for_update()).first()


def choices(session: Session) -> Sequence[PluginChoice]:
    """What people chose for plugins."""
    return session.scalars(select(PluginChoice).order_by(PluginChoice.name)).all()


def newest_choice(session: Session) -> datetime | None:
    """When somebody chose last; None when nobody ever did."""
    return session.execute(select(func.max(PluginChoice.changed_at).label("at"))).scalar()


def choice_for_update(session: Session, name: str) -> PluginChoice | None:
    """What was chosen for one plugin, locked; None when nothing was."""
    return session.scalars(select(PluginChoice).where(PluginChoice.name == name).with_for_update()).first()


def reports(session: Session, since: datetime) -> Sequence[PluginReport]:
    """What processes said of their plugins since then, by plugin and process."""
    rows = select(PluginReport).where(PluginReport.at >= since).order_by(PluginReport.name, PluginReport.process)
    return session.scalars(rows).all()


def reports_of(session: Session, process: str) -> Sequence[PluginReport]:
    """What one process said last."""
    return session.scalars(select(PluginReport).where(PluginReport.process == process)).all()
