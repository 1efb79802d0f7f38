"""phrases: what customers say in their own words, counted by day, and what is said more than expected

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feedback_phrase",
        sa.Column("feedback_id", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel_id", KEY, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("unhappy", sa.Boolean(), nullable=False),
        sa.Column("phrases", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_feedback_phrase_channel_id_channel")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_feedback_phrase_feedback_id_feedback")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback_phrase")),
    )
    op.create_index("ix_feedback_phrase_day", "feedback_phrase", ["day", "feedback_id"])
    op.create_table(
        "rollup_phrase",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel_id", KEY, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("phrase", sa.String(80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("unhappy", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_rollup_phrase_channel_id_channel")),
        sa.PrimaryKeyConstraint("day", "channel_id", "language", "phrase", name=op.f("pk_rollup_phrase")),
    )
    op.create_index("ix_rollup_phrase_said", "rollup_phrase", ["language", "phrase", "day", "n"])
    op.create_table(
        "phrase_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("counted_day", sa.Date(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("rest_until", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase_state")),
    )
    op.create_table(
        "emerging",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tested", sa.Integer(), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("counted_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_emerging")),
    )


def downgrade() -> None:
    op.drop_table("emerging")
    op.drop_table("phrase_state")
    op.drop_index("ix_rollup_phrase_said", table_name="rollup_phrase")
    op.drop_table("rollup_phrase")
    op.drop_index("ix_feedback_phrase_day", table_name="feedback_phrase")
    op.drop_table("feedback_phrase")
