"""One row per contact: the newest of its rows, with fields of its oldest where the mapping says so."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cx_metrics.contacts import stamps
from cx_metrics.contacts.expressions import ACCEPTED, KEEP, Query
from cx_metrics.contacts.quoting import literal, matches

_NUMBER = r"[+-]?\d{1,28}(\.\d{1,9})?"


def merge(query: Query, *, rows: Path, to: Path, connection: duckdb.DuckDBPyConnection) -> tuple[Path, int]:
    """The file with one accepted row per contact_id, and how many rows went into another one.

    Args:
        query: What the rows were staged with.
        rows: Parquet file of the staged rows.
        to: Where to write, should any contact have several rows.
        connection: Where to compute; large groups spill to its temporary directory.
    """
    accepted = f"(SELECT * FROM read_parquet({literal(str(rows))}) WHERE state = {ACCEPTED})"
    repeated = f"(SELECT hash(contact_id) AS id FROM {accepted} GROUP BY ALL HAVING count(*) > 1)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated_ids AS {repeated}")
    if not _count(connection, "SELECT count(*) FROM repeated_ids"):
        return rows, 0
    age = _age(query, accepted=accepted, connection=connection)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE newest_rows AS
        SELECT row_number,
            last_value(row_number) OVER life AS newest, first_value(row_number) OVER life AS oldest
        FROM {accepted} WHERE hash(contact_id) IN (FROM repeated_ids)
        WINDOW life AS (
            PARTITION BY contact_id ORDER BY {age}row_number
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )""")
    connection.execute(f"COPY ({_merged(query, accepted=accepted)}) TO {literal(str(to))} (FORMAT parquet)")
    merged = _count(connection, "SELECT count(*) FROM newest_rows WHERE row_number <> newest")
    connection.execute("DROP TABLE newest_rows; DROP TABLE repeated_ids")
    return to, merged


def _merged(query: Query, *, accepted: str) -> str:
    first = [
        f"CASE WHEN life.newest IS NULL THEN now.{name} ELSE first.{name} END AS {name}"
        for filled in query.fit.filled
        if filled.rule.of == "first"
        for name in [filled.field.name]
    ]
    kept = f"""SELECT now.* {f"REPLACE ({', '.join(first)})" if first else ""}
        FROM {accepted} AS now LEFT JOIN newest_rows AS life ON now.row_number = life.row_number"""
    if first:
        kept += f" LEFT JOIN {accepted} AS first ON first.row_number = life.oldest"
    return f"{kept} WHERE life.newest IS NULL OR life.newest = now.row_number"


def _age(query: Query, *, accepted: str, connection: duckdb.DuckDBPyConnection) -> str:
    if query.fit.keep is None:
        return ""
    number = f"CASE WHEN {matches(KEEP, _NUMBER)} THEN CAST({KEEP} AS DECIMAL(38,9)) END"
    reading = query.readings[KEEP]
    time = f"coalesce({stamps.zoned(KEEP, reading=reading)}, {stamps.local(KEEP, reading=reading)})"
    counts = connection.execute(f"SELECT count({KEEP}), count({number}), count({time}) FROM {accepted}").fetchone()
    assert counts is not None
    n, n_numbers, n_times = counts
    key = number if n == n_numbers else time if n == n_times else KEEP
    return f"{key} NULLS FIRST, "


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])
