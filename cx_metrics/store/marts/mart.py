"""The mart: small tables that answer every question, and the manifest that says which files they are.

Tables of `Mart.query`, all by the UTC month in which contacts start (``month``, e.g. 202401):

    cells       what a cell of a month stands for: one value for each dimension, '(none)' where it is missing
    daily       counts and sums of contacts per business day, cell and combination of codes; additive
    daily_any   counts by the codes that hold whatever a customer's contacts are about; additive
    surveys     what customers who were asked said, per business day, cell and combination of codes; additive
    self_help   what contacts that came although an article or flow had been tried count and cost; additive
    touches     one row per contact, without names: for distinct customers, chains and quantiles
    dispersion  how much customers who come more than once widen an interval, per intent, window and unit

``sql/links.sql`` and ``sql/touches.sql`` define the codes. Amounts are whole millionths (``..._micros``), so that sums
are exact.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.errors import StoreError
from cx_metrics.store import durable
from cx_metrics.store.decided.decisions import NOTHING_DECIDED, Decisions
from cx_metrics.store.engines.duckdb_engine import parquet_query
from cx_metrics.store.engines.locked import connect

FORMAT = 4
"""Version of the mart's tables; a mart of another one is rebuilt as a whole."""

WINDOWS = (1, 3, 7, 14, 30)
"""The windows, in days, for which the mart can answer."""

MANIFEST = "manifest.json"

_CODES = {
    "before_cutoff": "BOOLEAN",
    "followed_within": "TINYINT",
    "repeat_within": "TINYINT",
    "mature_for": "TINYINT",
    "left_edge_below": "TINYINT",
}
_ANY_CODES = {"any_followed_within": "TINYINT", "any_repeat_within": "TINYINT"}
_FACTS = {
    "ended": "BOOLEAN",
    "ended_after_s": "BIGINT",
    "urgency": "VARCHAR",
    "self_help": "VARCHAR",
    "handle_micros": "BIGINT",
    "direct_micros": "BIGINT",
    "downstream_micros": "BIGINT",
    "resolved": "BOOLEAN",
    "offered": "BOOLEAN",
    "answered": "BOOLEAN",
    **dict.fromkeys(("csat", "nps", "ces", "outcome", "feeling"), "TINYINT"),
    "confirmed": "BOOLEAN",
    "follow_up": "BOOLEAN",
}
_COUNTS = (
    *("contacts", "resolved_known", "resolved", "confirmed_known", "confirmed", "ended", "offered", "answered"),
    *("measured", "unmeasured", "handle_micros", "direct_micros", "downstream_known", "downstream_micros"),
)
_ANSWERS = (
    *("offered", "answered", "csat_n", "csat_top", "csat_sum", "nps_n", "nps_promoters", "nps_detractors"),
    *("ces_n", "ces_sum", "ces_sumsq", "outcome_n", "outcome_top", "outcome_sum"),
    *("feeling_n", "feeling_top", "feeling_sum", "confirmed_known", "confirmed", "follow_ups"),
)
_AMOUNTS = (
    *("contacts", "measured", "unmeasured", "handle_micros", "direct_micros", "downstream_known", "downstream_micros"),
)
_DAY = {"month": "INTEGER", "day": "DATE", "cell": "BIGINT"}
_CODED_DAY = _DAY | {"identified": "BOOLEAN"} | _CODES

MONTHLY_TABLES: dict[str, dict[str, str]] = {
    "cells": {"month": "INTEGER", "cell": "BIGINT"} | dict.fromkeys(DIMENSIONS, "VARCHAR"),
    "touches": _DAY | {"customer_key": "BIGINT"} | _CODES | _ANY_CODES | _FACTS,
    "daily": _CODED_DAY | dict.fromkeys(_COUNTS, "BIGINT"),
    "daily_any": _CODED_DAY | {"contacts": "BIGINT"},
    "surveys": _CODED_DAY | dict.fromkeys(_ANSWERS, "BIGINT"),
    "self_help": _CODED_DAY | {"article": "VARCHAR"} | dict.fromkeys(_AMOUNTS, "BIGINT"),
}
"""Columns and types of the tables that are kept by month."""

_READ_FROM_DISK = ("touches", "daily_any", "self_help")
"""Large and seldom asked: not kept in memory."""

DISPERSION = {
    "intent": "VARCHAR",
    "window_days": "TINYINT",
    "unit": "VARCHAR",
    "clusters": "BIGINT",
    "n": "BIGINT",
    "successes": "BIGINT",
    "deff": "DOUBLE",
}
"""Columns and types of the table of design effects."""

Files = dict[str, dict[int, tuple[str, ...]]]
"""Table -> month -> files, relative to the mart's folder."""


@dataclass(frozen=True)
class MartFacts:
    """What a mart says about itself.

    Attributes:
        version: Another mart, another version.
        watermark: The data cut-off T in UTC; None while there is no data.
        data_from: Business day of the first contact.
        data_to: Business day of the last contact.
        timezone: The business time zone.
        lagging: Sources that are complete only until some time before the others, with that time.
        dimensions: Those that hold any value.
        contacts: Number of contacts.
        identified: Those with a customer id.
        built_at: When the mart was built.
    """

    version: str
    watermark: datetime | None
    data_from: date | None
    data_to: date | None
    timezone: str
    lagging: tuple[tuple[str, datetime], ...]
    dimensions: tuple[str, ...]
    contacts: int
    identified: int
    built_at: datetime


@dataclass(frozen=True)
class Manifest(MartFacts):
    """The facts of a mart, what it was built from, and its files.

    Attributes:
        format: Version of the tables' columns.
        engine: Fingerprint of the engine whose keys the tables hold.
        data_start: First ``started_at`` of all contacts.
        lake_files: The files of the lake that it tells.
        files: Files of each table by month.
        dispersion: The file of design effects.
        retired: Files that earlier marts named, kept for their readers, and since when.
        digests: SHA-256 of its files; those of marts before there were digests are missing.
    """

    format: int
    engine: str
    data_start: datetime | None
    lake_files: tuple[str, ...]
    files: Files
    dispersion: str
    retired: dict[str, datetime]
    digests: dict[str, str] = field(default_factory=dict)

    def facts(self) -> MartFacts:
        """What readers are told."""
        return MartFacts(**{field.name: getattr(self, field.name) for field in fields(MartFacts)})

    def named(self) -> set[str]:
        """Every file of this mart."""
        return {file for months in self.files.values() for own in months.values() for file in own} | {self.dispersion}


def paths_of(folder: Path, months: Mapping[int, Sequence[str]], *, since: int = 0) -> list[str]:
    """Full paths of a table's files, of the months not before ``since``."""
    return [str(folder / file) for month in sorted(months) if month >= since for file in months[month]]


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a mart's folder; None where there is no mart of this format."""
    try:
        manifest = _MANIFEST.validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return manifest if manifest.format == FORMAT else None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Makes a manifest the folder's own, at once or not at all."""
    temporary = folder / f"{MANIFEST}.new"
    temporary.write_bytes(_MANIFEST.dump_json(manifest, indent=1))
    durable.put(temporary, folder / MANIFEST)


class Mart:
    """One version of the mart, open for reading; safe to use from many threads at once.

    It stays whole while a later version is built. Its files are there for another hour.

    Attributes:
        facts: What the mart says about itself.
        decisions: What people decided, by which questions to it are answered.
    """

    def __init__(self, folder: Path, manifest: Manifest, *, decisions: Decisions = NOTHING_DECIDED) -> None:
        self.facts = manifest.facts()
        self.decisions = decisions
        months = [each for files in manifest.files.values() for each in paths_of(folder, files)]
        self._connection = connect(files=[*months, folder / manifest.dispersion])
        for sql in _tables(folder, manifest):
            self._connection.execute(sql)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def query(self, sql: str, params: Mapping[str, object] | Sequence[object] | None = None) -> pd.DataFrame:
        """The rows of a query over the mart's tables.

        Whole numbers of which some are missing come as floats, as pandas has it: customer keys don't survive that.

        Args:
            sql: DuckDB SQL.
            params: Values of its ``$names``, or of its question marks.
        """
        with self._connection.cursor() as cursor:
            return cursor.execute(sql, params).df()

    def under(self, decisions: Decisions) -> Mart:
        """The same tables, asked under other decisions; closing either closes both."""
        other = copy.copy(self)
        other.decisions = decisions
        return other

    def close(self) -> None:
        """Frees the memory."""
        self._connection.close()


def open_mart(folder: Path, *, decisions: Decisions = NOTHING_DECIDED) -> Mart:
    """The present mart of a folder, to be asked under these decisions.

    Raises:
        StoreError: There is none.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise StoreError("There is no data yet. Start with: python -m cx_metrics load FILE --source NAME")
    return Mart(folder, manifest, decisions=decisions)


def _tables(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, columns in MONTHLY_TABLES.items():
        kind = "VIEW" if name in _READ_FROM_DISK else "TABLE"
        query = parquet_query(paths_of(folder, manifest.files[name]), columns=columns)
        yield f"CREATE {kind} {name} AS {query}"
    query = parquet_query([str(folder / manifest.dispersion)], columns=DISPERSION)
    yield f"CREATE TABLE dispersion AS {query}"
