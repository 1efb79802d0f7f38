"""plugin settings: what was set for whole plugins, and when their schedules run

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "plugin_setting",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("store", JSON, nullable=False),
        sa.Column("changed_by", KEY, nullable=True),
        sa.Column("changed_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin_setting")),
    )
    op.create_table(
        "plugin_schedule",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("plugin", sa.String(120), nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("ran_at", AT, nullable=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin_schedule")),
    )


def downgrade() -> None:
    op.drop_table("plugin_schedule")
    op.drop_table("plugin_setting")
