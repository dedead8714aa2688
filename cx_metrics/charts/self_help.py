"""Coming back after self-help that failed, against the intent's other contacts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, share_axis, texts
from cx_metrics.charts.numbers import count, likely, percent, points
from cx_metrics.charts.rows import guides, intervals

MOST = 12
NO_DATA = "nobody tried anything before contacting us"
REST = "the intent's other contacts"
_KINDS = {
    "comes back more": (palette.RISING, "triangle-right"),
    "can't tell": (palette.UNSURE, "circle"),
    "comes back less": (palette.FALLING, "triangle-left"),
}


def self_help(frame: pd.DataFrame) -> go.Figure:
    """The share that came back after an article was tried, with its interval, and that of the intent's other contacts.

    Args:
        frame: ``intent``, ``article``, ``value``, ``low``, ``high``, ``rest_value`` in 0..1, ``difference`` and
            ``beyond``, dearest first; the first 12 that are known are drawn.
    """
    rows = _drawn(frame)
    if rows.empty:
        return nothing(NO_DATA)
    yaxis, height = row_axis(f"{row.article}, {row.intent}" for row in rows[["article", "intent"]].itertuples())
    ends = rows[["low", "high", "rest_value"]].astype(float)
    xaxis = share_axis(float(ends.min().min()), float(ends.max().max()))
    kinds = _kinds(rows)
    marks = [part for kind in _KINDS for part in _dots(rows, kinds == kind, kind)]
    parts = [guides(len(rows), xaxis["range"]), _rest(rows), *marks]
    return figure(parts, height=height + 24, yaxis=yaxis, xaxis=xaxis)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    rows = _drawn(frame)
    if rows.empty:
        return "Nobody tried anything before contacting us, as far as the data says."
    kinds = _kinds(rows)
    first = rows.iloc[0]
    return (
        f"After {first['article']} failed, {percent(first['value'])} came back about {first['intent']}, "
        f"{percent(first['rest_value'])} of its others; of {count(len(rows))} shown, "
        f"{count((kinds == 'comes back more').sum())} come back more than chance lets expect."
    )


def _drawn(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame["value"].notna() & frame["rest_value"].notna()
    return frame[known].head(MOST).reset_index(drop=True)


def _kinds(rows: pd.DataFrame) -> np.ndarray:
    is_beyond = rows["beyond"].eq(True).to_numpy()
    more = rows["difference"].to_numpy(dtype=float) > 0
    return np.where(~is_beyond, "can't tell", np.where(more, "comes back more", "comes back less"))


def _rest(rows: pd.DataFrame) -> Parts:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": REST,
        "x": rows["rest_value"].to_numpy(dtype=float),
        "y": np.arange(len(rows), dtype=float),
        "marker": {
            "color": palette.UNSURE,
            "symbol": "line-ns-open",
            "size": 16,
            "line": {"color": palette.UNSURE, "width": 3},
        },
        "hoverinfo": "skip",
    }


def _dots(rows: pd.DataFrame, chosen: np.ndarray, kind: str) -> list[Parts]:
    if not chosen.any():
        return []
    colour, symbol = _KINDS[kind]
    some, y = rows[chosen], np.flatnonzero(chosen).astype(float)
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": kind,
        "legendgroup": kind,
        "x": some["value"].to_numpy(dtype=float),
        "y": y,
        "marker": {"color": colour, "symbol": symbol, "size": 11},
        "cliponaxis": False,
        "hovertext": texts(map(_hover, some.to_dict("records"))),
        "hoverinfo": "text",
    }
    return [intervals(some, y, name=kind, colour=colour), dots]


def _hover(row: dict[Any, Any]) -> str:
    said = (
        str(row["intent"]),
        f"{count(row['contacts'])} contacts although it was tried",
        f"{percent(row['value'], 1)} came back, {likely(row['low'], row['high'], 1)}",
        f"{percent(row['rest_value'], 1)} of the intent's others: {points(row['difference'], 1)}",
    )
    return heading(row["article"]) + "<br>".join(map(safe, said))
