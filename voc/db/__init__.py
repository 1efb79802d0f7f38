"""Databases: engine, units of work, portable types, migration runner. Knows no table."""

from __future__ import annotations

from voc.db.database import Database
from voc.db.types import Base, Key, Utc, closed

__all__ = ["Base", "Database", "Key", "Utc", "closed"]
