"""A DuckDB connection for one piece of work: bounded in memory, spilling into a scratch folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cx_metrics.config import Settings


@contextmanager
def workbench(settings: Settings, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that spills beyond ``CX_MEMORY`` into a folder; closed at the end."""
    connection = duckdb.connect(
        config={
            "memory_limit": settings.memory,
            "threads": settings.threads,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    try:
        yield connection
    finally:
        connection.close()
