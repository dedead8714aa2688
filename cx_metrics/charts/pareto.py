"""Which intents weigh most: few reasons bring most contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, percent

NO_DATA = "no contacts in this period"
MOST_ROWS = 12
MARK = 0.8
_ROOM_FOR_TEXT = 1.65


def pareto(frame: pd.DataFrame, *, most: int = MOST_ROWS) -> go.Figure:
    """Contacts per intent as bars, largest on top, with what they add up to beside them.

    Blue bars bring the first 80 % of the contacts. Intents beyond ``most`` stand together in the last row.

    Args:
        frame: ``intent``, ``contacts``, ``share`` and ``cumulative_share`` in 0..1, heaviest first.
        most: Rows at most, without the last one.
    """
    if frame.empty:
        return nothing(NO_DATA)
    rows = bundled(frame, most)
    yaxis, height = row_axis(rows["intent"])
    heavy = int((rows["cumulative_share"] < MARK).sum()) + 1
    # Where the last row bundles intents on both sides of the mark, it belongs to neither side.
    hidden_mark = len(rows) < len(frame) and heavy == len(rows)
    heavy -= hidden_mark
    name = f"the {heavy} largest" if hidden_mark else "bring 80 % of the contacts"
    traces = [
        _bars(rows.iloc[:heavy], 0, name, palette.OURS),
        _bars(rows.iloc[heavy:], heavy, "the rest", palette.UNSURE),
        _sums(rows),
    ]
    hidden = {"visible": False, "fixedrange": True}
    return figure(
        [trace for trace in traces if len(trace["x"])],
        height=height,
        yaxis=yaxis,
        xaxis=hidden | {"range": [0, max(rows["contacts"].max(), 1) * _ROOM_FOR_TEXT]},
        xaxis2=hidden | {"range": [0, 1], "overlaying": "x"},
        bargap=0.3,
        barmode="overlay",
        shapes=[_mark(heavy)] if heavy < len(rows) and not hidden_mark else [],
    )


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No contacts to show."
    first, heavy = frame.iloc[0], int((frame["cumulative_share"] < MARK).sum()) + 1
    share = f"{count(first['contacts'])}, {percent(first['share'])} of all"
    few = f"{count(heavy)} of {count(len(frame))} intents make up {percent(MARK)}"
    return f"{first['intent']} brings most contacts: {share}; {few}."


def bundled(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first rows as they are, all others as one row; a single other stays itself."""
    if len(frame) <= most + 1:
        return frame
    rest = frame.iloc[most:]
    others = {
        "intent": f"{len(rest)} others",
        "contacts": rest["contacts"].sum(),
        "share": rest["share"].sum(),
        "cumulative_share": rest["cumulative_share"].iloc[-1],
    }
    return pd.concat([frame.iloc[:most], pd.DataFrame([others])], ignore_index=True)


def _bars(rows: pd.DataFrame, first: int, name: str, colour: str) -> Parts:
    return {
        "type": "bar",
        "orientation": "h",
        "name": safe(name),
        "x": rows["contacts"].to_numpy(),
        "y": np.arange(first, first + len(rows)),
        "ids": texts(rows["intent"].astype(str)),
        "marker": {"color": colour, "line": {"width": 0}},
        "text": texts(map(count, rows["contacts"])),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": texts(map(_hover, *(rows[c] for c in ("intent", "contacts", "share", "cumulative_share")))),
        "hoverinfo": "text",
    }


def _hover(intent: object, contacts: int, share: float, cumulative: float) -> str:
    of_all = safe(f"{count(contacts)} contacts, {percent(share, 1)} of all")
    return f"{heading(intent)}{of_all}<br>{safe(percent(cumulative, 1))} together with those above"


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


def _mark(row: int) -> Parts:
    line = {"color": palette.UNSURE, "width": 1, "dash": "dot"}
    at = row - 0.5
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line}
