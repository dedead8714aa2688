"""Rows that come from elsewhere, written as Parquet by month with little memory."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROW_GROUP = 122_880
"""Rows that are held back until they are written together; DuckDB's own size."""


class MonthFiles:
    """Files ``month=.../data.parquet`` below a folder, which must be new; a context manager.

    Attributes:
        files: Paths of those that are complete.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.files: list[str] = []
        self._folder = folder
        self._waiting: dict[int, list[pa.Table]] = defaultdict(list)
        self._open: dict[int, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.close()

    def add(self, rows: pa.Table) -> None:
        """Takes rows with a column ``month``, which the files themselves don't hold."""
        for month in pc.unique(rows["month"]).to_pylist():
            own = rows.filter(pc.equal(rows["month"], month)).drop_columns("month")
            self._waiting[month].append(own)
            if sum(map(len, self._waiting[month])) >= ROW_GROUP:
                self._flush(month)

    def close(self) -> None:
        """Completes the files of the months so far; their rows must not come again."""
        for month in sorted(self._waiting):
            self._flush(month)
            self._open.pop(month).close()
            self.files.append(self._path(month))
        self._waiting.clear()

    def _flush(self, month: int) -> None:
        rows = pa.concat_tables(self._waiting[month])
        self._waiting[month] = []
        if month not in self._open:
            Path(self._path(month)).parent.mkdir()
            self._open[month] = pq.ParquetWriter(self._path(month), rows.schema)
        if len(rows):
            self._open[month].write_table(rows, row_group_size=ROW_GROUP)

    def _path(self, month: int) -> str:
        return str(self._folder / f"month={month}" / "data.parquet")
