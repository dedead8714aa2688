"""The data of every chart and table of the pages by name, for the command line to print the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.metrics.customers import contacts_distribution
from cx_metrics.metrics.movers import intent_table, movers, pareto
from cx_metrics.metrics.resolution import fcr
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.metrics.trend import trend
from cx_metrics.store.mart import Mart


def fcr_by_window(mart: Mart, slice: Slice) -> pd.DataFrame:
    """First contact resolution for each window of 1 to 30 days: the rows of the metric, with the window last."""
    return pd.concat([fcr(mart, replace(slice, window=days)) for days in WINDOWS], ignore_index=True)


CHARTS: dict[str, Callable[[Mart, Slice], pd.DataFrame]] = {
    "trend": trend,
    "pareto": pareto,
    "movers": lambda mart, slice: movers(mart, slice, slice.previous()),
    "intents": lambda mart, slice: intent_table(mart, slice, slice.previous()),
    "windows": fcr_by_window,
    "distribution": contacts_distribution,
}
"""What a chart draws, by the name of its CSV file; comparisons are with the days just before."""


def chart_data(mart: Mart, name: str, slice: Slice) -> pd.DataFrame:
    """The rows a chart draws, as its CSV hands them out.

    Raises:
        BadUse: There is no such chart, or the slice does not fit it.
    """
    if name not in CHARTS:
        raise BadUse(f"unknown chart '{name}': {did_you_mean(name, CHARTS)}")
    return CHARTS[name](mart, slice)
