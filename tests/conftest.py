"""What every test may use: a running house on SQLite or PostgreSQL, with a clock that is set by hand."""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from voc.core.settings import Settings, load
from voc.db import Database
from voc.db.migrate import upgrade
from voc.jobs.engine import LANES, Engine
from voc.model import metadata
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.runtime.reaching import sqlite_file

PG_ADMIN = "postgresql://postgres@127.0.0.1:5432/postgres"
NEEDED = os.environ.get("TESTS_NEED", "").split(",")

# A Wednesday morning in Lima (10:00), no holiday: working time, so that clocks run at once.
START = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)

# Every test leaves a whole house behind; looking for garbage at every 700 new things took a fifth of the time.
gc.set_threshold(10_000, 10, 3)


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of this process; another text of a template is another one."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


# Each test makes an application of its own, and each application compiled every template that it showed.
Flask.jinja_options = {"bytecode_cache": Compiled()}


# Where the two databases could differ most: these run on both in the default run. Everything else that knows both runs
# on PostgreSQL too, as a slow test: a fresh database for each takes longer than most of them.
BOTH_AT_ONCE = (
    "behaviour/insights/test_rollups.py",
    "behaviour/search/",
    "behaviour/test_escalation.py",
    "behaviour/test_migrations.py",
    "behaviour/test_the_thread.py",
    "behaviour/verify/test_verify.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what runs on PostgreSQL again among the slow tests, but for `BOTH_AT_ONCE`."""
    for item in items:
        if item.get_closest_marker("postgresql") and not any(part in item.path.as_posix() for part in BOTH_AT_ONCE):
            item.add_marker(pytest.mark.slow)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def forward(self, **amount: float) -> datetime:
        """Move on by a timedelta."""
        self.at += timedelta(**amount)
        return self.at


def missing(what: str, why: str) -> None:
    """Skip with the reason; fail where `TESTS_NEED` (set by .ci/run) says that it must be there."""
    if what in NEEDED:
        pytest.fail(f"{what} is needed here and missing: {why}")
    pytest.skip(f"{what}: {why}")


@pytest.fixture(scope="session")
def postgres() -> str:
    """The address of a PostgreSQL where databases may be made, or a visible skip."""
    try:
        import psycopg
    except ImportError as error:
        missing("postgresql", str(error))
    try:
        psycopg.connect(PG_ADMIN, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        missing("postgresql", str(error).splitlines()[0])
    return PG_ADMIN


def _pg(statement: str) -> None:
    import psycopg

    with psycopg.connect(PG_ADMIN, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def pg_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A furnished PostgreSQL database to copy, with the instance folder that holds its key."""
    name = f"voc_template_{uuid.uuid4().hex[:12]}"
    folder = tmp_path_factory.mktemp("pg-template")
    _pg(f'CREATE DATABASE "{name}"')
    furnish(load({}, instance=folder, database_url=f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}"))
    yield name, folder
    _pg(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row, to put where an instance will be made."""
    settings = load({}, instance=tmp_path_factory.mktemp("empty"))
    db = Database(settings.url)
    upgrade(db, metadata)
    db.close()
    file = sqlite_file(settings)
    assert file is not None
    return file


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a furnished SQLite instance to copy."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    furnish(load({}, instance=folder))
    return folder


def furnish(settings: Settings) -> None:
    """Make an instance and compute its forms."""
    runtime = open_instance(settings, create=True, clock=SetClock())
    Engine(runtime, worker="template").drain("flow")
    runtime.close()


@pytest.fixture
def sqlite_settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    """Settings of a fresh furnished instance on SQLite."""
    folder = tmp_path / "instance"
    shutil.copytree(sqlite_template, folder)
    return load({}, instance=folder, form_min_seconds=0.0)


@pytest.fixture
def pg_settings(pg_template: tuple[str, Path], tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh furnished instance on PostgreSQL."""
    template, source = pg_template
    name = f"voc_test_{uuid.uuid4().hex[:12]}"
    _pg(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    folder = tmp_path / "instance"
    shutil.copytree(source, folder)
    yield load(
        {},
        instance=folder,
        form_min_seconds=0.0,
        database_url=f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}",
    )
    _pg(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of a fresh furnished instance, on both databases in turn."""
    name = "sqlite_settings" if request.param == "sqlite" else "pg_settings"
    found: Settings = request.getfixturevalue(name)
    return found


@pytest.fixture
def clock() -> SetClock:
    """The clock of `runtime`."""
    return SetClock()


@pytest.fixture
def runtime(settings: Settings, clock: SetClock) -> Iterator[Runtime]:
    """A running house, on both databases in turn."""
    found = open_instance(settings, create=False, clock=clock)
    yield found
    found.close()


@pytest.fixture
def sqlite_runtime(sqlite_settings: Settings, clock: SetClock) -> Iterator[Runtime]:
    """A running house on SQLite only, where the database makes no difference."""
    found = open_instance(sqlite_settings, create=False, clock=clock)
    yield found
    found.close()


@pytest.fixture
def work(runtime: Runtime) -> Callable[[], None]:
    """Do everything that is due, as the worker would."""
    return worker_of(runtime)


def worker_of(runtime: Runtime) -> Callable[[], None]:
    """A function that does everything that is due in every lane."""
    engine = Engine(runtime, worker="test")

    def run() -> None:
        for _ in range(20):
            if not sum(engine.drain(lane) for lane in LANES):
                return

    return run
