"""Intents, rates, units of X, and the stamp of the present state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _exact() -> sa.types.TypeEngine:
    return sa.Numeric(18, 6).with_variant(sa.String(24), "sqlite")


def upgrade() -> None:
    op.create_table(
        "intents",
        sa.Column("intent", sa.String(500), nullable=False),
        sa.Column("category", sa.String(200), nullable=True),
        sa.Column("owner", sa.String(200), nullable=True),
        sa.Column("owner_email", sa.String(200), nullable=True),
        sa.Column("department", sa.String(200), nullable=True),
        sa.Column("fcr_target", sa.Double(), nullable=True),
        sa.Column("window_days", sa.Integer(), nullable=True),
        sa.Column("downstream_cost", _exact(), nullable=True),
        sa.Column("expected_hours", sa.Double(), nullable=True),
        sa.Column("value_to_customer", sa.String(10), nullable=True),
        sa.Column("value_to_company", sa.String(10), nullable=True),
        sa.PrimaryKeyConstraint("intent", name="pk_intents"),
    )
    op.create_table(
        "rates",
        sa.Column("channel", sa.String(500), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("per_minute", _exact(), nullable=False),
        sa.Column("per_contact", _exact(), nullable=False),
        sa.Column("assumed_minutes", _exact(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "from_on", name="pk_rates"),
    )
    op.create_table(
        "x_units",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("units", _exact(), nullable=False),
        sa.PrimaryKeyConstraint("name", "on", name="pk_x_units"),
    )
    revisions = op.create_table(
        "revisions",
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("stamp", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_revisions"),
    )
    op.bulk_insert(revisions, [{"name": "decisions", "stamp": ""}])


def downgrade() -> None:
    for table in ("revisions", "x_units", "rates", "intents"):
        op.drop_table(table)
