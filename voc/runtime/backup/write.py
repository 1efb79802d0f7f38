"""Writing a backup of an instance that may be running and accepting."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from voc import __version__
from voc.core.errors import Conflict, VocError
from voc.core.settings import Settings
from voc.db import Database
from voc.runtime.backup import postgres_dump, queries
from voc.runtime.backup.archive import entry_of, partial_file, write_archive
from voc.runtime.backup.manifest import DATABASES, KEY, PLUGINS, SETTINGS, KeyPlace, Manifest, is_safe, reason
from voc.runtime.backup.sqlite_copy import copy_database
from voc.security.keys import key_path

_SQLITE = "sqlite:///"
_KEY_SETTINGS = ("VOC_ENCRYPTION_KEY", "VOC_ENCRYPTION_KEY_FILE")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: the file, its size in bytes, its manifest, and what lies in `plugins` and was left out."""

    path: Path
    size: int
    manifest: Manifest
    left_out: tuple[str, ...]


def write_backup(
    settings: Settings, target: Path, *, now: datetime, force: bool = False, progress: Progress | None = None
) -> Written:
    """Write database, key, settings and dropped plugins into `target`, readable for its owner only.

    Whatever was accepted before the call is in it; writers are not held up. Raises Conflict when `target` is there
    and `force` is not, VocError when the instance was never started or the backup cannot be written; then `target`
    is as it was before.
    """
    if os.path.lexists(target) and not force:
        raise Conflict(f"{target} is there already: choose another name, or say --force")
    try:
        with (
            partial_file(target) as stream,
            tempfile.TemporaryDirectory(prefix=".voc-backup-", dir=target.absolute().parent) as folder,
        ):
            staging = Path(folder)
            manifest = _database(settings, staging, now, progress)
            files = {DATABASES[manifest.database]: staging / DATABASES[manifest.database]}
            left_out = _others(settings, staging, files)
            manifest = replace(
                manifest,
                key=_key_place(settings, KEY in files, SETTINGS in files),
                files={name: entry_of(path) for name, path in files.items()},
            )
            write_archive(stream, manifest, files)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise VocError(f"the backup could not be written: {reason(error)}") from error
    return Written(target, target.stat().st_size, manifest, tuple(left_out))


def _database(settings: Settings, staging: Path, now: datetime, progress: Progress | None) -> Manifest:
    """Copy the database into `staging` and say what is in the copy."""
    if not settings.url.startswith(_SQLITE):
        return _postgresql(settings.url, staging, now)
    source = Path(settings.url.removeprefix(_SQLITE))
    if not source.is_file():
        raise VocError(f"there is nothing to back up: {source} is not there")
    copy = staging / DATABASES["sqlite"]
    copy.parent.mkdir(mode=0o700)
    copy_database(source, copy, progress=progress)
    db = Database(f"{_SQLITE}{copy}", pool_size=1)
    try:
        with db.reading() as session:
            return _describe(session, "sqlite", now)
    finally:
        db.close()


def _postgresql(url: str, staging: Path, now: datetime) -> Manifest:
    """Counts and dump see the same snapshot."""
    postgres_dump.require("pg_dump")
    target = staging / DATABASES["postgresql"]
    target.parent.mkdir(mode=0o700)
    db = Database(url, pool_size=1)
    try:
        with (
            db.engine.connect() as connection,
            Session(
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            ) as session,
        ):
            snapshot = queries.export_snapshot(session)
            manifest = _describe(session, "postgresql", now)
            postgres_dump.dump(url, target, snapshot=snapshot)
            return manifest
    finally:
        db.close()


def _describe(session: Session, database: str, now: datetime) -> Manifest:
    revision, check = queries.revision(session), queries.key_check(session)
    if revision is None or check is None:
        raise VocError("there is nothing to back up: this instance was never started")
    return Manifest(__version__, database, revision, check, "missing", now, queries.counts(session), {})


def _others(settings: Settings, staging: Path, files: dict[str, Path]) -> list[str]:
    """Copy key, settings and dropped plugins into `staging`; returns what was left out (links, odd names)."""
    if not settings.encryption_key and key_path(settings).is_file():
        files[KEY] = _copy(key_path(settings), staging / KEY)
    if (settings.instance / SETTINGS).is_file():
        files[SETTINGS] = _copy(settings.instance / SETTINGS, staging / SETTINGS)
    left_out = []
    root = settings.instance / PLUGINS
    for here, folders, names in os.walk(root):
        left_out += [str(Path(here, name).relative_to(root)) for name in folders if Path(here, name).is_symlink()]
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            path = Path(here, name)
            inside = f"{PLUGINS}/{path.relative_to(root).as_posix()}"
            if path.is_symlink() or not path.is_file() or not is_safe(inside, "sqlite"):
                left_out.append(str(path.relative_to(root)))
            else:
                files[inside] = _copy(path, staging / inside)
    return left_out


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target


def _key_place(settings: Settings, with_file: bool, with_settings: bool) -> KeyPlace:
    """Where somebody who restores this will find the key."""
    if with_file:
        return "file"
    if not settings.encryption_key:
        return "missing"
    if any(name in os.environ for name in _KEY_SETTINGS) or not with_settings:
        return "outside"
    lines = (settings.instance / SETTINGS).read_text(encoding="utf-8").splitlines()
    written = any(line.partition("=")[0].strip() == _KEY_SETTINGS[0] for line in lines)
    return "settings" if written else "outside"
