"""Free space where the instance writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from voc.core.settings import Settings

MEGABYTE = 1_000_000
_SQLITE = "sqlite:///"


def free_mb(folder: Path) -> int | None:
    """Free space in MB (10^6 bytes) for an ordinary user where `folder` lies or will lie, None when nobody can tell."""
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free // MEGABYTE
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def instance_free_mb(settings: Settings) -> int | None:
    """The least free space in MB among the instance folder and, for SQLite, the folder of the database."""
    folders = [settings.instance]
    if settings.url.startswith(_SQLITE):
        folders.append(Path(settings.url.removeprefix(_SQLITE)).parent)
    return min((free for folder in folders if (free := free_mb(folder)) is not None), default=None)


def low_disk(settings: Settings) -> int | None:
    """Free MB when that is below `VOC_DISK_LOW_MB`; None while there is room, or when nobody can tell."""
    free = instance_free_mb(settings)
    return free if free is not None and free < settings.disk_low_mb else None
