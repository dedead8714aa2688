"""How soon customers come back: a step line per intent, with intervals at 1, 3, 7, 14 and 30 days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, label, nothing, safe, share_axis, texts
from cx_metrics.charts.numbers import count, likely, percent

NO_DATA = "no new issues in this period"
HEIGHT = 360
MOST = len(palette.CATEGORIES)
_TICKS = (0, 1, 3, 7, 14, 21, 30)
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
_APART = 0.16
"""Days between the intervals of two lines, which would hide each other at the same day."""


def curves(frame: pd.DataFrame) -> go.Figure:
    """The share back by each day; a line ends where fewer than 10 issues are known so long.

    Args:
        frame: ``intent``, ``day`` 0, 1, ..., ``value`` in 0..1, ``low`` and ``high`` at some days, ``n``, ``at_risk``
            and ``reason``; the first six intents are drawn.
    """
    if frame.empty:
        return nothing(NO_DATA)
    known = frame[frame["value"].notna()]
    if known.empty:
        return nothing(f"not known: {frame['reason'].iloc[0]}")
    intents = list(dict.fromkeys(frame["intent"]))[:MOST]
    drawn = known[known["intent"].isin(intents)]
    traces: list[Parts] = []
    for at, intent in enumerate(intents):
        own = drawn[drawn["intent"] == intent]
        if len(own):
            traces += _line(own, intent, at, len(intents))
    top = float(drawn[["value", "high"]].astype(float).max().max())
    xaxis = {
        "range": [0, float(drawn["day"].max()) + 0.6],
        "tickmode": "array",
        "tickvals": list(_TICKS),
        "title": {"text": "days since the first contact"},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
    }
    return figure(traces, height=HEIGHT, xaxis=xaxis, yaxis=share_axis(0.0, top))


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["value"].notna()] if len(frame) else frame
    if known.empty:
        return f"Not known: {frame['reason'].iloc[0]}." if len(frame) else "No new issues to show."
    week = known[known["day"] == 7] if (known["day"] == 7).any() else known[known["day"] == known["day"].max()]
    day = int(week["day"].iloc[0])
    said = (f"{intent} {percent(value)}" for intent, value in zip(week["intent"], week["value"], strict=True))
    return f"Came back within {day} {'day' if day == 1 else 'days'}: {', '.join(said)}."


def _line(own: pd.DataFrame, intent: str, at: int, n: int) -> list[Parts]:
    """Steps as far as they are known, and dots with intervals beside those of the other lines."""
    marked = own[own["high"].notna() & (own["day"] > 0)]
    x = marked["day"].to_numpy(dtype=float) + _APART * (at - (n - 1) / 2)
    look = {"type": "scatter", "legendgroup": str(at), "showlegend": False}
    steps = {
        "name": label(intent),
        "showlegend": True,
        "mode": "lines",
        "x": own["day"].to_numpy(),
        "y": own["value"].to_numpy(dtype=float),
        "line": {"color": palette.CATEGORIES[at], "width": 2, "shape": "hv"},
        "hovertext": texts(_hover(intent, *row) for row in _rows(own)),
        "hoverinfo": "text",
    }
    dots = {
        "mode": "markers",
        "x": x,
        "y": marked["value"].to_numpy(dtype=float),
        "ids": texts(f"{intent} {day}" for day in marked["day"]),
        "marker": {"color": palette.CATEGORIES[at], "size": 8, "symbol": _SYMBOLS[at]},
        "hovertext": texts(_hover(intent, *row) for row in _rows(marked)),
        "hoverinfo": "text",
    }
    return [look | steps, look | _intervals(marked, x, palette.CATEGORIES[at]), look | dots]


def _intervals(marked: pd.DataFrame, x: np.ndarray, colour: str) -> Parts:
    low, high = (marked[end].to_numpy(dtype=float) for end in ("low", "high"))
    gap = np.full(len(marked), np.nan)
    return {
        "mode": "lines",
        "x": np.column_stack([x, x, gap]).ravel(),
        "y": np.column_stack([low, high, gap]).ravel(),
        "line": {"color": colour, "width": 3},
        "hoverinfo": "skip",
    }


def _rows(own: pd.DataFrame) -> zip[tuple[int, float, float, float, int]]:
    return zip(*(own[name] for name in ("day", "value", "low", "high", "at_risk")), strict=True)


def _hover(intent: str, day: int, value: float, low: float, high: float, at_risk: int) -> str:
    ends = f", {likely(low, high, 1)}" if pd.notna(low) else ""
    within = f"within {day} {'day' if day == 1 else 'days'}: {percent(value, 1)}{ends}"
    return f"{heading(intent)}{safe(within)}<br>{safe(count(at_risk))} issues known so long and not back before"
