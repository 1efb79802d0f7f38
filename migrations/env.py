"""Alembic's environment: the connection and the metadata are handed in by the migration runner."""

from typing import Any

from alembic import context

config = context.config


def plain_type(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our own column types as plain ones, so that a migration never imports today's code."""
    if kind == "type":
        name = type(item).__name__
        if name == "Utc":
            return "sa.DateTime(timezone=True)"
        if name == "Key":
            return "KEY"
        if name == "Enum":
            return f"sa.String({item.length})"
        if name == "JSON":
            return "JSON"
    return False


def run() -> None:
    """Run inside the transaction that the runner holds."""
    connection = config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=config.attributes["metadata"],
        render_item=plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=False,
    )
    context.run_migrations()


run()
