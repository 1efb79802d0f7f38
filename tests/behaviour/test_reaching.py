"""Commands where nothing was started yet, or where nothing answers; and files that nobody else may read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from voc.cli import cli
from voc.core.clock import utc_now
from voc.core.errors import SettingError, VocError
from voc.core.settings import Settings, load
from voc.db import Database
from voc.runtime.backup import restore_backup, write_backup
from voc.runtime.instance import open_instance

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


def run(monkeypatch: pytest.MonkeyPatch, settings: Settings, *words: str) -> Result:
    monkeypatch.setenv("VOC_INSTANCE", str(settings.instance))
    if settings.database_url:
        monkeypatch.setenv("VOC_DATABASE_URL", settings.database_url)
    return CliRunner().invoke(cli, words)


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_check_says_that_there_is_nothing_yet_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    settings = load({}, instance=tmp_path / folder)
    (tmp_path / "empty").mkdir()
    done = run(monkeypatch, settings, "db", "check")
    assert isinstance(done.exception, VocError)
    assert f"there is no instance in {settings.instance} yet" in str(done.exception)
    assert "voc serve makes one" in str(done.exception)
    assert not settings.instance.exists() or list(settings.instance.iterdir()) == []


@pytest.mark.postgresql
def test_check_of_an_empty_server_says_the_same(pg_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database(pg_settings.url)
    with db.connecting() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    db.close()
    done = run(monkeypatch, pg_settings, "db", "check")
    assert "there is no instance in this database yet" in str(done.exception)


def test_upgrade_makes_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({}, instance=tmp_path / "new")
    assert "revision" in run(monkeypatch, settings, "db", "upgrade").output
    assert "up to date" in run(monkeypatch, settings, "db", "check").output
    open_instance(settings, create=True).close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a server that will not come."""
    wait = Database.wait_until_reachable
    monkeypatch.setattr(Database, "wait_until_reachable", lambda self, _seconds: wait(self, 0))


@pytest.mark.postgresql
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("words", [["verify"], ["db", "check"], ["db", "upgrade"], ["user", "link", "a@b.c"]])
def test_a_server_that_does_not_answer_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    settings = load({}, instance=tmp_path, database_url=NOWHERE)
    said = str(run(monkeypatch, settings, *words).exception)
    assert said.startswith("the database cannot be reached: ")
    assert "refused" in said
    assert "written" not in said
    assert "\n" not in said


@pytest.mark.postgresql
def test_the_doctor_says_what_the_server_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, load({}, instance=tmp_path, database_url=NOWHERE), "doctor")
    line = next(line for line in done.output.splitlines() if line.startswith("wrong database"))
    assert "refused" in line
    assert "written" not in line


def test_a_number_is_written_as_it_is_typed() -> None:
    with pytest.raises(SettingError, match="between 16384 and 104857600, not 104857601"):
        load({"VOC_BODY_LIMIT": "104857601"})
    with pytest.raises(SettingError, match=r"between 0.1 and 60, not 0.05"):
        load({"VOC_DRAIN": "0.05"})
    with pytest.raises(SettingError, match="not nan"):
        load({"VOC_DRAIN": "nan"})


def modes(folder: Path) -> dict[str, int]:
    """Who may do what with the files in a folder."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """The most careless umask there is."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_to_all")
def test_nobody_else_reads_what_lies_in_a_folder_that_was_there(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o755)
    settings = load({}, instance=instance)
    runtime = open_instance(settings, create=True)
    with runtime.db.reading():
        assert {"voc.db", "voc.db-wal", "voc.db-shm", "key"} <= set(modes(instance))
        assert set(modes(instance).values()) == {0o600}
    runtime.close()
    write_backup(settings, tmp_path / "b.tgz", now=utc_now())
    assert modes(tmp_path) == {"b.tgz": 0o600}
    back = tmp_path / "back"
    back.mkdir(mode=0o755)
    restore_backup(tmp_path / "b.tgz", back, environment={})
    again = open_instance(load({}, instance=back), create=True)
    with again.db.reading():
        assert set(modes(back).values()) == {0o600}
    again.close()


def test_what_an_operator_opened_stays_open(tmp_path: Path) -> None:
    settings = load({}, instance=tmp_path / "instance")
    open_instance(settings, create=True).close()
    path = settings.instance / "voc.db"
    path.chmod(0o640)
    open_instance(settings, create=True).close()
    assert path.stat().st_mode & 0o777 == 0o640
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM house").fetchone() == (1,)


def test_a_database_in_a_folder_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'no' / 'folder' / 'voc.db'}"
    settings: Any = load({}, instance=tmp_path / "instance", database_url=address)
    with pytest.raises(SettingError, match="VOC_DATABASE_URL"):
        open_instance(settings, create=True)
