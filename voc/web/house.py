"""The company behind these pages: its name, language and zone, read rarely and kept for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from voc.core.errors import Busy
from voc.core.settings import Settings
from voc.db.database import Database
from voc.model import House

# A new name shows everywhere after this long.
_KEPT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Brand:
    """What pages show of the company."""

    name: str
    short_name: str
    language: str
    zone: ZoneInfo


def brand(session: Session, settings: Settings) -> Brand:
    """The company as stored, or a nameless one before the house was set up."""
    house = session.get(House, 1)
    if house is None:
        return Brand("voc", "voc", settings.language, ZoneInfo(settings.zone))
    return Brand(house.name, house.short_name, house.language, ZoneInfo(house.zone))


class BrandKeeper:
    """Keeps the brand between requests, so that a page costs no statement for it and survives a busy database."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._brand: Brand | None = None
        self._read_at: datetime | None = None

    def get(self, now: datetime) -> Brand:
        """The brand, at most `_KEPT` old; an older one, or none, when the database does not answer just now."""
        if self._brand is not None and self._read_at is not None and now - self._read_at < _KEPT:
            return self._brand
        try:
            with self._database.reading() as session:
                self._brand, self._read_at = brand(session, self._settings), now
        except Busy:
            if self._brand is None:
                return Brand("voc", "voc", self._settings.language, ZoneInfo(self._settings.zone))
        return self._brand
