"""taxonomy: topics under topics, examples, versions; heads learnt from labels; understanding again

What every topic says now becomes its first version.

Revision ID: 0005
Revises: 0004
"""

import os
import time
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.add_column(sa.Column("examples", JSON, nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("parent_key", sa.String(60), nullable=True))
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default=sa.text("1")))
    with op.batch_alter_table("house", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic_head_id", KEY, nullable=True))
    op.create_table(
        "topic_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("topic_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("examples", JSON, nullable=False),
        sa.Column("parent_key", sa.String(60), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_topic_version_author_id_user")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_topic_version_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_version")),
        sa.UniqueConstraint("topic_id", "number", name=op.f("uq_topic_version_topic_id_number")),
    )
    op.create_table(
        "topic_head",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("labelled", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.Integer(), nullable=False),
        sa.Column("data_hash", sa.String(64), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("promoted_at", AT, nullable=True),
        sa.Column("stepped_back_at", AT, nullable=True),
        sa.Column("before_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_topic_head_asked_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_head")),
        sa.UniqueConstraint("number", name=op.f("uq_topic_head_number")),
    )
    op.create_table(
        "analysis_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("since", AT, nullable=True),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("reached_id", KEY, nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("finished_at", AT, nullable=True),
        sa.Column("topics_only", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_analysis_run_asked_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_run")),
    )
    op.create_index(
        "ix_analysis_by_person",
        "analysis",
        ["feedback_id"],
        sqlite_where=sa.text("author_id IS NOT NULL"),
        postgresql_where=sa.text("author_id IS NOT NULL"),
    )
    _first_versions(op.get_bind())


def downgrade() -> None:
    op.execute("DELETE FROM work WHERE kind IN ('pipeline.redo', 'pipeline.learn')")
    op.drop_index("ix_analysis_by_person", "analysis")
    op.drop_table("analysis_run")
    op.drop_table("topic_head")
    op.drop_table("topic_version")
    with op.batch_alter_table("house", schema=None) as batch_op:
        batch_op.drop_column("topic_head_id")
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_column("number")
        batch_op.drop_column("parent_key")
        batch_op.drop_column("examples")


def _first_versions(connection: sa.Connection) -> None:
    """One version for each topic, as it stands."""
    columns = [sa.column("names", JSON), sa.column("words", JSON), sa.column("active", sa.Boolean)]
    topic = sa.table("topic", sa.column("id", KEY), *columns, sa.column("updated_at", AT))
    columns = [sa.column("names", JSON), sa.column("words", JSON), sa.column("active", sa.Boolean)]
    version = sa.table(
        "topic_version",
        sa.column("id", KEY),
        sa.column("topic_id", KEY),
        sa.column("number", sa.Integer),
        sa.column("examples", JSON),
        *columns,
        sa.column("created_at", AT),
    )
    for row in connection.execute(sa.select(topic)).all():
        connection.execute(
            sa.insert(version).values(
                id=sa.bindparam("id", _new_id(connection), type_=KEY),
                topic_id=sa.bindparam("topic_id", row.id, type_=KEY),
                number=1,
                names=row.names,
                words=row.words,
                examples={},
                active=row.active,
                created_at=row.updated_at,
            )
        )


def _new_id(connection: sa.Connection) -> Any:
    """A UUIDv7."""
    random = int.from_bytes(os.urandom(10), "big")
    bits = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    made = uuid.UUID(int=bits)
    return made if connection.dialect.name == "postgresql" else made.bytes
