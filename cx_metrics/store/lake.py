"""The lake: every contact there is, as Delta tables by month, and the rows that later loads replaced.

``contacts`` holds the contacts that count. ``superseded`` holds what a load replaced, with that load's number, so
that the load can be taken back. Each commit carries the number of the operation that made it, which tells after a
crash whether it happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

from cx_metrics.contacts.schema import FIELDS, arrow_schema

KEY = ("source", "contact_id")
_APP = "cx-insight"
_SMALL_FILES = 16
_KEEP_HOURS = 7 * 24


@dataclass(frozen=True)
class Table:
    """One Delta table, partitioned by month.

    Attributes:
        path: Its folder.
        schema: Its columns.
    """

    path: Path
    schema: pa.Schema

    def opened(self) -> DeltaTable | None:
        """The table at its newest version, or None before the first write."""
        try:
            return DeltaTable(str(self.path))
        except TableNotFoundError:
            return None

    def files(self) -> list[str]:
        """Paths of the Parquet files of the newest snapshot; their ``month`` stands in the path."""
        table = self.opened()
        return sorted(table.file_uris()) if table else []

    def relation(self) -> str:
        """SQL that selects the whole table, typed, in DuckDB; no rows where nothing was written yet."""
        return files_relation(self.files(), schema=self.schema)

    def done(self) -> int:
        """Number of the last operation that was committed here; 0 for none."""
        table = self.opened()
        return (table.transaction_version(_APP) if table else None) or 0

    def append(self, rows: pa.RecordBatchReader, *, operation: int) -> None:
        """Add rows in one commit."""
        self._write(rows, mode="append", operation=operation)

    def replace_all(self, rows: pa.RecordBatchReader, *, operation: int) -> None:
        """Put rows in place of everything, in one commit."""
        self._write(rows, mode="overwrite", operation=operation)

    def merge(self, rows: pa.RecordBatchReader, *, months: Iterable[str], operation: int) -> None:
        """Delete, replace or add rows by their key, in one commit.

        Args:
            rows: Columns of the table plus ``gone``: true deletes the row of that key.
            months: The months in which the rows to delete or replace stand now.
            operation: Number of the operation.
        """
        table = self.opened()
        if table is None:
            raise RuntimeError("merge into a table that was never written")
        pruned = ", ".join(f"'{month}'" for month in sorted(months)) or "''"
        match = " AND ".join(f"old.{column} = new.{column}" for column in KEY)
        values = {f'"{name}"': f'new."{name}"' for name in self.schema.names}
        (
            table.merge(
                rows,
                f"old.month IN ({pruned}) AND {match}",
                source_alias="new",
                target_alias="old",
                commit_properties=_commit(operation),
            )
            .when_matched_delete("new.gone")
            .when_matched_update(values, "NOT new.gone")
            .when_not_matched_insert(values, "NOT new.gone")
            .execute()
        )

    def delete(self, predicate: str, *, operation: int) -> None:
        """Remove the rows a predicate picks, in one commit."""
        table = self.opened()
        if table is not None:
            table.delete(predicate, commit_properties=_commit(operation))

    def tidy(self) -> None:
        """Join small files of a month, and remove files no snapshot of the last week needs."""
        table = self.opened()
        if table is None:
            return
        months = [Path(file).parent.name.removeprefix("month=") for file in table.file_uris()]
        crowded = sorted({month for month in months if months.count(month) > _SMALL_FILES})
        if crowded:
            table.optimize.compact(partition_filters=[("month", "in", crowded)])
            table.vacuum(retention_hours=_KEEP_HOURS, dry_run=False)

    def _write(self, rows: pa.RecordBatchReader, *, mode: Any, operation: int) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        write_deltalake(str(self.path), rows, mode=mode, partition_by=["month"], commit_properties=_commit(operation))


@dataclass(frozen=True)
class Lake:
    """The two tables of contacts and the keys each load confirmed.

    Attributes:
        folder: Where they rest.
    """

    folder: Path

    @cached_property
    def contacts(self) -> Table:
        """The contacts that count: one row per (source, contact_id)."""
        return Table(self.folder / "contacts", arrow_schema())

    @cached_property
    def superseded(self) -> Table:
        """What loads replaced; ``superseded_by`` is the number of the load that did."""
        return Table(self.folder / "superseded", arrow_schema().append(pa.field("superseded_by", pa.int64())))

    def claims(self, load: int) -> Path:
        """The keys that a load brought unchanged: it stands for them too, should their first load be withdrawn."""
        return self.folder / "claims" / f"load-{load}.parquet"


def files_relation(files: Sequence[str], *, schema: pa.Schema) -> str:
    """SQL that reads Parquet files of a hive layout with a schema's columns."""
    columns = ", ".join(f'"{name}"' for name in schema.names)
    if not files:
        empty = ", ".join(f'CAST(NULL AS {sql_type(field.type)}) AS "{field.name}"' for field in schema)
        return f"(SELECT {empty} WHERE false)"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return (
        f"(SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = true, "
        "hive_types = {'month': VARCHAR}, union_by_name = true))"
    )


def sql_type(arrow: pa.DataType) -> str:
    """The DuckDB type that holds an Arrow type of the lake."""
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision},{arrow.scale})"
    names = {pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int32(): "INTEGER", pa.int64(): "BIGINT"}
    return names.get(arrow, "TIMESTAMP")


def differs(left: str, right: str) -> str:
    """SQL condition: two rows of contacts differ in some column, their load apart."""
    names = [field.name for field in FIELDS if field.name not in KEY]
    return "(" + " OR ".join(f'{left}."{n}" IS DISTINCT FROM {right}."{n}"' for n in names) + ")"


def _commit(operation: int) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(_APP, operation)])
