"""Backup under load and the way back, on both databases; archives that mean harm; keys that are somewhere else."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import stat
import tarfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from voc.cli import cli
from voc.core.errors import AlreadyRunning, Conflict, Invalid, KeyLost, VocError
from voc.core.settings import Settings, load
from voc.intake.queries import form_channel
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import Feedback, Receipt
from voc.pipeline.verify import verify
from voc.process.lock import InstanceLock
from voc.runtime import Runtime
from voc.runtime.backup import restore as restoring
from voc.runtime.backup import restore_backup, sqlite_copy, write_backup
from voc.runtime.backup.archive import entry_of, read_manifest, write_archive
from voc.runtime.backup.manifest import Entry, Manifest
from voc.runtime.instance import open_instance

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
PG = "postgresql://postgres@127.0.0.1:5432/postgres"


def say(runtime: Runtime, submission_id: str, text: str = "Muy mala atención") -> str:
    """One complaint on the form; returns its tracking code."""
    with runtime.db.reading() as session:
        form = form_channel(session, "feedback")
    assert form is not None
    return submit(
        runtime.writer,
        runtime.keys,
        channel_id=form.id,
        submission_id=submission_id,
        form_version=form.form_version,
        language="es",
        values={"text": text, "score": 0, "score.metric": "nps"},
        now=runtime.clock(),
    ).tracking_code


@pytest.fixture
def empty_url(settings: Settings) -> Iterator[str]:
    """The address of an empty database of the kind under test."""
    if not settings.database_url:
        yield ""
        return
    import psycopg

    name = f"voc_restore_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(PG, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    yield f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}"
    with psycopg.connect(PG, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]


def test_everything_accepted_before_is_in_it(
    runtime: Runtime, settings: Settings, tmp_path: Path, empty_url: str, work: Callable[[], None]
) -> None:
    """While others go on accepting; the restored house works, and nobody is left behind in it."""
    if empty_url and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    plugin = settings.instance / "plugins" / "acme"
    plugin.mkdir(parents=True)
    (plugin / "plugin.toml").write_text("[plugin]\n")
    (plugin / "link").symlink_to("/etc/passwd")
    (settings.instance / "settings.env").write_text("VOC_LANGUAGE=pt\n")
    for number in range(5):
        say(runtime, f"early-{number}")
    work()
    stop, going, accepted = threading.Event(), threading.Event(), []

    def keep_accepting() -> None:
        number = 0
        while not stop.is_set():
            accepted.append(say(runtime, f"load-{number}"))
            number += 1
            if number == 20:
                going.set()

    thread = threading.Thread(target=keep_accepting)
    thread.start()
    try:
        assert going.wait(20)
        before = list(accepted)
        written = write_backup(settings, tmp_path / "b.tgz", now=runtime.clock())
    finally:
        stop.set()
        thread.join(timeout=20)
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600
    assert written.left_out == ("acme/link",)
    assert written.manifest.key == "file"
    assert not list(tmp_path.glob("*.partial"))
    assert not list(tmp_path.glob(".voc-backup-*"))

    environment = {"VOC_DATABASE_URL": empty_url} if empty_url else {}
    restored = restore_backup(written.path, tmp_path / "new" / "instance", environment=environment)
    assert restored.settings.language == "pt"
    assert (tmp_path / "new/instance/plugins/acme/plugin.toml").is_file()
    again = open_instance(restored.settings, create=False, clock=runtime.clock)
    try:
        with again.db.reading() as session:
            codes = set(session.scalars(select(Receipt.tracking_code)))
        assert set(before) <= codes
        assert len(codes) == written.manifest.counts["receipt"]
        say(again, "after")
        engine = Engine(again, worker="test")
        while engine.drain("flow") + engine.drain("slow"):
            pass
        with again.db.reading() as session:
            assert len(session.scalars(select(Feedback.id)).all()) == len(codes) + 1
        assert verify(again, now=again.clock()).ok
        assert say(again, "early-0") in codes
    finally:
        again.close()


def test_copy_is_one_moment_although_it_takes_many_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer between all steps: it never waits, and nothing of what it writes is in the copy."""
    monkeypatch.setattr(sqlite_copy, "STEP", 10)
    source, target = tmp_path / "source.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(source, isolation_level=None, timeout=0)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA synchronous=OFF")
        writer.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB)")
        writer.executemany("INSERT INTO t (body) VALUES (?)", [(b"x" * 4000,)] * 500)
        steps = 0

        def between(_done: int, _total: int) -> None:
            nonlocal steps
            steps += 1
            writer.execute("INSERT INTO t (body) VALUES (zeroblob(4000))")
            writer.execute("UPDATE t SET body = zeroblob(4000) WHERE n = ?", (steps,))

        sqlite_copy.copy_database(source, target, progress=between)
        assert steps > 20
        assert writer.execute("SELECT count(*) FROM t").fetchone() == (500 + steps,)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT count(*), count(DISTINCT body) FROM t").fetchone() == (500, 1)


@pytest.fixture
def backup(sqlite_settings: Settings, tmp_path: Path) -> Path:
    """A backup of a furnished house on SQLite."""
    target = tmp_path / "backup.tgz"
    write_backup(sqlite_settings, target, now=NOW)
    return target


def test_a_backup_is_never_written_over_without_being_asked(sqlite_settings: Settings, backup: Path) -> None:
    before = backup.read_bytes()
    now = read_manifest(backup).created_at
    with pytest.raises(Conflict, match="--force"):
        write_backup(sqlite_settings, backup, now=now)
    assert backup.read_bytes() == before
    backup.with_name("backup.tgz.partial").write_bytes(b"left by somebody who was killed")
    write_backup(sqlite_settings, backup, now=now, force=True)
    assert read_manifest(backup).counts["user"] == 1


def test_a_backup_that_fails_leaves_the_old_one(
    sqlite_settings: Settings, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = backup.read_bytes()
    monkeypatch.setattr("voc.runtime.backup.write.write_archive", full)
    with pytest.raises(VocError, match="No space left"):
        write_backup(sqlite_settings, backup, now=read_manifest(backup).created_at, force=True)
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir() if "backup" in path.name] == ["backup.tgz"]


def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(VocError, match="nothing to back up"):
        write_backup(load({}, instance=tmp_path / "none"), tmp_path / "b.tgz", now=NOW)
    assert not (tmp_path / "b.tgz").exists()


def test_restore_only_into_an_empty_instance(sqlite_settings: Settings, backup: Path, tmp_path: Path) -> None:
    before = (sqlite_settings.instance / "voc.db").read_bytes()
    with pytest.raises(Conflict, match="not empty"):
        restore_backup(backup, sqlite_settings.instance, environment={})
    assert (sqlite_settings.instance / "voc.db").read_bytes() == before
    held = tmp_path / "held"
    held.mkdir()
    with InstanceLock(held / "voc.lock"), pytest.raises(AlreadyRunning):
        restore_backup(backup, held, environment={})


def test_settings_that_are_there_stay(backup: Path, sqlite_settings: Settings, tmp_path: Path) -> None:
    (sqlite_settings.instance / "settings.env").write_text("VOC_LANGUAGE=pt\n")
    write_backup(sqlite_settings, backup, now=read_manifest(backup).created_at, force=True)
    target = tmp_path / "prepared"
    target.mkdir()
    (target / "settings.env").write_text("VOC_LANGUAGE=en\n")
    restored = restore_backup(backup, target, environment={})
    assert restored.settings.language == "en"
    assert restored.aside is not None
    assert restored.aside.read_text() == "VOC_LANGUAGE=pt\n"


def test_key_from_outside_is_not_in_it_and_must_come_back(
    sqlite_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (sqlite_settings.instance / "key").read_text().strip()
    (sqlite_settings.instance / "key").unlink()
    outside = replace(sqlite_settings, encryption_key=key)
    written = write_backup(outside, tmp_path / "b.tgz", now=NOW)
    assert written.manifest.key == "outside"
    assert "key" not in written.manifest.files
    with pytest.raises(KeyLost, match="VOC_ENCRYPTION_KEY"):
        restore_backup(tmp_path / "b.tgz", tmp_path / "a", environment={})
    other = "A" * 43 + "="
    with pytest.raises(KeyLost, match="is not the key"):
        restore_backup(tmp_path / "b.tgz", tmp_path / "a", environment={"VOC_ENCRYPTION_KEY": other})
    restored = restore_backup(tmp_path / "b.tgz", tmp_path / "a", environment={"VOC_ENCRYPTION_KEY": key})
    assert restored.settings.encryption_key == key
    restore_backup(tmp_path / "b.tgz", tmp_path / "c", environment={}, without_key=True)
    with pytest.raises(KeyLost):
        open_instance(load({}, instance=tmp_path / "c"), create=False)
    (sqlite_settings.instance / "settings.env").write_text(f"VOC_ENCRYPTION_KEY={key}\n")
    again = write_backup(outside, tmp_path / "b2.tgz", now=written.manifest.created_at)
    assert again.manifest.key == "settings"
    restore_backup(tmp_path / "b2.tgz", tmp_path / "d", environment={})


def test_older_is_migrated_and_newer_is_refused(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "_revisions", lambda: {"0000"})
    with pytest.raises(VocError, match="newer voc"):
        restore_backup(backup, tmp_path / "new", environment={})
    assert not (tmp_path / "new").exists()
    monkeypatch.undo()
    upgraded: list[str] = []
    monkeypatch.setattr(restoring, "HEAD", "9999")
    monkeypatch.setattr(restoring, "upgrade", lambda db, _metadata: upgraded.append(db.url))
    restore_backup(backup, tmp_path / "new", environment={})
    assert len(upgraded) == 1


def test_the_other_database_is_refused(backup: Path, tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    with pytest.raises(VocError, match="backup of sqlite"):
        restore_backup(backup, tmp_path / "new", environment={"VOC_DATABASE_URL": url})
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["voc.lock"]


def repacked(backup: Path, target: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> Path:
    """The same archive with its members changed by hand."""
    members: list[tuple[tarfile.TarInfo, bytes]] = []
    with tarfile.open(backup) as tar:
        for info in tar:
            source = tar.extractfile(info)
            members.append((info, source.read() if source else b""))
    change(members)
    with tarfile.open(target, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return target


def _listed(members: list[tuple[tarfile.TarInfo, bytes]], name: str, data: bytes) -> None:
    """Put a file into the manifest as well as into the archive."""
    info, raw = members[0]
    manifest = json.loads(raw)
    manifest["files"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    text = json.dumps(manifest).encode()
    info.size = len(text)
    members[0] = (info, text)
    extra = tarfile.TarInfo(name)
    extra.size = len(data)
    members.append((extra, data))


def _link(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    info = tarfile.TarInfo("key")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    members[-1] = (info, b"")


def _doubled(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.append(members[-1])


def _unlisted(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.append((tarfile.TarInfo("plugins/evil/__init__.py"), b""))


def _changed(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    info, data = members[-1]
    members[-1] = (info, bytes(len(data)))


HARM: list[Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]] = [
    lambda members: _listed(members, "../escaped", b"x"),
    lambda members: _listed(members, "/escaped", b"x"),
    lambda members: _listed(members, "plugins/../../escaped", b"x"),
    lambda members: _listed(members, "plugins/./x", b"x"),
    lambda members: _listed(members, "voc.lock", b"x"),
    lambda members: _listed(members, "database/other.db", b"x"),
    _link,
    _doubled,
    _unlisted,
    _changed,
    lambda members: members.pop(),
    lambda members: members.reverse(),
    lambda members: members.clear(),
]


@pytest.mark.parametrize("harm", HARM)
def test_archives_that_mean_harm_are_refused(
    harm: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None], backup: Path, tmp_path: Path
) -> None:
    bad = repacked(backup, tmp_path / "bad.tgz", harm)
    with pytest.raises(Invalid):
        restore_backup(bad, tmp_path / "deep" / "new", environment={})
    assert not list(tmp_path.rglob("escaped"))
    if (tmp_path / "deep/new").exists():
        assert [path.name for path in (tmp_path / "deep/new").iterdir()] == ["voc.lock"]


def test_cut_off_and_foreign_files_are_refused(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    for number, data in enumerate((whole[: len(whole) // 2], b"", b"PK\x03\x04 something else", whole[:20])):
        bad = tmp_path / f"bad{number}"
        bad.write_bytes(data)
        with pytest.raises(Invalid, match="no backup"):
            restore_backup(bad, tmp_path / "new", environment={})


def test_a_database_that_is_not_the_manifests_is_refused(backup: Path, tmp_path: Path) -> None:
    manifest = read_manifest(backup)
    folder = tmp_path / "other"
    (folder / "database").mkdir(parents=True)
    path = folder / "database/voc.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (n)")
    key = folder / "key"
    with tarfile.open(backup) as tar:
        source = tar.extractfile("key")
        assert source is not None
        key.write_bytes(source.read())
    files = {"database/voc.db": path, "key": key}
    entries: dict[str, Entry] = {name: entry_of(item) for name, item in files.items()}
    changed: Manifest = replace(manifest, files=entries)
    with (tmp_path / "bad.tgz").open("wb") as stream:
        write_archive(stream, changed, files)
    with pytest.raises(VocError, match="manifest"):
        restore_backup(tmp_path / "bad.tgz", tmp_path / "new", environment={})
    assert not (tmp_path / "new/voc.db").exists()


def test_commands_say_what_is_in_the_file(
    sqlite_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    monkeypatch.setattr("voc.cli.backup._end_in_order", lambda: None)
    done = CliRunner().invoke(cli, ["backup", str(tmp_path / "b.tgz")])
    assert done.exit_code == 0
    assert "Whoever has it can read everything" in done.output
    monkeypatch.setenv("VOC_INSTANCE", str(tmp_path / "new"))
    done = CliRunner().invoke(cli, ["restore", str(tmp_path / "b.tgz")])
    assert done.exit_code == 0
    assert "0 feedback" in done.output
    done = CliRunner().invoke(cli, ["restore", str(tmp_path / "b.tgz")])
    assert isinstance(done.exception, Conflict)


@pytest.mark.postgresql
def test_without_its_programs_a_backup_of_postgresql_says_what_to_install(
    pg_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(VocError, match="postgresql-client"):
        write_backup(pg_settings, tmp_path / "b.tgz", now=NOW)
    assert not list(tmp_path.glob("b.tgz*"))


def test_a_server_that_does_not_answer_is_said_in_one_line(sqlite_settings: Settings, tmp_path: Path) -> None:
    away = replace(sqlite_settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    with pytest.raises(VocError, match="could not be written: connection"):
        write_backup(away, tmp_path / "b.tgz", now=NOW)
    assert not list(tmp_path.glob("b.tgz*"))
