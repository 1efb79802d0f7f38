"""SELECTs of the plugin host."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.model import Channel, PluginChoice, PluginReport, PluginSchedule, PluginSetting


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


def setting(session: Session, plugin: str) -> PluginSetting | None:
    """What was set for a plugin as a whole, and what it keeps; None when there is nothing yet."""
    return session.scalars(select(PluginSetting).where(PluginSetting.name == plugin)).first()


def setting_for_update(session: Session, plugin: str) -> PluginSetting | None:
    """The same, locked."""
    return session.scalars(select(PluginSetting).where(PluginSetting.name == plugin).with_for_update()).first()


def schedules(session: Session) -> Sequence[PluginSchedule]:
    """Every schedule of a plugin that ever was, by name."""
    return session.scalars(select(PluginSchedule).order_by(PluginSchedule.name)).all()


def schedule_for_update(session: Session, name: str) -> PluginSchedule | None:
    """One of them, locked; None when it is gone."""
    return session.scalars(select(PluginSchedule).where(PluginSchedule.name == name).with_for_update()).first()
