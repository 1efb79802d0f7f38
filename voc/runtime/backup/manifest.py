"""What a backup says about itself: the first member of the archive. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from voc.core.errors import Invalid

NAME = "manifest.json"
KEY = "key"
SETTINGS = "settings.env"
PLUGINS = "plugins"
SQLITE = "database/voc.db"
POSTGRESQL = "database/voc.dump"
FORMAT = 1
# Far more than any real manifest.
LARGEST = 16_000_000

DATABASES = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
# Where the key is: in the file `key`, in `settings.env`, outside of the backup, or nowhere.
KeyPlace = Literal["file", "settings", "outside", "missing"]

DAMAGED = "this is no backup of voc, or it is damaged"
_HASH = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in the archive: size in bytes and SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`version` wrote it, `revision` is the database's, `key_check` what its key gives, `counts` rows by table."""

    version: str
    database: str
    revision: str
    key_check: str
    key: KeyPlace
    created_at: datetime
    counts: Mapping[str, int]
    files: Mapping[str, Entry]

    def to_json(self) -> bytes:
        """As stored."""
        data = {**asdict(self), "format": FORMAT, "created_at": self.created_at.isoformat()}
        return json.dumps(data, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Manifest:
        """Believe nothing that was read; raises Invalid."""
        try:
            data = json.loads(raw)
            if data["format"] != FORMAT:
                raise Invalid("this backup was written by a newer voc")
            found = cls(
                version=str(data["version"]),
                database=str(data["database"]),
                revision=str(data["revision"]),
                key_check=str(data["key_check"]),
                key=data["key"],
                created_at=datetime.fromisoformat(data["created_at"]),
                counts={str(name): int(count) for name, count in data["counts"].items()},
                files={str(name): _entry(item) for name, item in data["files"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise error if isinstance(error, Invalid) else Invalid(DAMAGED) from None
        found.check()
        return found

    def check(self) -> None:
        """Raise Invalid unless the parts fit together and no name leads out of the folder it is unpacked in."""
        if self.database not in DATABASES or self.key not in get_args(KeyPlace):
            raise Invalid(DAMAGED)
        if not _REVISION.fullmatch(self.revision) or DATABASES[self.database] not in self.files:
            raise Invalid(DAMAGED)
        if (self.key == "file") != (KEY in self.files):
            raise Invalid(DAMAGED)
        for name in self.files:
            if not is_safe(name, self.database):
                raise Invalid(f"{DAMAGED}: it holds {name!r}")


def _entry(item: Any) -> Entry:
    size, digest = item["size"], item["sha256"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0 or not _HASH.fullmatch(digest):
        raise Invalid(DAMAGED)
    return Entry(size, digest)


def is_safe(name: str, database: str) -> bool:
    """Whether a file of this name may be in a backup of this kind of database."""
    if name in (KEY, SETTINGS, DATABASES[database]):
        return True
    path = PurePosixPath(name)
    return (
        len(path.parts) >= 2
        and path.parts[0] == PLUGINS
        and str(path) == name
        and ".." not in path.parts
        and "\\" not in name
        and name.isprintable()
    )


def reason(error: Exception) -> str:
    """What the system or the database said, in one line."""
    said = getattr(error, "strerror", None) or getattr(error, "orig", None) or error
    return next(iter(str(said).strip().splitlines()), type(error).__name__)
