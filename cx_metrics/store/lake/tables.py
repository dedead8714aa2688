"""The lake: every contact there is, as Delta tables by month, and the rows that later loads replaced.

``contacts`` holds the contacts that count. ``superseded`` holds what a load replaced, with that load's number, so
that the load can be taken back. Each commit carries the number of the operation that made it, which tells after a
crash whether it happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from cx_metrics.contacts.schema import FIELDS, arrow_schema
from cx_metrics.errors import StoreError
from cx_metrics.store import durable
from cx_metrics.store.lake import object_store
from cx_metrics.store.lake.object_store import StoredFile, saying

KEY = ("source", "contact_id")
_APP = "cx-insight"
_SMALL_FILES = 16
_KEEP_HOURS = 7 * 24
_LOG_KEPT = "delta.logRetentionDuration"


@dataclass(frozen=True)
class SnapshotFile:
    """A Parquet file of a table as the table's log describes it.

    Attributes:
        place: Its path or URL.
        size: Bytes.
        rows: Contacts.
    """

    place: str
    size: int
    rows: int


@dataclass(frozen=True)
class Table:
    """One Delta table, partitioned by month.

    Attributes:
        place: Its folder, or its URL in an object store.
        schema: Its columns.
        check_turn: Called before each write; raises where another process may be writing by now.
    """

    place: str
    schema: pa.Schema
    check_turn: Callable[[], None] = lambda: None

    def opened(self) -> DeltaTable | None:
        """The table at its newest version, or None before the first write.

        Raises:
            StoreError: Its folder or object store can't be read.
        """
        with saying(self.place):
            try:
                return DeltaTable(self.place, storage_options=self._options)
            except TableNotFoundError:
                return None
            except DeltaError as error:
                if object_store.is_url(self.place):
                    raise
                said = str(error).strip().splitlines()[0]
                raise StoreError(
                    f"The lake at {self.place} can't be read: {said}. Ask: python -m cx_metrics doctor"
                ) from error

    def files(self) -> list[str]:
        """Paths or URLs of the Parquet files of the newest snapshot; their ``month`` stands in the path."""
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

    def fence(self) -> None:
        """Make a write that another process began and is still at fail: it took its turn for granted, and lost it."""
        table = self.opened()
        done = (table.transaction_version(_APP) if table else None) or 0
        rows = self.schema.empty_table().to_reader()
        self._write(rows, mode="append" if table else "error", operation=done, onto=table)

    def merge(self, rows: pa.RecordBatchReader, *, months: Iterable[str], operation: int) -> None:
        """Delete, replace or add rows by their key, in one commit.

        Args:
            rows: Columns of the table plus ``gone``: true deletes the row of that key.
            months: The months in which the rows to delete or replace stand now.
            operation: Number of the operation.
        """
        self.check_turn()
        table = self.opened()
        if table is None:
            raise RuntimeError("merge into a table that was never written")
        pruned = ", ".join(f"'{month}'" for month in sorted(months)) or "''"
        match = " AND ".join(f"old.{column} = new.{column}" for column in KEY)
        values = {f'"{name}"': f'new."{name}"' for name in self.schema.names}
        with saying(self.place):
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
        self._settle()

    def delete(self, predicate: str, *, operation: int) -> None:
        """Remove the rows a predicate picks, in one commit."""
        self.check_turn()
        table = self.opened()
        if table is not None:
            with saying(self.place):
                table.delete(predicate, commit_properties=_commit(operation))
            self._settle()

    def write_over(self, column: str, value: str, *, where: str, operation: int) -> None:
        """Put a text in place of a column's in the rows a predicate picks, in one commit."""
        table = self.opened()
        if table is not None:
            with saying(self.place):
                table.update(new_values={column: value}, predicate=where, commit_properties=_commit(operation))
            self._settle()

    def tidy(self) -> None:
        """Join small files of a month, and remove files no snapshot of the last week needs."""
        table = self.opened()
        if table is None:
            return
        months = [Path(file).parent.name.removeprefix("month=") for file in table.file_uris()]
        crowded = sorted({month for month in months if months.count(month) > _SMALL_FILES})
        if crowded:
            with saying(self.place):
                table.optimize.compact(partition_filters=[("month", "in", crowded)])
                table.vacuum(retention_hours=_KEEP_HOURS, dry_run=False)

    def purge(self) -> None:
        """Remove every file and log entry that the newest snapshot does not need, so that what was deleted is gone.

        Log entries tell the least and greatest id of a file, and by which id rows were deleted.
        """
        table = self.opened()
        if table is None:
            return
        with saying(self.place):
            table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
            table.alter.set_table_properties({_LOG_KEPT: "interval 0 days"})
            table.create_checkpoint()
            table.cleanup_metadata()
            table.alter.set_table_properties({_LOG_KEPT: "interval 30 days"})

    def snapshot(self) -> list[SnapshotFile]:
        """The files of the newest snapshot as its log describes them; none before the first write."""
        table = self.opened()
        if table is None:
            return []
        with saying(self.place):
            added = pa.table(table.get_add_actions(flatten=True)).select(["path", "size_bytes", "num_records"])
        rows = zip(*added.to_pydict().values(), strict=True)
        return [SnapshotFile(f"{self.place}/{path}", *sizes) for path, *sizes in rows]

    def unneeded(self, *, remove: bool = False) -> list[str]:
        """Files that no snapshot of the last week needs, as stopped writes leave them too; removed where asked for."""
        table = self.opened()
        if table is None:
            return []
        with saying(self.place):
            return table.vacuum(retention_hours=_KEEP_HOURS, dry_run=not remove, full=True)

    def _write(self, rows: pa.RecordBatchReader, *, mode: Any, operation: int, onto: DeltaTable | None = None) -> None:
        self.check_turn()
        with saying(self.place):
            if not object_store.is_url(self.place):
                Path(self.place).mkdir(parents=True, exist_ok=True)
            write_deltalake(
                onto or self.place,
                rows,
                mode=mode,
                partition_by=["month"],
                commit_properties=_commit(operation),
                storage_options=self._options,
            )
        self._settle()

    def _settle(self) -> None:
        """What was committed outlasts a power cut from here on; object stores see to it themselves."""
        table = None if object_store.is_url(self.place) else self.opened()
        if table is None:
            return
        log = Path(self.place, "_delta_log", f"{table.version():020d}.json")
        added = [json.loads(line).get("add") for line in log.read_text(encoding="utf-8").splitlines()]
        with saying(self.place):
            durable.settle([log, *(Path(self.place, unquote(each["path"])) for each in added if each)])

    @property
    def _options(self) -> dict[str, str] | None:
        return object_store.PATIENCE if object_store.is_url(self.place) else None


@dataclass(frozen=True)
class Lake:
    """The two tables of contacts and the keys each load confirmed.

    Attributes:
        place: Where they rest: a folder, or a URL in an object store.
        check_turn: As in ``Table``.
    """

    place: str
    check_turn: Callable[[], None] = lambda: None

    @cached_property
    def contacts(self) -> Table:
        """The contacts that count: one row per (source, contact_id)."""
        return Table(f"{self.place}/contacts", arrow_schema(), self.check_turn)

    @cached_property
    def superseded(self) -> Table:
        """What loads replaced; ``superseded_by`` is the number of the load that did."""
        schema = arrow_schema().append(pa.field("superseded_by", pa.int64()))
        return Table(f"{self.place}/superseded", schema, self.check_turn)

    def claims(self, load: int) -> Path | StoredFile:
        """The keys that a load brought unchanged: it stands for them too, should their first load be withdrawn."""
        return object_store.file_at(f"{self.place}/claims/load-{load}.parquet")

    def kept(self, operation: int) -> Path | StoredFile:
        """What is superseded once an operation is done; there while the operation is open."""
        return object_store.file_at(f"{self.place}/withdraw-{operation}.parquet")


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
