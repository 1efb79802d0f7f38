"""What was chosen and set for plugins, how they stand in each process, and when their schedules run. A plugin is
known by its name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base


class PluginChoice(Base):
    """What a person chose for one plugin: `state` is enabled, disabled or quarantined; `isolation` is worker, process
    or None, which leaves it to the settings and the plugin."""

    __tablename__ = "plugin_choice"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    isolation: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime]


class PluginReport(Base):
    """How one plugin stands in one process (`web`, or the name of a worker), as that process last said it. Figures
    and our own words only, nothing that anybody wrote."""

    __tablename__ = "plugin_report"

    process: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class PluginSetting(Base):
    """The settings of one plugin as a whole, and what it keeps for itself there. `changed_at` is when a person last set
    something, None when nobody did."""

    __tablename__ = "plugin_setting"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    options: Mapped[dict[str, Any]]
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    store: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime | None]


class PluginSchedule(Base):
    """One schedule of a plugin: when it is due again and what became of it last. `outcome` is empty before the first
    run, then done, failed, or unset while it waits for settings, with `text`; `failures` counts those in a row."""

    __tablename__ = "plugin_schedule"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime]
    ran_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, info={"personal": True})
    failures: Mapped[int]
