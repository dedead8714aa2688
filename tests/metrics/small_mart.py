"""A mart of few contacts, made the way every mart is made: lake files, refresh, open."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts.mart import Mart, open_mart
from cx_metrics.store.marts.refresh import refresh
from tests.store.mart_lake import Contact, write_lake


@dataclass(frozen=True)
class Ticket(Contact):
    """A contact with two more dimensions."""

    category: str | None = None
    segment: str | None = None


@contextmanager
def small_mart(contacts: Iterable[Contact], *, watermark: datetime | None, timezone: str) -> Iterator[Mart]:
    """The mart of some contacts; its files are gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with DuckDBEngine(memory="500MB", threads=1, timezone=timezone, scratch=folder) as engine:
            refresh(
                folder / "mart",
                lake_files=write_lake(folder / "lake", contacts),
                watermark=watermark,
                lagging=(),
                timezone=timezone,
                engine=engine,
            )
        with open_mart(folder / "mart") as mart:
            yield mart
