"""Small extracts written by hand: a table on a connection, and what staging made of it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from cx_metrics.contacts.mapping import Mapping, parse_mapping
from cx_metrics.contacts.staging import Staged, stage_table
from cx_metrics.contacts.tables import Table

_WORKDIR = tempfile.TemporaryDirectory()

LEAST = '[columns]\ncontact_id = "id"\nstarted_at = "at"\n'
"""The shortest mapping."""

UTC_LEAST = f'timezone = "UTC"\n{LEAST}'

Rows = Sequence[Sequence[str | None]]


def table_of(connection: duckdb.DuckDBPyConnection, headers: Sequence[str], rows: Rows) -> Table:
    """The rows as a table that was opened from a file without malformed records."""
    cells = "".join(f", c{at} VARCHAR" for at in range(len(headers)))
    connection.execute(f"CREATE OR REPLACE TABLE extract (row_number BIGINT{cells})")
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        texts = ", unnest(?::VARCHAR[])" * len(headers)
        connection.execute(f"INSERT INTO extract SELECT unnest(range(1, {len(rows) + 1})){texts}", columns)
    described = 'row_number BIGINT, "column" VARCHAR, "value" VARCHAR, reason VARCHAR'
    connection.execute(f"CREATE OR REPLACE TABLE malformed ({described})")
    return Table(tuple(headers), "extract", "malformed", "csv", "utf-8", ",")


def staged_rows(
    mapping: Mapping | str,
    *,
    headers: Sequence[str],
    rows: Rows,
    timezone: str | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Staged:
    """The rows staged under a mapping, or under its TOML text."""
    connection = connection or duckdb.connect()
    if isinstance(mapping, str):
        mapping = parse_mapping(mapping, origin="mine")
    return stage_table(
        table_of(connection, headers, rows),
        mapping=mapping,
        source="test",
        connection=connection,
        workdir=Path(_WORKDIR.name),
        timezone=timezone,
    )


def contacts(staged: Staged) -> list[dict[str, Any]]:
    """The accepted contacts in file order."""
    found = staged.connection.execute(f"SELECT * FROM {staged.table} ORDER BY row_number")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def rejects(staged: Staged) -> list[tuple[int, str | None, str, str]]:
    """The problems by row: row_number, column, value, reason."""
    return staged.connection.execute(f"SELECT * FROM {staged.rejects} ORDER BY ALL").fetchall()


def counts(staged: Staged) -> tuple[int, int, int, int, int]:
    """The receipt: read, accepted, merged, dropped, rejected."""
    receipt = staged.receipt
    return receipt.read, receipt.accepted, receipt.merged, receipt.dropped, receipt.rejected


def values_of(field: str, rule: str, texts: Sequence[str | None], *, head: str = "") -> list[object]:
    """What each text becomes in a field, or the reason why it is rejected."""
    rows = [[f"c{number}", "2024-01-01 00:00", text] for number, text in enumerate(texts)]
    mapping = f'timezone = "UTC"\n{head}\n{LEAST}{field} = {rule}\n'
    staged = staged_rows(mapping, headers=["id", "at", "Cell"], rows=rows)
    found: dict[int, object] = {row["row_number"]: row[field] for row in contacts(staged)}
    for number, column, value, reason in rejects(staged):
        assert (column, value) == ("Cell", texts[number - 1])
        found[number] = f"rejected: {reason}"
    assert counts(staged) == (len(texts), len(contacts(staged)), 0, 0, len(rejects(staged)))
    return [found[number] for number in range(1, len(texts) + 1)]


def starts_of(texts: Sequence[str | None], *, rule: str = '"at"', head: str = 'timezone = "UTC"') -> list[object]:
    """When each contact started, or the reason why it is rejected."""
    rows = [[f"c{number}", text] for number, text in enumerate(texts)]
    mapping = f'{head}\n[columns]\ncontact_id = "id"\nstarted_at = {rule}\n'
    staged = staged_rows(mapping, headers=["id", "at"], rows=rows)
    found: dict[int, object] = {row["row_number"]: row["started_at"] for row in contacts(staged)}
    found |= {number: f"rejected: {reason}" for number, _, _, reason in rejects(staged)}
    return [found[number] for number in range(1, len(texts) + 1)]
