"""Which engine a home's mart is computed by: the one inside this process, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cx_metrics.config import IN_PROCESS
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.engines.engine import Engine
from cx_metrics.store.engines.spark_engine import SparkEngine
from cx_metrics.store.home import Home


@contextmanager
def opened_engine(home: Home, *, scratch: Path) -> Iterator[Engine]:
    """The engine that a home's settings name.

    Args:
        home: Whose lake and mart it reaches.
        scratch: A folder for what outgrows this machine's memory.

    Raises:
        BadUse: It needs a package that is not installed.
        StoreError: It is a cluster that doesn't answer.
    """
    settings = home.settings
    with DuckDBEngine(
        memory=settings.memory,
        threads=settings.threads,
        timezone=settings.timezone,
        scratch=scratch,
        folders=[home.mart, home.lake.place],
    ) as here:
        if settings.engine in IN_PROCESS:
            yield here
            return
        with SparkEngine(settings.engine, local=here) as cluster:
            yield cluster
