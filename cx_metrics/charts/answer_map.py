"""Who is silent: the share that answered, by intent and channel."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, short, texts
from cx_metrics.charts.numbers import count, likely, percent

NO_DATA = "no contacts in this period"
FEW = "–"
_PALE, _STRONG, _INK = "#EDF1FE", "#91A7FF", "#12151B"
"""The shades of ours a cell can have, and the one ink that reads on all of them in either theme."""
_MOST_CHANNEL, _LINE = 16, 8


def answer_map(frame: pd.DataFrame, *, most: int | None = None) -> go.Figure:
    """A cell for each intent and channel, darker where more answered; grey where fewer than 10 did.

    Args:
        frame: ``intent``, ``channel``, ``value`` in 0..1, ``low``, ``high``, ``n`` (contacts), ``answered`` and
            ``reason``; the intents from the top.
        most: How many intents at most.
    """
    if frame.empty:
        return nothing(NO_DATA)
    intents = list(dict.fromkeys(frame["intent"]))[:most]
    rows = frame[frame["intent"].isin(intents)]
    if rows["value"].isna().all():
        return nothing(str(rows["reason"].iloc[0]))
    channels = sorted(rows["channel"].unique())
    y = rows["intent"].map(intents.index).to_numpy()
    x = rows["channel"].map(channels.index).to_numpy()
    yaxis, height = row_axis(intents)
    known = rows["value"].notna().to_numpy()
    grids = [_grid(rows, chosen, x, y, (len(intents), len(channels))) for chosen in (~known, known)]
    most_answered = float(rows["value"].max()) or 1.0
    traces = [
        _cells(*grids[0], [[0, palette.BAND], [1, palette.BAND]], top=1.0),
        _cells(*grids[1], [[0, _PALE], [1, _STRONG]], top=most_answered),
        _words(rows[known], x[known], y[known]) | {"textfont": {"color": _INK}},
        _words(rows[~known], x[~known], y[~known]),
    ]
    return figure(traces, height=height, xaxis=_channel_axis(channels), yaxis=yaxis)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No contacts to show."
    known = frame[frame["value"].notna()].sort_values("value", kind="stable")
    few = f"{count(len(frame) - len(known))} of {count(len(frame))} cells have fewer than 10 answers"
    if known.empty:
        return f"Not known: {frame['reason'].iloc[0]}."
    ends = (
        f"{row['intent']}, {row['channel']} ({percent(row['value'])})" for row in map(known.iloc.__getitem__, (0, -1))
    )
    return "Fewest answered: {}; most: {}; {}.".format(*ends, few)


def _grid(
    rows: pd.DataFrame, chosen: np.ndarray, x: np.ndarray, y: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Values and hovers of the cells chosen, NaN and empty elsewhere."""
    value, words = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    some = rows[chosen]
    value[y[chosen], x[chosen]] = some["value"].fillna(0.5).to_numpy(dtype=float)
    words[y[chosen], x[chosen]] = [_hover(row) for row in some.to_dict("records")]
    return value, words.astype(str)


def _hover(row: dict[Any, Any]) -> str:
    said = f"{count(row['answered'])} of {count(row['n'])} contacts answered"
    if pd.notna(row["value"]):
        said += f": {percent(row['value'], 1)}, {likely(row['low'], row['high'], 1)}"
    else:
        said += f": {row['reason']}"
    return f"{heading(row['intent'])}{safe(row['channel'])}<br>{safe(said)}"


def _cells(value: np.ndarray, words: np.ndarray, colours: list[list[Any]], *, top: float) -> Parts:
    return {
        "type": "heatmap",
        "x": list(range(value.shape[1])),
        "y": list(range(value.shape[0])),
        "z": value,
        "zmin": 0,
        "zmax": top,
        "colorscale": colours,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hovertext": words,
        "hoverinfo": "text",
        "hoverongaps": False,
    }


def _words(rows: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> Parts:
    """The shares as text; a dash for a grey cell."""
    shown = (FEW if pd.isna(value) else safe(percent(value)) for value in rows["value"])
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": texts(shown),
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _channel_axis(channels: list[str]) -> Parts:
    return {
        "range": [-0.5, len(channels) - 0.5],
        "tickmode": "array",
        "tickvals": list(range(len(channels))),
        "ticktext": [
            "<br>".join(map(safe, textwrap.wrap(short(channel, _MOST_CHANNEL), _LINE))) for channel in channels
        ],
        "side": "top",
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickangle": 0,
        "automargin": True,
    }
