"""Claimed, observed, confirmed: three answers to whether it was solved, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, interval, is_known, likely, percent

NO_DATA = "no first contacts old enough to know in this period"
CLAIMED, OBSERVED, CONFIRMED, RANGE = "claimed", "observed", "confirmed", "honest range"
_BARS = {
    CLAIMED: (palette.UNSURE, -0.32),
    OBSERVED: (palette.OURS, -0.07),
    CONFIRMED: (palette.CATEGORIES[3], 0.18),
}
_WIDTH, _LINE_AT, _ROW, _AROUND = 0.23, 0.38, 64, 64


def claims(frame: pd.DataFrame, *, most: int | None = None) -> go.Figure:
    """Three bars per intent, the widest gap between claim and observation on top, with the honest range below.

    Args:
        frame: ``intent``, ``claimed``, ``observed``, ``confirmed``, ``range_low`` and ``range_high`` in 0..1.
        most: How many intents at most; None for all.
    """
    rows = by_gap(frame)[:most]
    if rows.empty:
        return nothing(NO_DATA)
    yaxis, _ = row_axis(rows["intent"])
    xaxis = {
        "range": [0, 1.12],
        "tickmode": "array",
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "ticktext": [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)],
        "fixedrange": True,
        "zeroline": False,
        "tickangle": 0,
    }
    traces = [*(_bars(rows, name) for name in _BARS), *_range(rows)]
    return figure(traces, height=_ROW * len(rows) + _AROUND, barmode="overlay", xaxis=xaxis, yaxis=yaxis)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    rows = by_gap(frame)
    if rows.empty:
        return "No first contacts old enough to know."
    worst = rows.iloc[0]
    return f"Widest gap at {worst['intent']}: " + ", ".join(
        f"{name} {percent(worst[name])}" for name in _BARS if is_known(worst[name])
    )


def by_gap(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with anything observed, those that claim most above it first."""
    known = frame[frame["observed"].notna()] if len(frame) else frame
    gap = (known["claimed"].astype(float) - known["observed"].astype(float)).fillna(-2.0)
    return known.loc[gap.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _range(rows: pd.DataFrame) -> list[Parts]:
    """A line with ends below the bars."""
    known = rows["range_low"].notna().to_numpy()
    if not known.any():
        return []
    low, high = (rows.loc[known, end].to_numpy(dtype=float) for end in ("range_low", "range_high"))
    y, gap = np.flatnonzero(known) + _LINE_AT, np.full(int(known.sum()), np.nan)
    said = (
        f"{heading(row['intent'])}really solved: {safe(interval(row['range_low'], row['range_high']))}"
        for row in rows[known].to_dict("records")
    )
    return [
        {
            "type": "scatter",
            "name": RANGE,
            "mode": "lines+markers",
            "x": np.column_stack([low, high, gap]).ravel(),
            "y": np.column_stack([y, y, gap]).ravel(),
            "line": {"color": palette.OURS, "width": 2},
            "marker": {"symbol": "line-ns", "size": 8, "line": {"color": palette.OURS, "width": 2}},
            "cliponaxis": False,
            "hovertext": np.repeat(texts(said), 3),
            "hoverinfo": "text",
        }
    ]


def _bars(rows: pd.DataFrame, name: str) -> Parts:
    colour, offset = _BARS[name]
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "x": rows[name].to_numpy(dtype=float, na_value=np.nan),
        "y": np.arange(len(rows)) + offset,
        "ids": texts(rows["intent"].astype(str)),
        "width": _WIDTH,
        "marker": {"color": colour},
        "text": texts(safe(percent(value)) if is_known(value) else "" for value in rows[name]),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": texts(_hover(row, name) for row in rows.to_dict("records")),
        "hoverinfo": "text",
    }


def _hover(row: dict[Any, Any], name: str) -> str:
    of = {CLAIMED: "claims_known", OBSERVED: "n", CONFIRMED: "answers"}[name]
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    ends = f", {likely(low, high, 1)}" if is_known(low) else ""
    return f"{heading(row['intent'])}{name}: {safe(percent(row[name], 1) + ends)}<br>of {safe(count(row[of]))}"
