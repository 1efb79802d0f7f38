"""fates: what the other side reports of an answer that was sent, and whether later words were the first ones

Answers used to count for everybody who had written on a case. For each case on which somebody wrote in a thread and
that was answered a row of work is left: the worker looks again whom the answers reached.

Revision ID: 0004
Revises: 0003
"""

import os
import time
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("feedback_edit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("added", sa.Boolean(), nullable=False, server_default=sa.false()))
    _leave_work(op.get_bind())


def downgrade() -> None:
    op.execute("DELETE FROM work WHERE kind = 'cases.reached'")
    with op.batch_alter_table("feedback_edit", schema=None) as batch_op:
        batch_op.drop_column("added")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("read_at")
        batch_op.drop_column("delivered_at")


def _leave_work(connection: sa.Connection) -> None:
    """One row of work for each case that may have been answered to one person and not to another."""
    event = sa.table("case_event", sa.column("case_id", KEY), sa.column("kind", sa.String), sa.column("data", JSON))
    joined = connection.execute(sa.select(event.c.case_id, event.c.data).where(event.c.kind == "joined"))
    threads = {case_id for case_id, data in joined if data.get("thread")}
    answered = connection.execute(sa.select(event.c.case_id).where(event.c.kind == "answered"))
    cases = threads & set(answered.scalars())
    work = sa.table(
        "work",
        sa.column("id", KEY),
        sa.column("subject_id", KEY),
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
    for case_id in sorted(cases):
        connection.execute(
            sa.insert(work).values(
                id=sa.bindparam("id", _new_id(connection), type_=KEY),
                subject_id=sa.bindparam("subject_id", case_id, type_=KEY),
                kind="cases.reached",
                lane="flow",
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
