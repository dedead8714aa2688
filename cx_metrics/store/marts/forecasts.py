"""The forecast of the coming weeks, made at refresh from the mart: one Parquet file, replaced as a whole.

Each row is one period of one series; ``intent`` is missing in the rows of all intents together. By ``kind``:

    history   contacts of 7 days, the last 26 such weeks up to the last full day
    week      the forecast of each of the next 13 weeks, 7 days each
    total     the forecast of the next 4 and 13 weeks
    check     what the model would have said of 28 days that are over, knowing the days before only
    unknown   why there is no forecast
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import StoreError
from cx_metrics.statistics.forecast import (
    LOOK_BACK,
    TRAIN,
    WEEK,
    Floats,
    closed_days,
    likely_ranges,
    paths,
    same_as_last_week,
    without_closed_days,
)
from cx_metrics.store import durable
from cx_metrics.store.engines.engine import Engine, statement
from cx_metrics.store.marts.days import full_day_before
from cx_metrics.store.marts.mart import MONTHLY_TABLES, Manifest, paths_of
from cx_metrics.store.marts.months import month_at

METHOD = 1
"""Version of how forecasts are made; those of another one are made anew."""

WEEKS = 13
TOTALS = (4, 13)
"""Weeks ahead: one by one, and in sum."""
HISTORY = 26
CHECK = 28
"""Days of a check; checks begin on every fourth Monday, so that another day of data changes none of the old ones."""
MOST_CHECKS = 5
MOST_INTENTS = 60
LEAST = TRAIN
"""Contacts in 26 weeks below which ranges don't hold what they promise: one a day."""

FILE, MADE_FROM = "forecast.parquet", "made-from.json"

_NUMBERS = ("value", "low", "high", "low_80", "high_80", "naive", "actual", "error", "naive_error")
_SCHEMA = pa.schema(
    [("intent", pa.string()), ("kind", pa.string()), ("from_on", pa.date32()), ("to_on", pa.date32())]
    + [(name, pa.float64()) for name in _NUMBERS]
    + [("fingerprint", pa.string()), ("reason", pa.string())]
)
REACH = TRAIN + (MOST_CHECKS + 1) * CHECK + LOOK_BACK * WEEK
"""Days of data that a forecast with all its checks reads."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """Contacts per full day, without gaps.

    Attributes:
        last_on: The last day; the data knows it in full.
        weeks: Whole weeks of data up to that day.
        intents: A name for each row of ``counts``, most contacts of the last 26 weeks first.
        counts: A row per intent, a column per day.
    """

    last_on: date
    weeks: int
    intents: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def fingerprint(self) -> str:
        """Another one for other series, or another way to forecast them."""
        said = json.dumps([METHOD, str(self.last_on), self.weeks, self.intents])
        return hashlib.sha256(said.encode() + self.counts.tobytes()).hexdigest()

    def day(self, position: int) -> date:
        """The day of a column; 0 is the one after the last."""
        return self.last_on + timedelta(days=position + 1)


def write_forecasts(engine: Engine, manifest: Manifest, *, mart: Path, folder: Path, progress: Progress) -> None:
    """Makes the forecast that of a mart; does nothing where its daily series are those it was made from.

    Args:
        engine: Runs the SQL.
        manifest: The mart.
        mart: The mart's folder.
        folder: Where the forecast rests; made where it is missing.
        progress: Told which series is being worked on.

    Raises:
        StoreError: The folder can't be written; the forecast is as it was.
    """
    if is_made_from(folder, manifest.version):
        return
    series = _read_series(engine, manifest, mart)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _made_from(folder).get("series") != series.fingerprint or not (folder / FILE).exists():
            rows = forecast_rows(series, known=_known_checks(folder), progress=progress)
            table = pa.Table.from_pylist(rows, schema=_SCHEMA)
            pq.write_table(table, folder / f"{FILE}.new")
            _put(folder, FILE)
        made = json.dumps({"mart": manifest.version, "series": series.fingerprint})
        (folder / f"{MADE_FROM}.new").write_text(made, encoding="utf-8")
        _put(folder, MADE_FROM)
    except OSError as error:
        raise StoreError(f"{folder} can't be written: {error.strerror}. The forecast is as it was.") from error


def is_made_from(folder: Path, version: str) -> bool:
    """Whether the forecast is that of this version of the mart."""
    return _made_from(folder).get("mart") == version and (folder / FILE).exists()


def read_forecasts(folder: Path) -> pd.DataFrame:
    """The rows of the forecast; none before the first refresh."""
    try:
        table = pq.read_table(folder / FILE)
    except FileNotFoundError:
        table = _SCHEMA.empty_table()
    frame: pd.DataFrame = table.to_pandas(date_as_object=True)
    return frame


def forecast_rows(series: Series, *, known: Mapping[str, Row] | None = None, progress: Progress = silent) -> list[Row]:
    """All rows of the forecast: those of all intents together first, then each intent's, most contacts first.

    Args:
        series: The daily counts.
        known: Checks that were made before, by their fingerprint; the same ones come out without them.
        progress: Told which series is being worked on.
    """
    if not series.intents:
        return []
    known = known or {}
    everything = series.counts.sum(axis=0)
    closed = closed_days(everything)
    rows = list(_rows_of(None, everything, closed, series, known=known))
    for number, (intent, counts) in enumerate(zip(series.intents, series.counts, strict=True), start=1):
        progress(f"forecasting {number} of {len(series.intents)}", number / len(series.intents))
        reason = None
        if number > MOST_INTENTS:
            reason = f"only the {MOST_INTENTS} intents with most contacts are forecast"
        rows += _rows_of(intent, counts, closed, series, known=known, reason=reason)
    return rows


def _rows_of(
    intent: str | None,
    counts: NDArray[np.int64],
    closed: NDArray[np.bool_],
    series: Series,
    *,
    known: Mapping[str, Row],
    reason: str | None = None,
) -> Iterator[Row]:
    named = {"intent": intent}
    for row in _history(counts, series):
        yield named | row
    reason = _why_not(counts, series) or reason
    if reason:
        yield named | {"kind": "unknown", "reason": reason}
        return
    steady = without_closed_days(counts, closed)
    for row in (*_ahead(steady, series), *_checks(counts, steady, series, known)):
        yield named | row


def _why_not(counts: NDArray[np.int64], series: Series) -> str | None:
    """Why these contacts can't be forecast; an intent is as old as its first contact."""
    seen = np.flatnonzero(counts)
    age = counts.size - int(seen[0]) if seen.size else 0
    weeks = series.weeks if age == counts.size else min(series.weeks, age // WEEK)
    if weeks * WEEK < TRAIN:
        return f"learning: {weeks} week{'s' * (weeks != 1)} of data, {TRAIN // WEEK} are needed"
    if counts[-TRAIN:].sum() < LEAST:
        return f"fewer than {LEAST} contacts in {TRAIN // WEEK} weeks: too few for ranges that hold"
    return None


def _history(counts: NDArray[np.int64], series: Series) -> Iterator[Row]:
    for week in range(min(HISTORY, counts.size // WEEK), 0, -1):
        begin = -WEEK * week
        contacts = float(counts[begin : begin + WEEK or None].sum())
        yield _period("history", series, begin, WEEK) | {"value": contacts}


def _ahead(steady: Floats, series: Series) -> Iterator[Row]:
    """The next weeks, one by one and in sum."""
    drawn = paths(steady[-TRAIN:], days=WEEKS * WEEK)
    weekly = drawn.reshape(len(drawn), WEEKS, WEEK).sum(axis=2)
    naive = float(same_as_last_week(steady, days=WEEK).sum())
    for week, found in enumerate(likely_ranges(weekly)):
        yield _period("week", series, week * WEEK, WEEK) | found._asdict() | {"naive": naive}
    sums = np.column_stack([weekly[:, :weeks].sum(axis=1) for weeks in TOTALS])
    for weeks, found in zip(TOTALS, likely_ranges(sums), strict=True):
        yield _period("total", series, 0, weeks * WEEK) | found._asdict() | {"naive": naive * weeks}


def _checks(counts: NDArray[np.int64], steady: Floats, series: Series, known: Mapping[str, Row]) -> Iterator[Row]:
    """The last checks for which 26 weeks of data came before, oldest first; those that are known aren't made again."""
    # Day 0 of the calendar is a Sunday, on which a check's knowledge ends.
    newest = -CHECK - series.last_on.toordinal() % CHECK
    oldest = max(newest - (MOST_CHECKS - 1) * CHECK, TRAIN + int(np.flatnonzero(counts)[0]) - counts.size)
    for begin in reversed(range(newest, oldest - 1, -CHECK)):
        before, actual = steady[:begin][-TRAIN:], counts[begin : begin + CHECK or None].astype(float)
        fingerprint = hashlib.sha256(bytes([METHOD]) + before.tobytes() + actual.tobytes()).hexdigest()
        found = known[fingerprint] if fingerprint in known else _check(before, actual)
        yield _period("check", series, begin, CHECK) | found | {"fingerprint": fingerprint}


def _check(before: Floats, actual: Floats) -> Row:
    """What would have been said of the days that came after those before."""
    drawn, naive = paths(before, days=CHECK), same_as_last_week(before, days=CHECK)
    (found,) = likely_ranges(drawn.sum(axis=1, keepdims=True))
    return found._asdict() | {
        "naive": float(naive.sum()),
        "actual": float(actual.sum()),
        "error": round(float(np.abs(np.median(drawn, axis=0) - actual).sum()), 2),
        "naive_error": float(np.abs(naive - actual).sum()),
    }


def _known_checks(folder: Path) -> dict[str, Row]:
    """The checks of the forecast there is, by their fingerprint."""
    try:
        table = pq.read_table(folder / FILE, columns=["fingerprint", *_NUMBERS])
    except (FileNotFoundError, pa.ArrowInvalid):
        return {}
    rows = table.filter(pc.is_valid(table["fingerprint"])).to_pylist()
    return {row.pop("fingerprint"): row for row in rows}


def _period(kind: str, series: Series, begin: int, days: int) -> Row:
    return {"kind": kind, "from_on": series.day(begin), "to_on": series.day(begin + days - 1)}


def _read_series(engine: Engine, manifest: Manifest, mart: Path) -> Series:
    """The daily series of the mart, as many days as a forecast with all its checks needs."""
    if manifest.watermark is None or manifest.data_from is None:
        return Series(date.min, 0, (), np.zeros((0, 0), dtype=np.int64))
    last = full_day_before(manifest.watermark, timezone=manifest.timezone)
    first = max(manifest.data_from, last - timedelta(days=REACH - 1))
    since = month_at(datetime.combine(first, time.min) - timedelta(days=1))
    for table in ("cells", "daily"):
        files = paths_of(mart, manifest.files[table], since=since)
        engine.files(table, files=files, columns=MONTHLY_TABLES[table])
    rows = [row for row in engine.rows(statement("daily_by_intent", first_day=first)) if row[1] <= last]
    names = sorted({row[0] for row in rows})
    place = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(names), max((last - first).days + 1, 0)), dtype=np.int64)
    for name, day, contacts in rows:
        counts[place[name], (day - first).days] = contacts
    order = sorted(range(len(names)), key=lambda at: (-counts[at, -TRAIN:].sum(), names[at]))
    weeks = max((last - manifest.data_from).days + 1, 0) // WEEK
    return Series(last, weeks, tuple(names[at] for at in order), counts[order])


def _made_from(folder: Path) -> dict[str, str]:
    try:
        made = json.loads((folder / MADE_FROM).read_bytes())
    except (OSError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}


def _put(folder: Path, name: str) -> None:
    """Makes a new file the folder's own, at once or not at all."""
    durable.put(folder / f"{name}.new", folder / name)
