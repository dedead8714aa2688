"""Proactive alerts, with the customers of some."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("intent", sa.String(500), nullable=False),
        sa.Column("trigger", sa.String(200), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("within_days", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(500), nullable=True),
        sa.Column("n_sent", sa.BigInteger(), nullable=False),
        sa.Column("n_held_out", sa.BigInteger(), nullable=True),
        sa.Column("contacted_sent", sa.BigInteger(), nullable=True),
        sa.Column("contacted_held_out", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_alerts"),
    )
    op.create_table(
        "alert_customers",
        sa.Column("alert", sa.String(200), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.name"], name="fk_alert_customers_alert", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", "customer_id", name="pk_alert_customers"),
    )


def downgrade() -> None:
    op.drop_table("alert_customers")
    op.drop_table("alerts")
