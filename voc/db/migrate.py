"""Migrations: bring a database to the newest revision, and say whether it is there. The metadata is passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, text

from voc.db.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = "voc_migrations:"
_ADVISORY_LOCK = 0x766F63  # "voc": two starters on one PostgreSQL wait for each other


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config


def heads() -> list[str]:
    """The newest revisions that ship with this version; more than one is a fault of the release."""
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory.from_config(_config()).get_heads())


def current(database: Database) -> str | None:
    """The revision the database stands at, None when it is empty. Imports no Alembic: the server asks at start."""
    with database.reading() as session:
        connection = session.connection()
        if not connection.dialect.has_table(connection, "alembic_version"):
            return None
        return session.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(database: Database, metadata: MetaData, *, revision: str = "head") -> None:
    """Run every missing migration in one transaction each."""
    _run(database, metadata, lambda config: _command().upgrade(config, revision))


def downgrade(database: Database, metadata: MetaData, *, revision: str) -> None:
    """Go back to `revision` ("base" for an empty database)."""
    _run(database, metadata, lambda config: _command().downgrade(config, revision))


def differences(database: Database, metadata: MetaData) -> list[Any]:
    """What the models have and the database does not, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        return list(compare_metadata(context, metadata))


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether the models should know of it: Alembic's own table and the full-text index stand in migrations alone."""
    return kind != "table" or not (
        name == "alembic_version" or (name or "").startswith(("feedback_search", "feedback_fts"))
    )


def _command() -> Any:
    from alembic import command

    return command


def _run(database: Database, metadata: MetaData, action: Any) -> None:
    config = _config()
    with database.rebuilding(patience=60) as connection:
        _lock(connection)
        config.attributes["connection"] = connection
        config.attributes["metadata"] = metadata
        action(config)


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
