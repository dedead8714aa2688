"""The share of surveys answered, week by week."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, nothing, safe, share_axis, texts
from cx_metrics.charts.numbers import count, likely, percent

NO_WEEKS = "no full week of data up to here"
HEIGHT = 260
KNOWN, YOUNG = "answered", "answers may still come"


def response_weeks(frame: pd.DataFrame, *, line: Sequence[float] = ()) -> go.Figure:
    """A dot and its 95 % interval for each week; hollow where answers may still come.

    Args:
        frame: ``period`` (first day), ``value``, ``low``, ``high`` in 0..1, ``n``, ``young``, ``reason``.
        line: Ends of the trend, in 0..1, from the first to the last week that isn't young; empty for none.
    """
    if frame.empty:
        return nothing(NO_WEEKS)
    known = frame["value"].notna().to_numpy()
    if not known.any():
        why = frame["reason"].dropna()
        return nothing(str(why.iloc[0]) if len(why) else "no survey was offered in these weeks")
    young = frame["young"].to_numpy(dtype=bool)
    ends = frame.loc[known, ["low", "high"]].astype(float)
    traces = [
        *_marks(frame, known & ~young, KNOWN, palette.OURS, "circle"),
        *_marks(frame, known & young, YOUNG, palette.UNSURE, "circle-open"),
        *_line(frame, known & ~young, line),
    ]
    xaxis = {"type": "date", "showgrid": False, "fixedrange": True, "automargin": True, "tickangle": 0, "nticks": 6}
    return figure(traces, height=HEIGHT, xaxis=xaxis, yaxis=share_axis(ends["low"].min(), ends["high"].max()))


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    old = frame[frame["value"].notna() & ~frame["young"].astype(bool)] if len(frame) else frame
    if old.empty:
        return "No week of which all answers are in."
    first, last = old.iloc[0], old.iloc[-1]
    return (
        f"{percent(first['value'])} answered in the week from {first['period']}, "
        f"{percent(last['value'])} in that from {last['period']}."
    )


def _marks(frame: pd.DataFrame, chosen: np.ndarray, name: str, colour: str, symbol: str) -> list[Parts]:
    if not chosen.any():
        return []
    some = frame[chosen]
    weeks, gap = some["period"].to_numpy(dtype=object), np.full(len(some), np.nan)
    low, high = some["low"].to_numpy(dtype=float), some["high"].to_numpy(dtype=float)
    lines = {
        "type": "scatter",
        "mode": "lines",
        "legendgroup": name,
        "showlegend": False,
        "x": np.repeat(weeks, 3),
        "y": np.column_stack([low, high, gap]).ravel(),
        "line": {"color": colour, "width": 2},
        "hoverinfo": "skip",
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "x": weeks,
        "y": some["value"].to_numpy(dtype=float),
        "marker": {"color": colour, "symbol": symbol, "size": 8, "line": {"color": colour, "width": 2}},
        "hovertext": texts(map(_hover, *(some[c] for c in ("period", "value", "low", "high", "answered", "n")))),
        "hoverinfo": "text",
    }
    return [lines, dots]


def _hover(period: str, value: float, low: float, high: float, answered: int, n: int) -> str:
    share = safe(f"{percent(value, 1)}, {likely(low, high, 1)}")
    return f"<b>week from {period}</b><br>{share}<br>{safe(count(answered))} of {safe(count(n))} asked"


def _line(frame: pd.DataFrame, chosen: np.ndarray, line: Sequence[float]) -> list[Parts]:
    if not len(line) or not chosen.any():
        return []
    weeks = frame.loc[chosen, "period"]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "trend",
            "x": [weeks.iloc[0], weeks.iloc[-1]],
            "y": list(line),
            "line": {"color": palette.UNSURE, "width": 2, "dash": "dot"},
            "hoverinfo": "skip",
        }
    ]
