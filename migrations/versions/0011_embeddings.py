"""embeddings: what the words of feedback mean, and runs that make it for the past

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feedback_embedding",
        sa.Column("feedback_id", KEY, nullable=False),
        sa.Column("model", sa.String(60), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_feedback_embedding_feedback_id_feedback")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["feedback.id"], name=op.f("fk_feedback_embedding_group_id_feedback")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback_embedding")),
    )
    op.create_index("ix_feedback_embedding_group", "feedback_embedding", ["group_id", "feedback_id"])
    op.create_table(
        "embedding_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("made_by", sa.String(60), nullable=False),
        sa.Column("since", AT, nullable=True),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("reached_id", KEY, nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("finished_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_embedding_run_asked_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding_run")),
    )


def downgrade() -> None:
    op.drop_table("embedding_run")
    op.drop_index("ix_feedback_embedding_group", table_name="feedback_embedding")
    op.drop_table("feedback_embedding")
