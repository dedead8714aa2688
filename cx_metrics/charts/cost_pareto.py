"""Which intents bring most of the cost, and how sure their order is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, money, money_compact, percent

NO_DATA = "no cost is known in this period"
MARK = 0.8
"""The share of the cost after which the line is drawn."""
MOST_ROWS = 15
_ROOM_FOR_TEXT = 1.6


def cost_pareto(frame: pd.DataFrame, *, currency: str, most: int = MOST_ROWS) -> go.Figure:
    """Bars of cost, dearest on top, those that make up 80 % in our colour; at the right what they add up to.

    Args:
        frame: ``intent``, ``cost`` in money, ``cost_share``, ``cumulative_share`` in 0..1, ``rank``, ``rank_low`` and
            ``rank_high``; dearest first.
        currency: ISO 4217 code of the amounts.
        most: Rows at most; those beyond are not drawn, and the last row's sum says how much is.
    """
    if frame.empty:
        return nothing(NO_DATA)
    rows = frame.iloc[:most]
    yaxis, height = row_axis(rows["intent"])
    heavy = min(n_heavy(frame), len(rows))
    hidden = {"visible": False, "fixedrange": True}
    parts = [_bars(rows.iloc[:heavy], 0, "bring 80 % of the cost", palette.OURS, currency)]
    if heavy < len(rows):
        parts.append(_bars(rows.iloc[heavy:], heavy, "the rest", palette.UNSURE, currency))
    return figure(
        [*parts, _sums(rows)],
        height=height,
        yaxis=yaxis,
        xaxis=hidden | {"range": [0, max(float(rows["cost"].max()), 0.01) * _ROOM_FOR_TEXT]},
        xaxis2=hidden | {"range": [0, 1], "overlaying": "x"},
        bargap=0.3,
        barmode="overlay",
    )


def alt(frame: pd.DataFrame, *, currency: str) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No cost is known."
    first, heavy = frame.iloc[0], n_heavy(frame)
    return (
        f"{first['intent']} costs most, {money(first['cost'], currency)}; {count(heavy)} of {count(len(frame))} "
        f"intents make up {percent(MARK)} of the cost."
    )


def n_heavy(frame: pd.DataFrame) -> int:
    """How many of the dearest make up 80 % of the cost."""
    return int((frame["cumulative_share"] < MARK - 1e-12).sum()) + 1


def ranks(low: int, high: int) -> str:
    """Between which ranks something stands: ``rank 2 - 4``."""
    return f"rank {count(low)}" if low == high else f"rank {count(low)} – {count(high)}"


def _bars(rows: pd.DataFrame, first: int, name: str, colour: str, currency: str) -> Parts:
    return {
        "type": "bar",
        "orientation": "h",
        "name": safe(name),
        "x": rows["cost"].to_numpy(dtype=float),
        "y": np.arange(first, first + len(rows)),
        "ids": texts(rows["intent"].astype(str)),
        "marker": {"color": colour, "line": {"width": 0}},
        "text": texts(
            safe(f"{money_compact(cost, currency)} · {ranks(low, high)}")
            for cost, low, high in zip(rows["cost"], rows["rank_low"], rows["rank_high"], strict=True)
        ),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": texts(_hover(row, currency) for row in rows.to_dict("records")),
        "hoverinfo": "text",
    }


def _hover(row: Mapping[Hashable, Any], currency: str) -> str:
    cost = f"{money(row['cost'], currency)}, {percent(row['cost_share'], 1)} of all"
    where = f"now {ranks(row['rank'], row['rank'])}, likely {ranks(row['rank_low'], row['rank_high'])}"
    return f"{heading(row['intent'])}{safe(cost)}<br>{safe(where)}"


def _sums(rows: pd.DataFrame) -> Parts:
    """What the rows down to each one add up to, written at the right edge."""
    return {
        "type": "scatter",
        "mode": "text",
        "xaxis": "x2",
        "x": np.ones(len(rows)),
        "y": np.arange(len(rows)),
        "text": texts(safe(percent(share)) for share in rows["cumulative_share"]),
        "textposition": "middle left",
        "showlegend": False,
        "hoverinfo": "skip",
    }
