"""What staged contacts would do to the lake: which keys are new, changed, unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from cx_metrics.contacts.schema import FIELDS
from cx_metrics.store.lake.tables import Lake, differs

TABLE = "compared"


@dataclass(frozen=True)
class Comparison:
    """Counts of what a load does; the keys stand in the connection's table ``compared``.

    ``compared`` has (contact_id, changed, month): one row for each staged key the lake already holds, whether its
    row differs, and the month in which it stands there.

    Attributes:
        added: Keys the lake does not hold.
        replaced: Keys whose row in the lake differs.
        unchanged: Keys whose row in the lake is the same.
        months: The months in which the rows to replace stand.
        complete_until: Newest ``started_at`` of the staged contacts; None without any.
    """

    added: int
    replaced: int
    unchanged: int
    months: tuple[str, ...]
    complete_until: datetime | None


def compare(connection: duckdb.DuckDBPyConnection, *, staged: str, source: str, lake: Lake) -> Comparison:
    """Compare a staged table with the lake's rows of the same source."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {TABLE} AS
        SELECT new.contact_id, {differs("old", "new")} AS changed, old.month
        FROM {lake.contacts.relation()} AS old JOIN {staged} AS new USING (contact_id)
        WHERE old.source = $source
        """,
        {"source": source},
    )
    held, replaced = _row(connection, f"SELECT count(*), count(*) FILTER (changed) FROM {TABLE}")
    total, newest = _row(connection, f"SELECT count(*), max(started_at) FROM {staged}")
    months = connection.execute(f"SELECT DISTINCT month FROM {TABLE} WHERE changed ORDER BY month").fetchall()
    return Comparison(total - held, replaced, held - replaced, tuple(m for (m,) in months), newest)


def incoming(*, staged: str, load: int) -> str:
    """SQL of the lake rows a load brings: those the lake does not hold, and those that differ."""
    columns = ", ".join(f'"{field.name}"' for field in FIELDS)
    return (
        f"SELECT {columns}, CAST({load} AS BIGINT) AS load, month FROM {staged} "
        f"ANTI JOIN (SELECT contact_id FROM {TABLE} WHERE NOT changed) USING (contact_id)"
    )


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row
