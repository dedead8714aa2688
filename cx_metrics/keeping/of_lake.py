"""What can be wrong with the files of the lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow.parquet as pq
from pyarrow import ArrowException, fs

from cx_metrics.errors import StoreError
from cx_metrics.keeping.finding import RESTORE, Finding
from cx_metrics.store.home import Home
from cx_metrics.store.lake.object_store import SCHEME, file_system, is_url
from cx_metrics.store.lake.tables import SnapshotFile


def of_lake(home: Home) -> Iterator[Finding]:
    """Whether each file of the newest snapshots is there, of its size, and readable with all its rows."""
    for table in (home.lake.contacts, home.lake.superseded):
        try:
            files = table.snapshot()
        except StoreError as error:
            yield Finding("lake", table.place, f"its log can't be read: {error}", RESTORE)
            continue
        for file in files:
            if said := _trouble(file):
                yield Finding("lake", file.place, said, RESTORE)


def _trouble(file: SnapshotFile) -> str | None:
    try:
        with _opened(file.place) as opened:
            size = opened.seek(0, 2)
            if size != file.size:
                return f"the file has {size:,} bytes, {file.size:,} were written"
            rows = sum(batch.num_rows for batch in pq.ParquetFile(opened).iter_batches())
    except FileNotFoundError:
        return "the file is gone"
    except (OSError, ArrowException) as error:
        return f"the file can't be read: {str(error).splitlines()[0]}"
    return None if rows == file.rows else f"the file has {rows:,} rows, {file.rows:,} were written"


def _opened(place: str) -> BinaryIO:
    if not is_url(place):
        return Path(place).open("rb")
    store: fs.FileSystem = file_system().fs
    return cast(BinaryIO, store.open_input_file(place.removeprefix(SCHEME)))
