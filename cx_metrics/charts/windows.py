"""First contact resolution by how long one waits for the customer to come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, nothing, safe, share_axis, texts
from cx_metrics.charts.numbers import count, likely, percent

NO_DATA = "no contacts in this period"
HEIGHT = 220


def windows(frame: pd.DataFrame) -> go.Figure:
    """The share solved at first contact within 1, 3, 7, 14 and 30 days: a dot and its interval each.

    Args:
        frame: ``window`` in days, ``value``, ``low``, ``high`` in 0..1, ``n`` and ``reason``, shortest window
            first.
    """
    if frame.empty:
        return nothing(NO_DATA)
    known = frame["value"].notna().to_numpy()
    if not known.any():
        return nothing(f"not known: {frame['reason'].iloc[0]}")
    ends = frame.loc[known, ["low", "high"]].astype(float)
    yaxis = share_axis(ends["low"].min(), ends["high"].max())
    traces = [_dots(frame, known), *_reasons(frame, ~known, at=yaxis["range"][0])]
    return figure([_intervals(frame, known), *traces], height=HEIGHT, xaxis=_window_axis(frame), yaxis=yaxis)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["value"].notna()] if len(frame) else frame
    if known.empty:
        return f"Not known: {frame['reason'].iloc[0]}." if len(frame) else "No contacts to show."
    said = (
        f"{percent(value)} within {_days(window)}"
        for window, value in zip(known["window"], known["value"], strict=True)
    )
    return f"Solved at first contact: {', '.join(said)}."


def _days(window: int) -> str:
    return "1 day" if window == 1 else f"{window} days"


def _window_axis(frame: pd.DataFrame) -> Parts:
    return {
        "range": [-0.5, len(frame) - 0.5],
        "tickmode": "array",
        "tickvals": list(range(len(frame))),
        "ticktext": [_days(window) for window in frame["window"]],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
    }


def _intervals(frame: pd.DataFrame, known: np.ndarray) -> Parts:
    low, high = (frame.loc[known, end].to_numpy(dtype=float) for end in ("low", "high"))
    at, gap = np.flatnonzero(known).astype(float), np.full(low.size, np.nan)
    return {
        "type": "scatter",
        "name": "95 % interval",
        "mode": "lines",
        "x": np.column_stack([at, at, gap]).ravel(),
        "y": np.column_stack([low, high, gap]).ravel(),
        "line": {"color": palette.OURS, "width": 3},
        "hoverinfo": "skip",
    }


def _dots(frame: pd.DataFrame, known: np.ndarray) -> Parts:
    some = frame[known]
    return {
        "type": "scatter",
        "name": "solved at first contact",
        "mode": "markers+text",
        "x": np.flatnonzero(known),
        "y": some["value"].to_numpy(dtype=float),
        "marker": {"color": palette.OURS, "size": 10},
        "text": texts(safe(f" {percent(value)}") for value in some["value"]),
        "textposition": "middle right",
        "cliponaxis": False,
        "hovertext": texts(map(_hover, *(some[c] for c in ("window", "value", "low", "high", "n")))),
        "hoverinfo": "text",
    }


def _hover(window: int, value: float, low: float, high: float, n: int) -> str:
    share = safe(f"{percent(value, 1)}, {likely(low, high, 1)}")
    return f"<b>within {_days(window)}</b><br>{share}<br>of {safe(count(n))} first contacts"


def _reasons(frame: pd.DataFrame, unknown: np.ndarray, *, at: float) -> list[Parts]:
    if not unknown.any():
        return []
    why = frame.loc[unknown, "reason"]
    return [
        {
            "type": "scatter",
            "mode": "text",
            "x": np.flatnonzero(unknown),
            "y": np.full(len(why), at),
            "text": texts("can't tell" for _ in why),
            "textposition": "top center",
            "showlegend": False,
            "hovertext": texts(f"not known: {safe(reason)}" for reason in why),
            "hoverinfo": "text",
        }
    ]
