"""Parquet: every type as text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cx_metrics.contacts.tables import open_table
from tests.contacts.reading import opened


def parquet(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array(["x", "", None]), ["x", "", ""]),
        (pa.array([b"bytes", None], pa.binary()), ["bytes", ""]),
        (pa.array([1, None, 2**62]), ["1", "", str(2**62)]),
        (pa.array([17.0, 0.5, float("nan"), 1e20, None, -0.0]), ["17", "0.5", "", "1e+20", "", "0"]),
        (pa.array([Decimal("2.50"), None]), ["2.50", ""]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([date(2026, 1, 31)]), ["2026-01-31"]),
        (pa.array([datetime(2026, 1, 31, 10)], pa.timestamp("us")), ["2026-01-31 10:00:00"]),
        (pa.array([datetime(2026, 1, 31, 10, 0, 0, 5)], pa.timestamp("ns")), ["2026-01-31 10:00:00.000005"]),
        (
            pa.array([datetime(2026, 1, 31, 10, tzinfo=ZoneInfo("Europe/Rome"))], pa.timestamp("us", "Europe/Rome")),
            ["2026-01-31 09:00:00+00"],
        ),
        (pa.array([["a", "b"], [], None]), ['["a","b"]', "[]", ""]),
        (pa.array([[{"q": 1}]]), ['[{"q":1}]']),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), ['{"k":1}']),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    ],
)
def test_types(tmp_path: Path, column: pa.Array, texts: list[str]) -> None:
    found = opened(parquet(tmp_path / "a.parquet", x=column))
    assert found.rows == [(text,) for text in texts]
    assert found.numbers == list(range(1, len(texts) + 1))


def test_structs_are_flattened(tmp_path: Path) -> None:
    rows = [{"type": "email", "by": {"it's": 1}}, {"type": None, "by": None}, None]
    found = opened(parquet(tmp_path / "a.parquet", **{'so"urce': pa.array(rows), "id": ["1", "2", "3"]}))
    assert found.table.headers == ('so"urce.type', "so\"urce.by.it's", "id")
    assert found.rows == [("email", "1", "1"), ("", "", "2"), ("", "", "3")]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_connections_time_zone_changes_nothing(tmp_path: Path, zone: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{zone}'")
    stamps = pa.array([datetime(2026, 7, 1, 12, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    table = open_table(parquet(tmp_path / "a.parquet", at=stamps), connection=connection, workdir=tmp_path)
    assert connection.execute(f"SELECT c0 FROM {table.relation}").fetchone() == ("2026-07-01 12:00:00+00",)


def test_rows_keep_their_places(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": range(1, 300_001)}), path, row_group_size=7000)
    connection = duckdb.connect()
    table = open_table(path, connection=connection, workdir=tmp_path)
    wrong = f"SELECT count(*), count(*) FILTER (c0 <> CAST(row_number AS VARCHAR)) FROM {table.relation}"
    assert connection.execute(wrong).fetchall() == [(300_000, 0)]
