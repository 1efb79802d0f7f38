"""hooks: what plugins did for rules, and what they put into the slots of pages

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
UNTIL = sa.text("until IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "rule_deed",
        sa.Column("id", KEY, nullable=False),
        sa.Column("feedback_id", KEY, nullable=False),
        sa.Column("rule_version_id", KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("done_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_rule_deed_feedback_id_feedback")),
        sa.ForeignKeyConstraint(
            ["rule_version_id"], ["rule_version.id"], name=op.f("fk_rule_deed_rule_version_id_rule_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_deed")),
        sa.UniqueConstraint(
            "feedback_id", "rule_version_id", "place", name=op.f("uq_rule_deed_feedback_id_rule_version_id_place")
        ),
    )
    op.create_table(
        "slot_panel",
        sa.Column("id", KEY, nullable=False),
        sa.Column("plugin", sa.String(120), nullable=False),
        sa.Column("slot", sa.String(40), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("data", JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("filled_at", AT, nullable=True),
        sa.Column("until", AT, nullable=True),
        sa.Column("asked_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_slot_panel_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_panel")),
        sa.UniqueConstraint("subject_id", "plugin", "slot", name=op.f("uq_slot_panel_subject_id_plugin_slot")),
    )
    with op.batch_alter_table("slot_panel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_panel_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_slot_panel_until", ["until"], unique=False, sqlite_where=UNTIL, postgresql_where=UNTIL
        )


def downgrade() -> None:
    op.drop_table("slot_panel")
    op.drop_table("rule_deed")
