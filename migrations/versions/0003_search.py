"""search: the full-text index, and what customers are found by

Written by hand: virtual tables and text search vectors are not in the models. The index is filled by the worker, for
which a row of work is left; names and addresses are given the form in which they are compared.

Revision ID: 0003
Revises: 0002
"""

import os
import re
import time
import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

SQLITE = (
    """
    CREATE TABLE feedback_search (
        id INTEGER NOT NULL PRIMARY KEY,
        feedback_id BLOB NOT NULL UNIQUE REFERENCES feedback (id) ON DELETE CASCADE,
        words TEXT NOT NULL,
        facets TEXT NOT NULL
    )
    """,
    """
    CREATE VIRTUAL TABLE feedback_fts USING fts5 (
        words, facets,
        content='feedback_search', content_rowid='id', columnsize=0,
        tokenize='unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER feedback_search_added AFTER INSERT ON feedback_search BEGIN
        INSERT INTO feedback_fts (rowid, words, facets) VALUES (new.id, new.words, new.facets);
    END
    """,
    """
    CREATE TRIGGER feedback_search_removed AFTER DELETE ON feedback_search BEGIN
        INSERT INTO feedback_fts (feedback_fts, rowid, words, facets)
        VALUES ('delete', old.id, old.words, old.facets);
    END
    """,
    """
    CREATE TRIGGER feedback_search_changed AFTER UPDATE ON feedback_search BEGIN
        INSERT INTO feedback_fts (feedback_fts, rowid, words, facets)
        VALUES ('delete', old.id, old.words, old.facets);
        INSERT INTO feedback_fts (rowid, words, facets) VALUES (new.id, new.words, new.facets);
    END
    """,
)
POSTGRESQL = (
    """
    CREATE TABLE feedback_search (
        feedback_id UUID NOT NULL PRIMARY KEY REFERENCES feedback (id) ON DELETE CASCADE,
        words TSVECTOR NOT NULL
    )
    """,
    # What was just added waits in a list that every search reads: it is kept short.
    "CREATE INDEX ix_feedback_search_words ON feedback_search USING gin (words) WITH (gin_pending_list_limit = 256)",
)

CHUNK = 1000


def upgrade() -> None:
    """Make the index, and the keys of names and addresses."""
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)
    if connection.execute(sa.text("SELECT 1 FROM feedback LIMIT 1")).first() is not None:
        _leave_work(connection)
    _fill(connection, "customer", ("name",), lambda row: {"name_key": name_key(row.name)})
    _fill(
        connection,
        "contact_point",
        ("email", "phone"),
        lambda row: {"email_key": email(row.email), "phone_key": phone(row.phone)},
    )


def downgrade() -> None:
    """Drop the index; what compares names and addresses goes with its columns."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE feedback_fts")
    op.execute("DROP TABLE feedback_search")
    op.execute("DELETE FROM work WHERE kind = 'search.backfill'")


def _leave_work(connection: sa.Connection) -> None:
    """One row of work: the worker begins with the oldest feedback and leaves the next one itself."""
    work = sa.table(
        "work",
        sa.column("id", KEY),
        sa.column("kind", sa.String),
        sa.column("lane", sa.String),
        sa.column("data", JSON),
        sa.column("state", sa.String),
        sa.column("due_at", sa.DateTime(timezone=True)),
        sa.column("attempts", sa.Integer),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    now = (
        sa.func.now() if connection.dialect.name == "postgresql" else sa.text("strftime('%Y-%m-%d %H:%M:%f000', 'now')")
    )
    connection.execute(
        sa.insert(work).values(
            id=sa.bindparam("id", _new_id(connection), type_=KEY),
            kind="search.backfill",
            lane="slow",
            data={},
            state="todo",
            due_at=now,
            attempts=0,
            created_at=now,
        )
    )


def _new_id(connection: sa.Connection) -> Any:
    """A UUIDv7."""
    random = int.from_bytes(os.urandom(10), "big")
    bits = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    made = uuid.UUID(int=bits)
    return made if connection.dialect.name == "postgresql" else made.bytes


def _fill(
    connection: sa.Connection, name: str, columns: tuple[str, ...], keys_of: Callable[[Any], dict[str, str | None]]
) -> None:
    """Compute the keys of every row, some at a time."""
    rows_of = sa.table(name, sa.column("id", KEY), *(sa.column(column, sa.String) for column in columns))
    after = None
    while True:
        statement = sa.select(rows_of).order_by(rows_of.c.id).limit(CHUNK)
        rows = connection.execute(statement if after is None else statement.where(rows_of.c.id > after)).all()
        if not rows:
            return
        found = [{"row_id": row.id, **keys_of(row)} for row in rows]
        written = sa.table(
            name, sa.column("id", KEY), *(sa.column(key, sa.String) for key in found[0] if key != "row_id")
        )
        connection.execute(
            sa.update(written)
            .where(written.c.id == sa.bindparam("row_id", type_=KEY))
            .values({key: sa.bindparam(key) for key in found[0] if key != "row_id"}),
            found,
        )
        after = rows[-1].id


# How these were compared when this migration was written; a migration never imports today's code.


def name_key(name: str | None) -> str | None:
    """Small letters, no accents, one space."""
    plain = unicodedata.normalize("NFD", (name or "").casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())[:200] or None


def email(value: str | None) -> str | None:
    """The domain in lower case."""
    text = unicodedata.normalize("NFC", (value or "").strip())
    found = re.fullmatch(r"([^@\s\x00-\x1f\x7f<>,;:\"]{1,64})@([^@\s\x00-\x1f\x7f<>,;:\"/\\]{1,250})", text)
    domain = found[2].lower().rstrip(".") if found else ""
    whole = f"{found[1]}@{domain}" if found else ""
    return whole if domain and len(whole) <= 320 else None


def phone(value: str | None) -> str | None:
    """Digits, with a + when the country is named."""
    text = (value or "").strip()
    if not text.isascii() or re.fullmatch(r"(?:\+|00)?[0-9(][0-9 ().\-/]*", text) is None:
        return None
    abroad = text.startswith(("+", "00"))
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", "") if abroad else text)
    if abroad and not text.startswith("+"):
        digits = digits[2:]
    if not 7 <= len(digits) <= 15 or (abroad and digits.startswith("0")):
        return None
    return f"+{digits}" if abroad else digits
