"""From all contacts down to those we heard: how much is lost at each step."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, count_axis, figure, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, percent

NO_DATA = "no contacts in this period"
NAMES = {"contacts": "Contacts", "ended": "Ended", "offered": "Asked", "answered": "Answered"}
_ROOM = 1.6
"""How far the axis reaches beyond the longest bar, for what stands beside it."""


def ladder(frame: pd.DataFrame) -> go.Figure:
    """A bar for each step, filled from where we ask, with how many there are and their share of all contacts.

    Args:
        frame: ``step`` (contacts, ended, offered, answered, in this order), ``n``, ``share`` in 0..1, ``reason``;
            one row each.
    """
    if frame.empty or not frame["n"].iloc[0]:
        return nothing(NO_DATA)
    yaxis, height = row_axis(NAMES[step] for step in frame["step"])
    most = float(frame["n"].max())
    hidden = {"visible": False, "fixedrange": True, "range": [0, most * _ROOM]}
    return figure(
        [_bars(frame), _words(frame)], height=height + 60, xaxis=count_axis(most) | hidden, yaxis=yaxis, bargap=0.3
    )


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty or not frame["n"].iloc[0]:
        return "No contacts to show."
    said = ", ".join(f"{NAMES[row['step']].lower()} {_said(row)}" for row in frame.to_dict("records"))
    return f"{said.capitalize()}."


def _said(row: dict[Any, Any]) -> str:
    return f"{count(row['n'])} ({_share(row['share'])})" if pd.notna(row["n"]) else f"not known: {row['reason']}"


def _bars(frame: pd.DataFrame) -> Parts:
    asked = frame["step"].isin(("offered", "answered"))
    return {
        "type": "bar",
        "orientation": "h",
        "x": frame["n"].fillna(0).to_numpy(dtype=float),
        "y": list(range(len(frame))),
        "marker": {
            "color": [palette.OURS if ours else palette.pale(palette.OURS) for ours in asked],
            "line": {"color": palette.OURS, "width": 1},
        },
        "showlegend": False,
        "hovertext": texts(f"<b>{NAMES[row['step']]}</b><br>{safe(_said(row))}" for row in frame.to_dict("records")),
        "hoverinfo": "text",
    }


def _words(frame: pd.DataFrame) -> Parts:
    """Number and share at the end of each bar; why there is none where there is no bar."""
    known = frame["n"].notna()
    words = (
        f"{count(n)} · {_share(share)}" if is_known else "not known"
        for n, share, is_known in zip(frame["n"], frame["share"], known, strict=True)
    )
    return {
        "type": "scatter",
        "mode": "text",
        "x": frame["n"].fillna(0).to_numpy(dtype=float),
        "y": list(range(len(frame))),
        "text": texts(f" {safe(word)}" for word in words),
        "textposition": "middle right",
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _share(share: float) -> str:
    """A share with a decimal where it is small."""
    return percent(share, 1 if share < 0.1 else 0)
