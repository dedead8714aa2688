"""First contact resolution by how long one waits, for the same intent and for any: two dots per window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, nothing, safe, share_axis, texts
from cx_metrics.charts.numbers import count, likely, percent

HEIGHT = 260
NO_DATA = "no contacts in this period"
_LOOK = {"same intent": (palette.OURS, "circle", -0.13), "any intent": (palette.CATEGORIES[3], "square", 0.13)}


def strip(frame: pd.DataFrame) -> go.Figure:
    """Shares and intervals by window, those of the same intent beside those of any.

    Args:
        frame: ``scope``, ``window`` in days, ``value``, ``low``, ``high`` in 0..1, ``n`` and ``reason``.
    """
    if frame.empty:
        return nothing(NO_DATA)
    known = frame[frame["value"].notna()]
    if known.empty:
        return nothing(f"not known: {frame['reason'].iloc[0]}")
    days = list(dict.fromkeys(frame["window"]))
    ends = known[["low", "high"]].astype(float)
    yaxis = share_axis(ends["low"].min(), ends["high"].max())
    traces = [trace for scope in _LOOK for trace in _dots(known[known["scope"] == scope], scope, days)]
    return figure(traces, height=HEIGHT, xaxis=_axis(frame, days), yaxis=yaxis)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["value"].notna()] if len(frame) else frame
    if known.empty:
        return f"Not known: {frame['reason'].iloc[0]}." if len(frame) else "No contacts to show."
    said = [
        f"{scope}: "
        + ", ".join(
            f"{percent(value)} within {_days(window)}"
            for of, window, value in zip(known["scope"], known["window"], known["value"], strict=True)
            if of == scope
        )
        for scope in dict.fromkeys(known["scope"])
    ]
    return f"Solved at first contact, {'; '.join(said)}."


def _days(window: int) -> str:
    return "1 day" if window == 1 else f"{window} days"


def _axis(frame: pd.DataFrame, days: list[int]) -> Parts:
    """Windows as places of their own; one without any value says so under its name."""
    known = set(frame.loc[frame["value"].notna(), "window"])
    return {
        "range": [-0.5, len(days) - 0.5],
        "tickmode": "array",
        "tickvals": list(range(len(days))),
        "ticktext": [_days(each) if each in known else f"{_days(each)}<br>can't tell" for each in days],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
    }


def _dots(some: pd.DataFrame, scope: str, days: list[int]) -> list[Parts]:
    colour, symbol, shift = _LOOK[scope]
    if some.empty:
        return []
    x = np.array([days.index(each) for each in some["window"]]) + shift
    low, high = (some[end].to_numpy(dtype=float) for end in ("low", "high"))
    gap = np.full(len(some), np.nan)
    lines = {
        "type": "scatter",
        "legendgroup": scope,
        "showlegend": False,
        "mode": "lines",
        "x": np.column_stack([x, x, gap]).ravel(),
        "y": np.column_stack([low, high, gap]).ravel(),
        "line": {"color": colour, "width": 3},
        "hoverinfo": "skip",
    }
    dots = {
        "type": "scatter",
        "name": scope,
        "legendgroup": scope,
        "mode": "markers",
        "x": x,
        "y": some["value"].to_numpy(dtype=float),
        "marker": {"color": colour, "symbol": symbol, "size": 10},
        "cliponaxis": False,
        "hovertext": texts(map(_hover, some.to_dict("records"))),
        "hoverinfo": "text",
    }
    return [lines, dots]


def _hover(row: dict[Any, Any]) -> str:
    share = safe(f"{percent(row['value'], 1)}, {likely(row['low'], row['high'], 1)}")
    return (
        f"<b>{row['scope']} within {_days(row['window'])}</b><br>{share}<br>of {safe(count(row['n']))} first contacts"
    )
