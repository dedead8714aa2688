"""The mart computed anew in a scratch folder, and compared cell by cell with the one there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine, parquet_query
from cx_metrics.store.engines.locked import connect
from cx_metrics.store.home import Home
from cx_metrics.store.marts.mart import DISPERSION, MONTHLY_TABLES, Manifest, paths_of, read_manifest
from cx_metrics.store.marts.months import label
from cx_metrics.store.marts.refresh import refresh

_NEAR = 1e-9
"""Relative difference of design effects that the order of sums explains."""


def differences(home: Home, present: Manifest) -> Iterator[str]:
    """What the mart says otherwise than a fresh computation from the lake, as sentences.

    Rows of a month are compared as a whole by the sum of their hashes, so that it takes no memory; where those
    differ, the rows are counted. Keys of another engine are left out: two engines share none.

    Raises:
        StoreError: Memory or disk did not suffice, or the lake can't be read.
    """
    with home.scratch() as scratch:
        fresh, same_keys = _fresh(home, present, scratch)
        with connect(folders=[home.mart, scratch], memory=home.settings.memory, scratch=scratch / "spill") as opened:
            _open(opened, "old", home.mart, present)
            _open(opened, "new", scratch / "mart", fresh)
            for name, columns in MONTHLY_TABLES.items():
                yield from _of_table(opened, name, _compared(name, columns, same_keys=same_keys))
            yield from _of_dispersion(opened)
        if (present.contacts, present.identified) != (fresh.contacts, fresh.identified):
            yield f"it counts {present.contacts:,} contacts, a fresh computation counts {fresh.contacts:,}"


def _fresh(home: Home, present: Manifest, scratch: Path) -> tuple[Manifest, bool]:
    with DuckDBEngine(
        memory=home.settings.memory,
        threads=home.settings.threads,
        timezone=present.timezone,
        scratch=scratch,
        folders=[home.lake.place],
    ) as engine:
        refresh(
            scratch / "mart",
            lake_files=list(present.lake_files),
            watermark=present.watermark,
            lagging=present.lagging,
            timezone=present.timezone,
            engine=engine,
            full=True,
        )
        same_keys = engine.fingerprint == present.engine
    fresh = read_manifest(scratch / "mart")
    assert fresh is not None
    return fresh, same_keys


def _open(connection: duckdb.DuckDBPyConnection, schema: str, folder: Path, manifest: Manifest) -> None:
    connection.execute(f"CREATE SCHEMA {schema}")
    for name, columns in MONTHLY_TABLES.items():
        query = parquet_query(paths_of(folder, manifest.files[name]), columns=columns)
        connection.execute(f"CREATE VIEW {schema}.{name} AS {query}")
    query = parquet_query([str(folder / manifest.dispersion)], columns=DISPERSION)
    connection.execute(f"CREATE VIEW {schema}.dispersion AS {query}")


def _compared(name: str, columns: dict[str, str], *, same_keys: bool) -> str:
    """SQL of a table's rows, with ``{}`` for the schema."""
    if same_keys:
        return f"SELECT * FROM {{}}.{name}"
    plain = ", ".join(f'"{column}"' for column in columns if column not in ("cell", "customer_key", *DIMENSIONS))
    dimensions = ", ".join(f'cells."{dimension}"' for dimension in DIMENSIONS)
    joined = "" if name == "cells" else " JOIN {}.cells AS cells USING (month, cell)"
    return f"SELECT {plain}, {dimensions} FROM {{}}.{name} AS {name}{joined}"


def _of_table(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> Iterator[str]:
    old, new = (_sums(connection, query.replace("{}", schema)) for schema in ("old", "new"))
    months = sorted(month for month in old.keys() | new.keys() if old.get(month) != new.get(month))
    if months:
        listed = ", ".join(map(str, months))
        sides = [f"SELECT * FROM ({query.replace('{}', side)}) WHERE month IN ({listed})" for side in ("old", "new")]
        differing = connection.execute(f"SELECT count(*) FROM ({sides[0]} EXCEPT ALL {sides[1]})").fetchall()[0][0]
        missing = connection.execute(f"SELECT count(*) FROM ({sides[1]} EXCEPT ALL {sides[0]})").fetchall()[0][0]
        named = ", ".join(label(month) for month in months[:6]) + (" and more" if len(months) > 6 else "")
        yield (
            f"{name} of {named}: {differing:,} rows are not those of a fresh computation, {missing:,} of its rows are "
            "missing"
        )


def _sums(connection: duckdb.DuckDBPyConnection, query: str) -> dict[int, tuple[int, int]]:
    asked = f"SELECT month, count(*), sum(hash(each)) FROM ({query}) AS each GROUP BY month"
    return {month: (count, total) for month, count, total in connection.execute(asked).fetchall()}


def _of_dispersion(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    key = "intent, window_days, unit"
    asked = f"""
        SELECT count(*) FROM old.dispersion AS old FULL JOIN new.dispersion AS new
        ON {" AND ".join(f"old.{name} IS NOT DISTINCT FROM new.{name}" for name in key.split(", "))}
        WHERE (old.clusters, old.n, old.successes) IS DISTINCT FROM (new.clusters, new.n, new.successes)
           OR (old.deff IS DISTINCT FROM new.deff
               AND coalesce(abs(old.deff - new.deff) > {_NEAR} * abs(new.deff), true))"""
    if differing := connection.execute(asked).fetchall()[0][0]:
        yield f"dispersion: {differing:,} rows are not those of a fresh computation"
