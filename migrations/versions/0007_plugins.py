"""plugins: what was chosen for them, and how they stand in each process

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "plugin_choice",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("isolation", sa.String(20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", KEY, nullable=True),
        sa.Column("changed_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin_choice")),
    )
    op.create_table(
        "plugin_report",
        sa.Column("process", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("process", "name", name=op.f("pk_plugin_report")),
    )


def downgrade() -> None:
    op.drop_table("plugin_report")
    op.drop_table("plugin_choice")
