"""Reviews with their steps, evidence, causes, notes and verdicts; history that the database itself keeps as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = sa.text("state NOT IN ('verified', 'dismissed')")
_KEPT = {
    "reviews": ("DELETE",),
    "review_steps": ("UPDATE", "DELETE"),
    "review_evidence": ("UPDATE", "DELETE"),
    "review_verdicts": ("UPDATE", "DELETE"),
}
_REFUSAL = "the history of a review is only ever added to"


def upgrade() -> None:
    _create_reviews()
    _create_history()
    _create_causes()
    _create_verdicts()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION keep_review_history() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        action = "FOR EACH ROW EXECUTE FUNCTION keep_review_history()"
    else:
        action = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table, events in _KEPT.items():
        for event in events:
            op.execute(f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} {action}")


def downgrade() -> None:
    for table in ("review_verdicts", "review_notes", "review_causes", "review_evidence", "review_steps", "reviews"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_review_history()")


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(500), nullable=False),
        sa.Column("owner", sa.String(200), nullable=True),
        sa.Column("owner_email", sa.String(320), nullable=True),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("paused_what", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("flagged_at", sa.DateTime(), nullable=False),
        sa.Column("flagged_by", sa.String(200), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(), nullable=False),
        sa.Column("decide_by", sa.DateTime(), nullable=False),
        sa.Column("resume_when", sa.Text(), nullable=True),
        sa.Column("fixed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signal", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_reviews_open", "reviews", ["intent"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)


def _create_history() -> None:
    op.create_table(
        "review_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state_before", sa.String(20), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("fixed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_review_steps"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_steps_review_id"),
        sa.UniqueConstraint("review_id", "version", name="uq_review_steps_review_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "review_evidence",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_review_evidence"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_evidence_review_id"),
    )


def _create_causes() -> None:
    op.create_table(
        "review_causes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("bone", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("contacts", sa.BigInteger(), nullable=True),
        sa.Column("contact_ids", sa.JSON(), nullable=False),
        sa.Column("whys", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_review_causes"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_causes_review_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_causes_review_id", "review_causes", ["review_id"])
    op.create_table(
        "review_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("cause_id", sa.Integer(), nullable=True),
        sa.Column("voice", sa.String(20), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("source", sa.String(200), nullable=True),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_notes"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_notes_review_id"),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["review_causes.id"], name="fk_review_notes_cause_id", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_notes_review_id", "review_notes", ["review_id"])


def _create_verdicts() -> None:
    op.create_table(
        "review_verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("review_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("data_version", sa.String(100), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_verdicts"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_verdicts_review_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_verdicts_review_id", "review_verdicts", ["review_id"])
