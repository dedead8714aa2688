"""Reading the mart: what it says, how many may ask at once, what it never does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from cx_metrics.errors import StoreError
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts.mart import DISPERSION, MONTHLY_TABLES, Mart, open_mart
from cx_metrics.store.marts.refresh import refresh
from tests.store.mart_lake import Contact, write_lake

T = datetime(2024, 3, 1)


def contacts(n: int) -> list[Contact]:
    start = datetime(2024, 1, 1)
    return [Contact("crm", str(i), f"c{i % 7}", start + timedelta(hours=i), intent=f"Intent {i % 3}") for i in range(n)]


def build(folder: Path, n: int) -> None:
    with DuckDBEngine(memory="200MB", threads=1, timezone="UTC", scratch=folder) as engine:
        files = write_lake(folder / "lake", contacts(n))
        refresh(
            folder / "mart",
            lake_files=files,
            watermark=T,
            lagging=(),
            timezone="UTC",
            engine=engine,
            full=True,
        )


@pytest.fixture
def mart(tmp_path: Path) -> Iterator[Mart]:
    build(tmp_path, 900)
    with open_mart(tmp_path / "mart") as opened:
        yield opened


def test_no_mart_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no data yet.*load FILE"):
        open_mart(tmp_path)


def test_tables_have_the_columns_they_promise(mart: Mart) -> None:
    for table, columns in (MONTHLY_TABLES | {"dispersion": DISPERSION}).items():
        found = mart.query(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
        assert dict(zip(found["column_name"], found["column_type"], strict=True)) == columns


def test_questions_have_parameters_by_name_or_by_place(mart: Mart) -> None:
    sql = "SELECT CAST(sum(contacts) AS BIGINT) AS n FROM daily JOIN cells USING (month, cell) WHERE intent = "
    assert mart.query(sql + "$intent", {"intent": "Intent 1"})["n"].tolist() == [300]
    assert mart.query(sql + "?", ["Intent 1"])["n"].tolist() == [300]


def test_sixteen_may_ask_at_once(mart: Mart) -> None:
    sql = """SELECT intent, CAST(sum(contacts) AS BIGINT) AS n, count(DISTINCT customer_key) AS customers
        FROM daily JOIN cells USING (month, cell) JOIN (
            SELECT DISTINCT month, cell, customer_key FROM touches) USING (month, cell)
        WHERE day >= $day GROUP BY intent ORDER BY intent"""
    days = [datetime(2024, 1, 1 + i % 20) for i in range(128)]
    alone = {day: mart.query(sql, {"day": day}) for day in set(days)}
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda day: mart.query(sql, {"day": day}), days))
    assert all(found.equals(alone[day]) for day, found in zip(days, together, strict=True))


def test_an_open_mart_outlives_the_next_ones(tmp_path: Path, mart: Mart) -> None:
    for n in (500, 700):
        build(tmp_path, n)
    with open_mart(tmp_path / "mart") as new:
        assert new.facts.version != mart.facts.version
        for opened, n in ((mart, 900), (new, 700)):
            assert opened.facts.contacts == n
            assert opened.query("SELECT count(*) AS n FROM touches")["n"].tolist() == [n]
            assert opened.query("SELECT sum(contacts) AS n FROM daily")["n"].tolist() == [n]


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('{secret}')",
        "COPY daily TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_a_question_reaches_nothing_but_the_mart(tmp_path: Path, mart: Mart, sql: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    with pytest.raises(duckdb.Error, match=r"disabled|locked"):
        mart.query(sql.format(secret=secret, folder=tmp_path))
    assert not (tmp_path / "out.csv").exists()
