"""The mart's SQL is Spark's once sqlglot has transpiled it, so that another engine can run the same text."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from cx_metrics.store.engines.engine import SQL_FOLDER, Value, statement
from cx_metrics.store.marts.mart import MONTHLY_TABLES, WINDOWS

FILES = sorted(SQL_FOLDER.glob("*.sql"))

ENGINE_FUNCTIONS = {"KEY64", "LOCAL_DATE"}
# Functions of https://spark.apache.org/docs/latest/api/sql/, and CAST.
SPARK_FUNCTIONS = {
    "CAST",
    "COALESCE",
    "COUNT",
    "COUNT_IF",
    "DATEDIFF",
    "LAG",
    "LEAD",
    "MAX",
    "MIN",
    "REPLACE",
    "ROUND",
    "SUM",
}
SPARK_TYPES = {"TINYINT", "DECIMAL(24, 6)", "INT", "BIGINT", "BOOLEAN", "STRING", "DATE", "DOUBLE", "TIMESTAMP_NTZ"}
BEFORE_BRACKETS = {
    *("AND", "AS", "DECIMAL", "ELSE", "EXCEPT", "FILTER", "FROM"),
    *("IN", "JOIN", "NOT", "OR", "USING", "VALUES", "WHERE"),
}
VALUES: dict[str, Value] = {
    "watermark": datetime(2024, 5, 1, 12, 30, 15, 250000),
    "data_start": datetime(2023, 1, 1),
    "earlier_cutoff": datetime(2024, 4, 1),
    "later_cutoff": datetime(2024, 5, 1),
    "floor": datetime(2024, 3, 1),
    "first_day": date(2024, 2, 1),
    "window_days": 7,
}


def test_every_table_has_its_file() -> None:
    assert {f"{table}.sql" for table in (*MONTHLY_TABLES, "dispersion")} <= {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_becomes_spark(file: Path) -> None:
    (spark,) = sqlglot.transpile(
        file.read_text(),
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
        comments=False,
    )
    # Spark's own reading of it says the same, and holds nothing that sqlglot could only copy.
    assert sqlglot.transpile(spark, read="spark", write="spark", error_level=sqlglot.ErrorLevel.RAISE) == [spark]
    tree = sqlglot.parse_one(spark, read="spark")
    assert {node.name.upper() for node in tree.find_all(exp.Anonymous)} <= ENGINE_FUNCTIONS
    without_texts = re.sub(r"'[^']*'", "''", spark)
    called = set(re.findall(r"\b([A-Z_0-9]+)\s*\(", without_texts)) - BEFORE_BRACKETS
    assert called <= SPARK_FUNCTIONS | ENGINE_FUNCTIONS
    types = {kind.sql("spark") for kind in tree.find_all(exp.DataType)}
    assert types <= SPARK_TYPES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_with_its_values_is_one_query(file: Path) -> None:
    text = statement(file.stem, **VALUES)
    for dialect in ("duckdb", "spark"):
        (query,) = sqlglot.transpile(text, read="duckdb", write=dialect, comments=False)
        assert isinstance(sqlglot.parse_one(query, read=dialect), exp.Query)
        assert not re.search(r"[$:]\w", re.sub(r"'[^']*'", "", query))


def test_a_value_that_is_missing_is_no_silent_gap() -> None:
    with pytest.raises(KeyError, match="first_day"):
        statement("recent_customers")


def test_the_codes_know_the_windows_of_the_mart() -> None:
    text = "".join((SQL_FOLDER / f"{name}.sql").read_text() for name in ("links", "touches"))
    cases = re.findall(r"[<>]=? (\d+) \* 86400000000 THEN (\d+)", text)
    assert all(days == code for days, code in cases)
    assert {int(days) for days, _ in cases} == set(WINDOWS)
