"""A DuckDB connection for one piece of work: bounded in memory, spilling into a scratch folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cx_metrics.config import Settings
from cx_metrics.store.engines.locked import connect
from cx_metrics.store.lake.object_store import saying


@contextmanager
def workbench(settings: Settings, folder: Path, *, files: Iterable[Path] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that spills beyond ``CX_MEMORY``; closed at the end.

    Args:
        settings: The settings in force; it reaches the home's lake.
        folder: A scratch folder, which it reaches too.
        files: What else it reaches: the extract.
    """
    connection = connect(
        folders=[folder, settings.lake],
        files=files,
        memory=settings.memory,
        threads=settings.threads,
        scratch=folder / "spill",
    )
    try:
        with saying():
            yield connection
    finally:
        connection.close()
