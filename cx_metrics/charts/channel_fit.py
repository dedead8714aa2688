"""What a contact costs in each channel, and how often it is solved there: one intent at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, safe, share_axis, short, texts
from cx_metrics.charts.numbers import count, duration, likely, percent, price

HEIGHT = 340
NO_DATA = "no channel has both a cost and a share solved at first contact"


def channel_fit(frame: pd.DataFrame, *, currency: str) -> go.Figure:
    """Share solved at first contact with its interval over the cost of a contact, one mark per channel.

    Args:
        frame: Channels of one intent: ``channel``, ``contacts``, ``value``, ``low``, ``high`` in 0..1, ``n``,
            ``per_contact`` in money, ``unnamed`` in 0..1 and ``median_hours``.
        currency: Of the costs, an ISO 4217 code.
    """
    rows = _known(frame)
    if rows.empty:
        return nothing(NO_DATA)
    ends = rows[["low", "high"]].astype(float)
    yaxis = share_axis(float(ends["low"].min()), float(ends["high"].max()), title={"text": "solved at first contact"})
    x = rows["per_contact"].to_numpy(dtype=float)
    ticks = sorted({float(each) for each in np.linspace(0, _round_up(x.max()), 5)})
    xaxis = {
        "range": [0, _round_up(x.max()) * 1.05],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [safe(price(each, currency)) for each in ticks],
        "title": {"text": "cost of a contact"},
        "fixedrange": True,
        "zeroline": False,
        "automargin": True,
        "tickangle": 0,
    }
    traces = [_intervals(rows, x), _dots(rows, x, currency)]
    return figure(traces, height=HEIGHT, xaxis=xaxis, yaxis=yaxis, showlegend=False)


def alt(frame: pd.DataFrame, *, currency: str) -> str:
    """What the picture tells, in one sentence."""
    rows = _known(frame)
    if rows.empty:
        return "No channel can be compared."
    said = (
        f"{row['channel']} {percent(row['value'])} at {price(row['per_contact'], currency)}"
        for row in rows.to_dict("records")
    )
    return f"Solved at first contact and cost of a contact: {', '.join(said)}."


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame["value"].notna() & frame["per_contact"].notna()
    return frame[known].reset_index(drop=True)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5 or 10 times a power of ten that is not below the value."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value))


def _intervals(rows: pd.DataFrame, x: np.ndarray) -> Parts:
    low, high = (rows[end].to_numpy(dtype=float) for end in ("low", "high"))
    gap = np.full(len(rows), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.column_stack([x, x, gap]).ravel(),
        "y": np.column_stack([low, high, gap]).ravel(),
        "line": {"color": palette.OURS, "width": 3},
        "hoverinfo": "skip",
    }


def _dots(rows: pd.DataFrame, x: np.ndarray, currency: str) -> Parts:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": x,
        "y": rows["value"].to_numpy(dtype=float),
        "marker": {"color": palette.OURS, "size": 11},
        "text": texts(f" {safe(short(name, 20))}" for name in rows["channel"]),
        "textposition": "middle right",
        "cliponaxis": False,
        "hovertext": texts(_hover(row, currency) for row in rows.to_dict("records")),
        "hoverinfo": "text",
    }


def _hover(row: dict[Any, Any], currency: str) -> str:
    said = (
        f"{count(row['contacts'])} contacts, {price(row['per_contact'], currency)} each",
        f"{percent(row['value'], 1)} solved at first contact, {likely(row['low'], row['high'], 1)}",
        f"half within {duration(row['median_hours'])}",
        f"{percent(row['unnamed'])} without a customer id",
    )
    return heading(row["channel"]) + "<br>".join(map(safe, said))
