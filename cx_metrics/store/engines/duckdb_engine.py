"""The engine for one machine: DuckDB inside this process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from cx_metrics.errors import StoreError
from cx_metrics.store.engines.local_dates import local_date
from cx_metrics.store.engines.locked import connect, unglobbed
from cx_metrics.store.lake.object_store import saying

_MOST_KEY_PARTS = 8
_KEYS = 2
"""Version of what ``key64`` gives."""


class DuckDBEngine:
    """Runs the mart's SQL in DuckDB; a context manager that frees its memory at the end.

    Args:
        memory: How much it may use before it spills to disk, e.g. ``"1500MB"``.
        threads: Processor threads.
        timezone: The business time zone, an IANA name.
        scratch: A folder for what spills.
        folders: What else it reaches: those of the lake and the mart.
    """

    def __init__(
        self, *, memory: str, threads: int, timezone: str, scratch: Path, folders: Iterable[Path | str] = ()
    ) -> None:
        self._timezone = timezone
        self._connection = connect(
            folders=[scratch, *folders], memory=memory, threads=threads, scratch=scratch, keeps_order=False
        )
        self._connection.execute(_key64_macro())
        self._connection.execute(f"CREATE TEMP MACRO local_date(ts) AS {local_date(timezone)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def fingerprint(self) -> str:
        return f"duckdb {duckdb.__version__}, keys {_KEYS}"

    @property
    def timezone(self) -> str:
        return self._timezone

    @property
    def local(self) -> DuckDBEngine:
        return self

    def files(self, name: str, *, files: Sequence[str], columns: Mapping[str, str]) -> None:
        self.view(name, parquet_query(files, columns=columns))

    def view(self, name: str, sql: str) -> None:
        self._execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {sql}')

    def table(self, name: str, sql: str) -> None:
        self._execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql}')

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._execute(sql).fetchall()

    def write(self, sql: str, *, folder: Path, named: str = "") -> list[str]:
        folder.mkdir(parents=True)
        options = "FORMAT parquet, PARTITION_BY (month), RETURN_FILES"
        written = self.rows(f"COPY ({sql}) TO {_text(str(folder))} ({options})")
        files = [file for _, own in written for file in own]
        if named:
            columns = {name: kind for name, kind, *_ in self.rows(f"DESCRIBE {sql}")}
            self.files(named, files=files, columns=columns)
        return files

    def _execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            with saying():
                return self._connection.execute(sql)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            words = str(error).splitlines()[0]
            raise StoreError(
                f"DuckDB stopped: {words}. Nothing was changed. Free disk space, or raise CX_MEMORY, and try again."
            ) from error


def parquet_query(files: Sequence[str], *, columns: Mapping[str, str]) -> str:
    """SQL that reads columns from Parquet files of one hive layout; without files it has no rows."""
    if not files:
        empty = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items())
        return f"SELECT {empty} WHERE false"
    names = ", ".join(f'"{name}"' for name in columns)
    listed = ", ".join(_text(unglobbed(file)) for file in files)
    hive = f", hive_types = {{'month': {columns['month']}}}" if "month" in columns else ""
    return f"SELECT {names} FROM read_parquet([{listed}], hive_partitioning = {bool(hive)}{hive})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _key64_macro() -> str:
    """``hash`` of each part and of the part moved by half a block, without the lowest bit, so that it fits a BIGINT.

    Alone, DuckDB's ``hash`` is the same for texts that differ in the right two places: in the last character of one
    block of eight and of the next, as dates with a counter do. Those places are no longer the last once the text is
    moved. There is an overload for each number of arguments.
    """
    overloads = []
    for parts in range(1, _MOST_KEY_PARTS + 1):
        names = [f"p{i}" for i in range(parts)]
        hashed = ", ".join([*names, *(f"'....' || {name}" for name in names)])
        overloads.append(f"({', '.join(names)}) AS CAST(hash({hashed}) >> 1 AS BIGINT)")
    return f"CREATE TEMP MACRO key64 {', '.join(overloads)}"
