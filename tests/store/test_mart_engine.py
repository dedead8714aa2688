"""The engine's two functions, its files, and the months of their paths."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts.months import label, month_at, month_of, shifted, start_of

ZONES = (
    "UTC",
    "Europe/Rome",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
)
FIRST, LAST = datetime(1990, 1, 1), datetime(2037, 12, 31)


def opened(folder: Path, timezone: str = "UTC") -> DuckDBEngine:
    return DuckDBEngine(memory="200MB", threads=1, timezone=timezone, scratch=folder)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with opened(tmp_path) as made:
        yield made


def instants(zone: ZoneInfo) -> list[datetime]:
    """Random ones, and the last of a day and the first of the next for every midnight."""
    chance = random.Random(7)
    seconds = int((LAST - FIRST).total_seconds())
    found = [FIRST + timedelta(seconds=chance.randrange(seconds)) for _ in range(3000)]
    for day in range((LAST - FIRST).days):
        midnight = FIRST + timedelta(days=day)
        offset = midnight.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        assert offset is not None
        found += [midnight - offset - timedelta(microseconds=1), midnight - offset]
    return found


@pytest.mark.parametrize("timezone", ZONES)
def test_local_date_is_the_zones_own(tmp_path: Path, timezone: str) -> None:
    zone = ZoneInfo(timezone)
    asked = instants(zone)
    with opened(tmp_path, timezone) as engine:
        listed = ", ".join(f"TIMESTAMP '{at}'" for at in asked)
        found = engine.rows(f"SELECT local_date(instant) FROM (SELECT unnest([{listed}]) AS instant)")
    assert [day for (day,) in found] == [at.replace(tzinfo=UTC).astimezone(zone).date() for at in asked]


def test_keys_are_of_all_parts_in_their_order(engine: DuckDBEngine) -> None:
    parts = ["'a', 'b'", "'b', 'a'", "'a', NULL", "NULL, 'a'", "NULL, NULL", "'a', 'a'", "'ab', ''"]
    keys = [engine.rows(f"SELECT key64({part})")[0][0] for part in parts]
    assert len(set(keys)) == len(keys)
    assert all(0 <= key < 2**63 for key in keys)
    assert keys == [engine.rows(f"SELECT key64({part})")[0][0] for part in parts]


def test_files_are_read_whatever_their_folder_is_called(tmp_path: Path, engine: DuckDBEngine) -> None:
    folder = tmp_path / "it's [new] 100%" / "what?*"
    written = engine.write("SELECT 202401 AS month, 7 AS n", folder=folder)
    assert [month_of(file) for file in written] == [202401]
    engine.files("t", files=written, columns={"month": "INTEGER", "n": "INTEGER"})
    assert engine.rows("SELECT month, n FROM t") == [(202401, 7)]


def test_no_files_are_no_rows_of_the_right_types(engine: DuckDBEngine) -> None:
    engine.files("t", files=[], columns={"month": "INTEGER", "day": "DATE"})
    assert engine.rows("SELECT * FROM t") == []
    assert engine.rows("SELECT column_type FROM (DESCRIBE t)") == [("INTEGER",), ("DATE",)]


def test_the_fingerprint_names_the_version(engine: DuckDBEngine) -> None:
    assert engine.fingerprint.startswith("duckdb 2.")


def test_months_count_as_people_do() -> None:
    assert [shifted(202411, by) for by in (-12, -11, 0, 1, 2, 14)] == [
        202311,
        202312,
        202411,
        202412,
        202501,
        202601,
    ]
    assert month_at(datetime(2024, 2, 29, 23, 59)) == 202402
    assert start_of(202402) == datetime(2024, 2, 1)
    assert label(202402) == "2024-02"
    assert month_of("/home/month=1999-01/x/month=2024-02/part.parquet") == 202402
    assert month_of("month=202402/data_0.parquet") == 202402


def test_a_file_in_no_month_is_an_error() -> None:
    with pytest.raises(ValueError, match="lies in no folder month=YYYY-MM"):
        month_of("/home/part.parquet")
