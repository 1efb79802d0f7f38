"""The examination, from the folder inwards. Nothing is changed; what cannot be looked at is said."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from voc.analysis.embedding import second
from voc.analysis.embedding.encoder import INSTALL, PACKAGE, installed
from voc.core.disk import instance_free_mb
from voc.core.errors import VocError
from voc.core.settings import Settings
from voc.db import Database
from voc.db.migrate import current
from voc.runtime import heartbeat
from voc.runtime import queries as runtime_queries
from voc.runtime.address import LOCK, server
from voc.runtime.build import load_plugins
from voc.runtime.doctor import queries
from voc.runtime.doctor.finding import Finding
from voc.runtime.doctor.key import key_findings
from voc.runtime.instance import HEAD
from voc.runtime.reaching import said_by

# Work that has waited longer than this says that no worker is at it.
LATE = timedelta(minutes=15)
# The log of a database that is checkpointed as it should be stays far below this.
WAL_MB = 256
_SQLITE = "sqlite:///"


def examine(settings: Settings, *, now: datetime) -> list[Finding]:
    """Everything that can be found out about the instance, in the order in which it should be put right."""
    found = [_folder(settings.instance), _disk(settings), _server(settings)]
    expected, inside = _database(settings, now)
    found += key_findings(settings, expected)
    found += inside
    return [*found, *_plugins(settings), *_extra(settings), _mail(settings)]


def _folder(folder: Path) -> Finding:
    if not folder.is_dir():
        return Finding("wrong", "folder", f"{folder} is not there", "voc serve makes it, or set VOC_INSTANCE")
    if not os.access(folder, os.W_OK | os.X_OK):
        todo = f"give it to the user that runs voc: chown -R USER {folder}"
        return Finding("wrong", "folder", f"{folder} cannot be written by this user", todo)
    if stat.S_IMODE(folder.stat().st_mode) & 0o007:
        return Finding("look", "folder", f"{folder} is open to every user of this machine", f"chmod 750 {folder}")
    return Finding("ok", "folder", str(folder))


def _disk(settings: Settings) -> Finding:
    free = instance_free_mb(settings)
    if free is None:
        return Finding("look", "disk", "nobody can tell how much space is left", "look at the file system by hand")
    if free < settings.disk_low_mb:
        todo = "make room: when the disk is full nothing can be accepted (VOC_DISK_LOW_MB sets the limit)"
        return Finding("wrong", "disk", f"only {free} MB are free, less than {settings.disk_low_mb}", todo)
    return Finding("ok", "disk", f"{free} MB are free")


def _server(settings: Settings) -> Finding:
    """Whether a server holds the instance, and where it serves."""
    running = server(settings)
    if running is None:
        return Finding("ok", "server", "not running here")
    where = f", at {running.address}" if running.address else ""
    return Finding("ok", "server", f"running: process {running.pid or 'unknown'} holds {LOCK}{where}")


def _database(settings: Settings, now: datetime) -> tuple[str | None, list[Finding]]:
    """(what the key must give, findings); a file that is not there is not made."""
    if settings.url.startswith(_SQLITE) and not Path(settings.url.removeprefix(_SQLITE)).is_file():
        text = f"{settings.url.removeprefix(_SQLITE)} is not there"
        return None, [
            Finding("wrong", "database", text, "voc serve makes a new one; voc restore brings an old one back")
        ]
    db = Database(settings.url, pool_size=2)
    try:
        with db.reading() as session:
            queries.answers(session)
        revision = current(db)
        with db.reading() as session:
            expected = runtime_queries.key_check(session)
        found = [_reachable(db), _revision(revision), *_files(db, settings)]
        if revision == HEAD:
            with db.reading() as session:
                found += [*_inside(session, now), _worker(session, settings, now)]
        return expected, found
    except (VocError, DBAPIError) as error:
        text = said_by(error)
        todo = "look at VOC_DATABASE_URL and at the database server; a damaged file is brought back by voc restore"
        return None, [Finding("wrong", "database", text, todo)]
    finally:
        db.close()


def _reachable(db: Database) -> Finding:
    return Finding("ok", "database", f"{db.engine.dialect.name} answers")


def _revision(revision: str | None) -> Finding:
    if revision == HEAD:
        return Finding("ok", "revision", HEAD)
    if revision is None:
        return Finding("wrong", "revision", "the database is empty", "voc serve sets it up")
    text = f"the database is at {revision}, this version needs {HEAD}"
    return Finding("wrong", "revision", text, "voc db upgrade, or run the newer version that wrote it")


def _files(db: Database, settings: Settings) -> list[Finding]:
    """Integrity and size of the log, on SQLite."""
    if not db.sqlite:
        return []
    try:
        with db.reading() as session:
            damage = queries.integrity(session)
    except DBAPIError as error:
        damage = [str(error.orig)]
    if damage:
        todo = "stop voc, keep a copy of the file, and restore the newest backup"
        return [Finding("wrong", "integrity", f"the file is damaged: {damage[0]}", todo)]
    found = [Finding("ok", "integrity", "the file is whole")]
    wal = Path(settings.url.removeprefix(_SQLITE) + "-wal")
    size = wal.stat().st_size // 1_000_000 if wal.is_file() else 0
    if size > WAL_MB:
        todo = "somebody reads for very long (a backup, an export, another program); it shrinks when they end"
        return [*found, Finding("look", "log", f"{wal.name} has grown to {size} MB", todo)]
    return [*found, Finding("ok", "log", f"{size} MB")]


def _inside(session: Session, now: datetime) -> list[Finding]:
    found = []
    oldest = queries.oldest_work(session, now)
    if oldest is not None and now - oldest > LATE:
        minutes = int((now - oldest).total_seconds() // 60)
        todo = "start voc serve, or a worker if VOC_EMBEDDED_WORKER is off; its log says why it does not get on"
        found.append(Finding("wrong", "work", f"the oldest has waited for {minutes} minutes", todo))
    else:
        found.append(Finding("ok", "work", "nothing waits for long"))
    receipts, work = queries.quarantined(session)
    if receipts or work:
        text = f"{receipts} receipts could not be read, {work} pieces of work not done"
        found.append(Finding("wrong", "quarantine", text, "the page /status shows why and tries again"))
    else:
        found.append(Finding("ok", "quarantine", "empty"))
    failed = queries.failed_messages(session)
    if failed:
        todo = "the case pages show why and send again"
        found.append(Finding("wrong", "answers", f"{failed} did not reach their customer", todo))
    for slug, reason in queries.failing_channels(session):
        todo = f"voc channel check {slug}, then put its settings right"
        found.append(Finding("wrong", "channel", f"{slug} does not work: {reason}".rstrip(": "), todo))
    return found


def _worker(session: Session, settings: Settings, now: datetime) -> Finding:
    """Whether a worker is alive: where a server has been running here for a while, there must be one."""
    seen = heartbeat.seen(session)
    if seen is not None and now - seen <= heartbeat.SILENT:
        return Finding("ok", "worker", f"alive, last sign of life {int((now - seen).total_seconds())} seconds ago")
    text = f"no sign of life since {seen:%Y-%m-%d %H:%M} UTC" if seen else "there has never been a sign of life"
    if server(settings) is None:
        return Finding("look", "worker", text, "voc serve starts one")
    since = datetime.fromtimestamp((settings.instance / LOCK).stat().st_mtime, UTC)
    if not heartbeat.is_silent(seen, since=since, now=now):
        return Finding("look", "worker", text, "the server has only just started: ask again in two minutes")
    todo = "the log of voc serve says why; where VOC_EMBEDDED_WORKER is off, start a worker"
    return Finding("wrong", "worker", text, todo)


def _plugins(settings: Settings) -> list[Finding]:
    host = load_plugins(settings)
    host.close()
    bad = [state for state in host.states if state.state == "quarantined"]
    if not bad:
        return [Finding("ok", "plugins", f"{sum(state.state == 'loaded' for state in host.states)} loaded")]
    todo = "mend it or take it away; VOC_PLUGINS_BLOCKED keeps it out"
    return [Finding("wrong", "plugin", f"{state.name} ({state.source}): {state.reason}", todo) for state in bad]


def _extra(settings: Settings) -> list[Finding]:
    """Whether what is asked of the extra can be had."""
    judging = any(pair.partition("=")[2] == second.NAME for pair in settings.analyzers)
    if not judging and not settings.embeddings:
        return []
    if installed():
        return [Finding("ok", "embeddings", PACKAGE)]
    asked = "VOC_ANALYZERS" if judging else "VOC_EMBEDDINGS"
    return [Finding("look", "embeddings", f"{asked} asks for {PACKAGE}, which is not installed", INSTALL)]


def _mail(settings: Settings) -> Finding:
    if settings.mail_from.strip():
        where = f"{settings.smtp_host}:{settings.smtp_port} ({settings.smtp_security})"
        return Finding("ok", "mail", f"from {settings.mail_from} through {where}")
    todo = "set VOC_MAIL_FROM and VOC_SMTP_HOST, else answers are shown on the status page only"
    return Finding("look", "mail", "no mail is sent", todo)
