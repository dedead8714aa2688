"""How much customers who come more than once widen each intent's intervals: from the last 91 days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cx_metrics.statistics.clusters import design_effect
from cx_metrics.store.engines.engine import Engine, statement
from cx_metrics.store.marts.mart import WINDOWS

DAYS = 91
"""Business days up to the data cut-off from which the effects are estimated."""

_COLUMNS = {
    "intent": pa.string(),
    "window_days": pa.int8(),
    "unit": pa.string(),
    "clusters": pa.int64(),
    "n": pa.int64(),
    "successes": pa.int64(),
    "sum_nn": pa.int64(),
    "sum_ny": pa.int64(),
    "sum_yy": pa.int64(),
}


def first_day(watermark: datetime, *, timezone: str) -> date:
    """The first of the business days that the effects are estimated from."""
    last = watermark.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
    return last - timedelta(days=DAYS - 1)


def write_dispersion(engine: Engine, file: Path, *, since: date) -> None:
    """Writes clusters, trials, successes and design effect of each intent, window and unit that has a trial.

    Args:
        engine: Knows ``touches`` and ``cells`` of the days from ``since`` on.
        file: Where; its folder is made.
        since: The first business day that counts.
    """
    engine.table("recent_customers", statement("recent_customers", first_day=since))
    rows = [row for days in WINDOWS for row in engine.rows(statement("dispersion", window_days=days))]
    columns = {name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(_COLUMNS.items())}
    deff = _design_effects({name: np.asarray(values) for name, values in columns.items()})
    kept = {name: values for name, values in columns.items() if not name.startswith("sum_")}
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(kept | {"deff": pa.array(deff, pa.float64())}), file)


def _design_effects(sums: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    return design_effect(
        clusters=sums["clusters"],
        n=sums["n"],
        successes=sums["successes"],
        sum_nn=sums["sum_nn"],
        sum_ny=sums["sum_ny"],
        sum_yy=sums["sum_yy"],
    )
