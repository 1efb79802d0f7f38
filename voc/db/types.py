"""Portable column types and the declarative base every table shares."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine


class Utc(TypeDecorator[datetime]):
    """An instant. Naive values are refused, not guessed; SQLite gives naive UTC back and gets its zone again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC; raises ValueError for a naive value."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Key(TypeDecorator[UUID]):
    """A UUIDv7: 16 bytes on SQLite (they sort by time), native on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that really stands in the table."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """The UUID for PostgreSQL, its bytes for SQLite."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        """A UUID again."""
        if value is None or isinstance(value, UUID):
            return value
        return UUID(bytes=bytes(value))


def closed(kind: type[StrEnum]) -> Enum:
    """A closed set stored as its words; anything else is refused before it reaches the database."""
    return Enum(
        kind,
        native_enum=False,
        length=24,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


def word(value: StrEnum) -> ColumnElement[str]:
    """A word of a closed set as a literal: SQLite uses a partial index only when it sees the word in the statement."""
    return literal_column(f"'{value.value}'")


def bytewise(length: int) -> String:
    """Text in the order of its bytes on both databases, whatever the server's language: for finding by beginnings."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Base of every table: names by rule, instants always UTC, JSON as JSONB on PostgreSQL."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Utc, UUID: Key, dict[str, Any]: Json, list[Any]: Json}


def table_of(model: type[Base]) -> Table:
    """The table of a model, for bulk inserts: through the model itself SQLAlchemy makes one statement for every
    pattern of empty columns; through the table it is one statement for all rows."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  (tells the type checker)
    return table
