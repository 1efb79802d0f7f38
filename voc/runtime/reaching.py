"""Getting hold of the database: where it lies, whether anything is there yet, and what to say when nothing answers."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from voc.core.errors import Busy, SettingError, VocError
from voc.core.settings import Settings
from voc.db import Database

# Seconds in which a database server that starts beside us may come up.
PATIENCE = 20.0
_SQLITE = "sqlite:///"


def sqlite_file(settings: Settings) -> Path | None:
    """Where the SQLite database lies or will lie; None for PostgreSQL."""
    return Path(settings.url.removeprefix(_SQLITE)) if settings.url.startswith(_SQLITE) else None


def make_private(settings: Settings) -> None:
    """Make an empty SQLite file for its owner only, if there is none: SQLite itself lets everybody read what it makes.

    The log and its index beside it get the same rights. Raises SettingError when that cannot be.
    """
    path = sqlite_file(settings)
    if path is None:
        return
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        name = "VOC_DATABASE_URL" if settings.database_url else "VOC_INSTANCE"
        raise SettingError(name, f"{path} cannot be made: {error.strerror}") from None


def require_instance(settings: Settings) -> None:
    """Raise VocError when there is no SQLite database yet; looking must not make one."""
    path = sqlite_file(settings)
    if path is not None and not path.is_file():
        raise no_instance(settings)


def no_instance(settings: Settings) -> VocError:
    """What to say where nothing was ever started."""
    where = settings.instance if sqlite_file(settings) else "this database"
    return VocError(f"there is no instance in {where} yet: voc serve makes one, voc restore FILE brings one back")


def reach(database: Database, *, patience: float = PATIENCE) -> None:
    """Wait until a database server answers; raises Busy, saying why, when it does not within `patience` seconds."""
    if database.sqlite:
        return
    try:
        database.wait_until_reachable(patience)
    except Busy as error:
        raise Busy(f"the database cannot be reached: {said_by(error)}") from error


def said_by(error: BaseException) -> str:
    """What the database said, in one line."""
    said = getattr(error.__cause__ or error, "orig", None) or error.__cause__ or error
    return next(iter(str(said).strip().splitlines()), type(said).__name__)
