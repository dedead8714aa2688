"""The steps that are measured, each in a process of its own: ``python -m benchmarks.steps STEP ARGUMENT...``."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.data import decisions, mapping
from cx_metrics.config import Settings
from cx_metrics.store.decided.deciding import save_intents, save_rates, save_x_units
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.lake.tables import Table
from cx_metrics.store.marts.freshness import bring_up_to_date


def home_of(folder: str) -> Home:
    """The home to measure on."""
    return Home(Settings(home=Path(folder), timezone="Europe/Berlin", user="bench"))


def make_home(folder: str) -> None:
    """An empty home, its records migrated, as a load finds it, and everything decided."""
    decided = decisions()
    with home_of(folder).session() as session:
        save_intents(session, decided.intents, actor="bench")
        save_rates(session, decided.rates, actor="bench")
        save_x_units(session, decided.x_units, actor="bench")


def csv_to_parquet(csv: str, folder: str) -> None:
    """What DuckDB alone takes to turn a CSV into Parquet."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"COPY (FROM read_csv('{csv}')) TO '{folder}/plain.parquet' (FORMAT parquet)")


def load_csv(csv: str, folder: str) -> None:
    """The product's load of a CSV, to a lake that can be asked."""
    home = home_of(folder)
    load(home, Path(csv), source="bench", mapping=mapping(), actor="bench")


def bare_sort(folder: str) -> None:
    """What DuckDB alone takes to sort (hash of customer and intent, time)."""
    lake: Table = home_of(folder).lake.contacts
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        connection.execute(
            "CREATE TEMP TABLE sorted AS SELECT hash(customer_id, intent) AS pair, started_at "
            f"FROM {lake.relation()} ORDER BY ALL"
        )


def refresh(folder: str, full: str = "") -> None:
    """The product's refresh of the mart."""
    bring_up_to_date(home_of(folder), full=full == "full")


STEPS: dict[str, Callable[..., None]] = {
    step.__name__: step for step in (make_home, csv_to_parquet, load_csv, bare_sort, refresh)
}


def main() -> None:
    """Run one step and print what it took as JSON."""
    name, *arguments = sys.argv[1:]
    started = time.perf_counter()
    STEPS[name](*arguments)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "peak_gb": peak}))


if __name__ == "__main__":
    main()
