"""What was chosen for plugins, and how they stand in each process. A plugin is known by its name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Text
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
