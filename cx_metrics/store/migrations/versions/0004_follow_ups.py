"""Follow-up wishes that were worked off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_ups_done",
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "contact_id", name="pk_follow_ups_done"),
    )


def downgrade() -> None:
    op.drop_table("follow_ups_done")
