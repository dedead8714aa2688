"""Shares per intent with their intervals: how often customers come back, or don't have to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, share_axis
from cx_metrics.charts.numbers import count, is_known, likely, percent
from cx_metrics.charts.rows import reasons_in, spread

NO_DATA = "no contacts in this period"
WIDEST = 0.10
"""Half-width of an interval beyond which a share says too little to be compared: 10 points."""
KNOWN, UNSURE = "observed", "can't tell"


def rates(
    frame: pd.DataFrame, *, first: Literal["highest", "lowest"], by: str = "intent", most: int | None = None
) -> go.Figure:
    """A dot and its 95 % interval per row; hollow and grey where the share can't be told.

    Args:
        frame: ``value``, ``low``, ``high`` in 0..1, ``n``, ``reason`` (why there is no value), and what
            names a row.
        first: Which end stands on top; rows without a value stand below.
        by: The column that names a row.
        most: How many rows at most, from the top; None for all.
    """
    if frame.empty:
        return nothing(NO_DATA)
    rows = frame.sort_values("value", ascending=first == "lowest", kind="stable", ignore_index=True)[:most]
    sure = is_sure(rows)
    known = rows["value"].notna().to_numpy()
    yaxis, height = row_axis(rows[by])
    ends = rows.loc[known, ["low", "high", "value"]].astype(float)
    xaxis = share_axis(*(ends.min().min(), ends.max().max()) if known.any() else (0.0, 1.0))
    traces = [
        _guides(known, xaxis["range"]),
        *_dots(rows, sure, by, KNOWN, palette.OURS, "circle"),
        *_dots(rows, known & ~sure, by, UNSURE, palette.UNSURE, "circle-open"),
        *reasons_in(rows, ~known, by=by, at=xaxis["range"][0]),
    ]
    return figure(traces, height=height, yaxis=yaxis, xaxis=xaxis)


def alt(frame: pd.DataFrame, *, by: str = "intent") -> str:
    """What the picture tells, in one sentence."""
    sure = frame[is_sure(frame)] if len(frame) else frame
    unsure = f"{count(len(frame) - len(sure))} of {count(len(frame))} can't be told"
    if sure.empty:
        return f"{unsure}." if len(frame) else "No contacts to show."
    ordered = sure.sort_values("value", ascending=False, kind="stable")
    top, bottom = ordered.iloc[0], ordered.iloc[-1]
    return f"Highest: {_said(top, by)}; lowest: {_said(bottom, by)}; {unsure}."


def is_sure(frame: pd.DataFrame) -> np.ndarray:
    """Which rows have a value whose interval is at most 10 points wide to each side."""
    half = (frame["high"].astype(float) - frame["low"].astype(float)) / 2
    return np.asarray(frame["value"].notna() & ~(half > WIDEST))


def _said(row: pd.Series, by: str) -> str:
    return f"{row[by]} with {percent(row['value'])} ({likely(row['low'], row['high'])})"


def _guides(known: np.ndarray, ends: list[float]) -> Parts:
    """A faint line across each row that has a value, from its name to its dot."""
    at = np.flatnonzero(known).astype(float)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.tile([*ends, np.nan], at.size),
        "y": np.column_stack([at, at, np.full(at.size, np.nan)]).ravel(),
        "line": {"color": palette.BAND, "width": 1},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _dots(rows: pd.DataFrame, chosen: np.ndarray, by: str, name: str, colour: str, symbol: str) -> list[Parts]:
    return spread(rows, chosen, by=by, name=name, colour=colour, symbol=symbol, size=10, hovers=partial(_hovers, by=by))


def _hovers(some: pd.DataFrame, *, by: str) -> Iterator[str]:
    return map(_hover, *(some[column] for column in (by, "value", "low", "high", "n")))


def _hover(name: object, value: float, low: float, high: float, n: int) -> str:
    ends = f", {likely(low, high, 1)}" if is_known(low) else ""
    return f"{heading(name)}{safe(percent(value, 1) + ends)}<br>of {safe(count(n))}"
