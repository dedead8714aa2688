"""The engine for more contacts than one machine holds: a Spark cluster, spoken to through Spark Connect.

The cluster reads the lake's files and keeps what it works on. This process sends it SQL and gets the mart's rows back
month by month, so its own memory does not grow with the contacts. What reads the mart's own files, which only this
machine has, is left to `SparkEngine.local`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import pyarrow as pa

from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.engines.month_files import MonthFiles
from cx_metrics.store.engines.spark_files import read_files
from cx_metrics.store.engines.spark_session import asking, opened
from cx_metrics.store.engines.spark_sql import spark_sql

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.dataframe import DataFrame as RemoteFrame

ROWS_AT_ONCE = 3_000_000
"""Rows that are asked for at once, where they are those of several months; the server holds them until then."""
PATIENCE = 120.0
"""Seconds without a task that runs, after which a cluster has no workers."""

_ONE_TABLE = "written"
_KEYS = 1
"""Version of what ``key64`` gives."""


class SparkEngine:
    """Runs the mart's SQL on a cluster; a context manager that frees what the cluster keeps for it.

    Args:
        url: Where the cluster's Spark Connect server listens, ``sc://host:port``.
        local: What reads the mart's own files, in the same time zone.
        patience: Seconds without a task that runs, after which the cluster has no workers.

    Raises:
        BadUse: pyspark is not installed.
        StoreError: The server doesn't answer.
    """

    def __init__(self, url: str, *, local: DuckDBEngine, patience: float = PATIENCE) -> None:
        self._url, self._local = url, local
        self._kept: dict[str, DataFrame] = {}
        self._spans: list[tuple[int, int]] = []
        self._session = opened(url, patience=patience)
        with self._asking():
            self._version = self._session.version

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.client.set_retry_policies([])
        with contextlib.suppress(Exception):
            self._session.interruptAll()
            for rows in self._kept.values():
                rows.unpersist()
        self._session.stop()

    @property
    def fingerprint(self) -> str:
        return f"spark {self._version}, keys {_KEYS}"

    @property
    def timezone(self) -> str:
        return self._local.timezone

    @property
    def local(self) -> DuckDBEngine:
        return self._local

    def files(self, name: str, *, files: Sequence[str], columns: Mapping[str, str]) -> None:
        with self._asking():
            read_files(self._session, files, columns=columns).createOrReplaceTempView(name)

    def view(self, name: str, sql: str) -> None:
        with self._asking():
            self._query(sql).createOrReplaceTempView(name)

    def table(self, name: str, sql: str) -> None:
        with self._asking():
            self._keep(name, self._query(sql))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._asking():
            return _tuples(self._query(sql).toArrow())

    def write(self, sql: str, *, folder: Path, named: str = "") -> list[str]:
        with self._asking(), MonthFiles(folder) as months:
            # Sorted by month, each block that is kept knows which months it holds, and the others skip it.
            rows = self._query(sql).sortWithinPartitions("month")
            if named:
                self._spans = _spans(_counts(self._keep(named, rows)))
            elif len(self._spans) > 1:
                self._keep(_ONE_TABLE, rows)
            for first, last in self._spans:
                for part in self._streamed(rows.where(f"month BETWEEN {first} AND {last}")):
                    months.add(part)
                months.close()
            self._drop(_ONE_TABLE)
        return months.files

    def _keep(self, name: str, rows: DataFrame) -> DataFrame:
        """Lets the cluster keep rows once they are computed; what a lost worker kept is computed again."""
        from pyspark.storagelevel import StorageLevel

        self._drop(name)
        self._kept[name] = rows.persist(StorageLevel.MEMORY_AND_DISK)
        rows.createOrReplaceTempView(name)
        return rows

    def _drop(self, name: str) -> None:
        if name in self._kept:
            self._kept.pop(name).unpersist()

    def _query(self, sql: str) -> DataFrame:
        return self._session.sql(spark_sql(sql, timezone=self.timezone))

    def _streamed(self, rows: DataFrame) -> Iterator[pa.Table]:
        client, plan = self._session.client, cast("RemoteFrame", rows)._plan
        for part in client.to_table_as_iterator(plan.to_proto(client), {}):
            if isinstance(part, pa.Table):
                yield part

    def _asking(self) -> contextlib.AbstractContextManager[None]:
        return asking(self._url)


def _tuples(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _counts(rows: DataFrame) -> dict[int, int]:
    """How many rows each month has."""
    return dict(_tuples(rows.groupBy("month").count().toArrow()))


def _spans(counts: Mapping[int, int]) -> list[tuple[int, int]]:
    """First and last month of spans that hold no more rows than are asked for at once, or a single month."""
    spans: list[tuple[int, int]] = []
    asked = 0
    for month in sorted(counts):
        fits = asked + counts[month] <= ROWS_AT_ONCE
        spans[-1:] = [(spans[-1][0], month)] if spans and fits else [*spans[-1:], (month, month)]
        asked = counts[month] + (asked if fits else 0)
    return spans
