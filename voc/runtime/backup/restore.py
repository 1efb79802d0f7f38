"""Bringing a backup back, into an instance where nothing is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from voc.core.disk import MEGABYTE, free_mb
from voc.core.errors import Conflict, KeyLost, VocError
from voc.core.settings import Settings, load
from voc.db import Database
from voc.db.migrate import SCRIPTS, upgrade
from voc.model import metadata
from voc.process.lock import InstanceLock
from voc.runtime.address import LOCK
from voc.runtime.backup import postgres_dump, queries
from voc.runtime.backup.archive import read_manifest, sync_folder, unpack
from voc.runtime.backup.manifest import DATABASES, KEY, PLUGINS, SETTINGS, Manifest, reason
from voc.runtime.backup.sqlite_copy import check
from voc.runtime.instance import HEAD, open_instance
from voc.security.keys import load_keys

ASIDE = "settings.env.from-backup"
_SQLITE = "sqlite:///"
_STAGING = ".restore-"
# What may lie in an instance that counts as empty.
_HARMLESS = {LOCK, "README.md", SETTINGS, PLUGINS}


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `aside`: the backup's settings, kept beside those that were there already."""

    settings: Settings
    manifest: Manifest
    aside: Path | None


def restore_backup(
    archive: Path, instance: Path, *, environment: Mapping[str, str] | None = None, without_key: bool = False
) -> Restored:
    """Restore `archive` into the empty `instance` (and the empty database that the settings name).

    `without_key` brings the data of a backup back whose key is lost (`voc doctor --new-key` goes on from there).
    Raises Conflict when something is there already, Invalid when the archive is damaged, KeyLost when its key is not
    at hand, VocError when it comes from a newer voc or from the other kind of database, AlreadyRunning.
    """
    if not archive.is_file():
        raise VocError(f"{archive} is not there")
    manifest = read_manifest(archive)
    if manifest.revision not in _revisions():
        raise VocError(f"this backup was written by a newer voc ({manifest.version}): update voc first")
    try:
        instance.mkdir(mode=0o750, parents=True, exist_ok=True)
        with InstanceLock(instance / LOCK):
            _require_empty(instance)
            _require_room(instance, manifest)
            with tempfile.TemporaryDirectory(prefix=_STAGING, dir=instance) as folder:
                staging = Path(folder)
                manifest = unpack(archive, staging)
                settings = _settings(instance, staging, environment)
                _require_key(replace(settings, instance=staging), manifest, without_key)
                _bring_database(settings, staging, manifest)
                aside = _bring_files(instance, staging)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise VocError(f"the backup could not be restored: {reason(error)}") from error
    if not without_key:
        open_instance(settings, create=False, with_plugins=False).close()
    return Restored(settings, manifest, aside)


def _revisions() -> set[str]:
    """Every revision this version knows the way from."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _require_empty(instance: Path) -> None:
    for entry in instance.iterdir():
        if entry.name.startswith(_STAGING) and entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)  # what a killed restore left
        elif entry.name not in _HARMLESS or (entry.name == PLUGINS and any(entry.iterdir())):
            raise Conflict(f"{instance} is not empty ({entry.name} is there): restore into a new VOC_INSTANCE")


def _require_room(instance: Path, manifest: Manifest) -> None:
    needed = sum(entry.size for entry in manifest.files.values()) // MEGABYTE
    free = free_mb(instance)
    if free is not None and needed >= free:
        raise VocError(f"the backup needs {needed} MB, only {free} MB are free")


def _settings(instance: Path, staging: Path, environment: Mapping[str, str] | None) -> Settings:
    """The settings that will apply: those that are there already, else those of the backup; the environment wins."""
    if (instance / SETTINGS).is_file():
        return load(environment, instance=instance)
    return replace(load(environment, instance=staging), instance=instance)


def _require_key(staged: Settings, manifest: Manifest, without_key: bool) -> None:
    if without_key:
        return
    try:
        found = load_keys(staged, may_create=False).check()
    except KeyLost:
        raise KeyLost(
            "the key is not in this backup: set VOC_ENCRYPTION_KEY to it; if it is lost, say --without-key"
        ) from None
    if found != manifest.key_check:
        raise KeyLost("VOC_ENCRYPTION_KEY is not the key that this backup was written with")


def _bring_database(settings: Settings, staging: Path, manifest: Manifest) -> None:
    """Put the database where the settings say, checked and migrated."""
    source, sqlite = staging / DATABASES[manifest.database], settings.url.startswith(_SQLITE)
    if sqlite != (manifest.database == "sqlite"):
        wanted = "an empty PostgreSQL database" if sqlite else "SQLite, which is the default"
        raise VocError(f"this is a backup of {manifest.database}: VOC_DATABASE_URL must name {wanted}")
    if not sqlite:
        _bring_postgresql(settings.url, source, manifest)
        return
    target = Path(settings.url.removeprefix(_SQLITE))
    for path in (target, Path(f"{target}-wal")):
        if os.path.lexists(path):
            raise Conflict(f"{path} is there already")
    with closing(sqlite3.connect(source)) as connection:
        check(connection)
    _finish(f"{_SQLITE}{source}", manifest)
    partial = Path(f"{target}.restoring")
    shutil.move(source, partial)
    partial.rename(target)
    sync_folder(target.parent)


def _bring_postgresql(url: str, source: Path, manifest: Manifest) -> None:
    postgres_dump.require("pg_restore")
    db = Database(url, pool_size=1)
    try:
        with db.reading() as session:
            if not queries.is_empty(session):
                raise Conflict("the database that VOC_DATABASE_URL names is not empty")
    finally:
        db.close()
    postgres_dump.load(url, source)
    _finish(url, manifest)


def _finish(url: str, manifest: Manifest) -> None:
    """Everything that was backed up is there; then bring an older database up to date."""
    db = Database(url, pool_size=2)
    try:
        with db.reading() as session:
            counts = queries.counts(session)
            right = (queries.revision(session), queries.key_check(session)) == (manifest.revision, manifest.key_check)
        if counts != manifest.counts or not right:
            raise VocError("the database in this backup is not the one its manifest speaks of")
        if manifest.revision != HEAD:
            upgrade(db, metadata)
    finally:
        db.close()


def _bring_files(instance: Path, staging: Path) -> Path | None:
    """Plugins, settings, and the key; returns where the settings went when there were some already."""
    aside = None
    if (staging / PLUGINS).is_dir():
        (instance / PLUGINS).mkdir(mode=0o750, exist_ok=True)
        for entry in (staging / PLUGINS).iterdir():
            entry.rename(instance / PLUGINS / entry.name)
    if (staging / SETTINGS).is_file():
        aside = instance / ASIDE if (instance / SETTINGS).is_file() else None
        (staging / SETTINGS).rename(aside or instance / SETTINGS)
    if (staging / KEY).is_file():
        (staging / KEY).rename(instance / KEY)
    sync_folder(instance)
    return aside
