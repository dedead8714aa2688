"""From where people acted, an audit trail that the database itself keeps, erasures, and the key of pseudonyms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_HISTORY = "the history of a review is only ever added to"
_TRAIL = "the audit trail is only ever added to"
_ERASING = "EXISTS (SELECT 1 FROM operations WHERE kind IN ('erase', 'forget') AND open)"
_TOLD = {
    "audit": (("id", "at", "actor", "action", "origin"), _TRAIL),
    "review_steps": (("id", "review_id", "version", "state_before", "state", "at", "actor", "fixed_on"), _HISTORY),
    "review_evidence": (("review_id", "at"), _HISTORY),
}
"""What an erasure leaves as it was in each table of which it may take something out, and what others are told."""


def upgrade() -> None:
    op.add_column("audit", sa.Column("origin", sa.String(200), nullable=True))
    with op.batch_alter_table("operations", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("load_id", existing_type=sa.Integer(), nullable=True)
    op.create_table(
        "pseudonym_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pseudonym_keys"),
    )
    for table_name in ("review_steps", "review_evidence"):
        _drop_trigger(table_name, "update")
    for table_name, (kept, refusal) in _TOLD.items():
        _allow_erasing_only(table_name, kept, refusal)
    _refuse("audit", "delete", _TRAIL)


def downgrade() -> None:
    for table_name in _TOLD:
        _drop_trigger(table_name, "update")
    _drop_trigger("audit", "delete")
    for table_name in ("review_steps", "review_evidence"):
        _refuse(table_name, "update", _HISTORY)
    if _is_postgres():
        for table_name in _TOLD:
            op.execute(f"DROP FUNCTION keep_{table_name}_but_erased()")
        op.execute("DROP FUNCTION keep_audit_delete()")
    op.drop_table("pseudonym_keys")
    op.execute("DELETE FROM operations WHERE load_id IS NULL")
    with op.batch_alter_table("operations", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("load_id", existing_type=sa.Integer(), nullable=False)
    op.drop_column("audit", "origin")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _drop_trigger(table: str, event: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_{event}" + (f" ON {table}" if _is_postgres() else ""))


def _refuse(table: str, event: str, refusal: str) -> None:
    """Whoever changes or removes a row is refused."""
    before = f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table}"
    if not _is_postgres():
        op.execute(f"{before} BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
        return
    function = f"keep_{table}_{event}" if table == "audit" else "keep_review_history"
    if table == "audit":
        op.execute(_function(function, f"RAISE EXCEPTION '{refusal}';"))
    op.execute(f"{before} FOR EACH ROW EXECUTE FUNCTION {function}()")


def _allow_erasing_only(table: str, kept: tuple[str, ...], refusal: str) -> None:
    """A row may lose what is said of a person, while that person is being erased; the rest of it stays."""
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in kept)
    before = f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
    if not _is_postgres():
        same = same.replace("IS NOT DISTINCT FROM", "IS")
        op.execute(f"{before} WHEN NOT ({_ERASING} AND {same}) BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
        return
    body = f"IF NOT ({_ERASING} AND {same}) THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN NEW;"
    op.execute(_function(f"keep_{table}_but_erased", body))
    op.execute(f"{before} FOR EACH ROW EXECUTE FUNCTION keep_{table}_but_erased()")


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
