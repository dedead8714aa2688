"""The mart's SQL as Spark reads it: transpiled, and what the two understand differently made the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sqlglot
from sqlglot import exp

from cx_metrics.store.engines.local_dates import local_date


def spark_sql(sql: str, *, timezone: str) -> str:
    """A query in Spark's SQL.

    Args:
        sql: In DuckDB's, with ``key64`` and ``local_date``.
        timezone: The business time zone.
    """

    def said(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and node.name.lower() in _FUNCTIONS:
            return _FUNCTIONS[node.name.lower()](node.expressions, timezone)
        if isinstance(node, exp.DateDiff) and node.text("unit").upper() == "SECOND":
            return _seconds_begun(node)
        return node

    tree = sqlglot.parse_one(sql, read="duckdb").transform(said)
    return str(tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False))


def spark_type(kind: str) -> str:
    """A column's type in Spark's words."""
    return exp.DataType.build(kind, dialect="duckdb").sql("spark")


def _key64(parts: list[exp.Expr], _: str) -> exp.Expr:
    """XXH64 over each part and whether it is missing: what is missing alone would leave the hash as it was."""
    hashed = [each for part in parts for each in (exp.Is(this=part.copy(), expression=exp.null()), part.copy())]
    return exp.Anonymous(this="xxhash64", expressions=hashed)


def _local_date(parts: list[exp.Expr], timezone: str) -> exp.Expr:
    (instant,) = parts
    return _day_of_ts(timezone).transform(
        lambda node: instant.copy() if isinstance(node, exp.Column) and node.name == "ts" else node
    )


@lru_cache(maxsize=4)
def _day_of_ts(timezone: str) -> exp.Expr:
    return sqlglot.parse_one(local_date(timezone), read="duckdb")


def _seconds_begun(node: exp.DateDiff) -> exp.Expr:
    """DuckDB counts the seconds that began in between; Spark those that passed, unless both ends are whole ones."""
    names = ("this", "expression")
    ends = {name: exp.TimestampTrunc(this=node.args[name].copy(), unit=exp.var("SECOND")) for name in names}
    return exp.DateDiff(**ends, unit=exp.var("SECOND"))


_FUNCTIONS: dict[str, Callable[[list[exp.Expr], str], exp.Expr]] = {
    "key64": _key64,
    "local_date": _local_date,
}
