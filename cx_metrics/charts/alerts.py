"""What proactive alerts did: differences to those held out, and spikes customers were and were not told of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.drivers import points_axis
from cx_metrics.charts.frame import Parts, count_axis, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, number, percent, points
from cx_metrics.charts.rows import guides, intervals

HEIGHT = 300
NO_TRIAL = "no alert was held back from anybody"
NO_EVENTS = "no spike in this data"
TOLD, UNTOLD = "told beforehand", "not told"
_VERDICTS = {
    "fewer contacts": (palette.FALLING, "triangle-left"),
    "can't tell": (palette.UNSURE, "circle-open"),
    "more contacts": (palette.RISING, "triangle-right"),
}
_KINDS = {UNTOLD: (palette.UNSURE, "circle-open"), TOLD: (palette.OURS, "circle")}


def held_out(frame: pd.DataFrame) -> go.Figure:
    """By how many points more or fewer customers contacted us than of those held out, with 95 % intervals.

    Args:
        frame: Alerts with ``name``, ``intent``, ``value``, ``low``, ``high`` in -1..1 (missing where not measured),
            ``verdict``, the two rates and the customers they are of.
    """
    rows = _measured(frame)
    if rows.empty:
        return nothing(NO_TRIAL)
    yaxis, height = row_axis(rows["name"])
    ends = rows[["low", "high"]].astype(float)
    xaxis = points_axis(float(ends.min().min()), float(ends.max().max()))
    marks = [part for verdict in _VERDICTS for part in _differences(rows, verdict)]
    return figure([guides(len(rows), xaxis["range"]), *marks], height=height + 24, yaxis=yaxis, xaxis=xaxis)


def held_out_alt(frame: pd.DataFrame) -> str:
    """What the picture of differences tells, in one sentence."""
    rows = _measured(frame)
    if rows.empty:
        return "No alert was held back from anybody."
    said = (f"{row['name']} {points(row['value'], 1)}, {row['verdict']}" for row in rows.to_dict("records"))
    return f"Customers told against customers held out: {'; '.join(said)}."


def events(frame: pd.DataFrame) -> go.Figure:
    """How many times a usual day's contacts each spike brought on top, by day, told beforehand or not.

    Args:
        frame: ``intent``, ``day`` (ISO), ``contacts``, ``usual``, ``lift`` and ``alert``, missing where none was sent.
    """
    if frame.empty:
        return nothing(NO_EVENTS)
    told = frame["alert"].notna()
    parts = [part for name, mask in ((UNTOLD, ~told), (TOLD, told)) for part in _spikes(frame[mask], name)]
    xaxis = {"type": "date", "fixedrange": True, "automargin": True, "showgrid": False, "tickformat": "%b\n%Y"}
    title = {"text": "extra contacts, times a usual day"}
    yaxis = count_axis(float(frame["lift"].max()), title=title)
    return figure(parts, height=HEIGHT, xaxis=xaxis, yaxis=yaxis)


def events_alt(frame: pd.DataFrame) -> str:
    """What the picture of spikes tells, in one sentence."""
    told = frame["alert"].notna()
    if not told.any() or told.all():
        return f"{count(len(frame))} spikes; none can be compared with another kind."
    means = (number(frame.loc[mask, "lift"].mean(), 1) for mask in (told, ~told))
    with_alert, without = means
    return (
        f"{count(told.sum())} spikes told beforehand brought {with_alert} times a usual day on top, "
        f"{count((~told).sum())} others {without} times."
    )


def _measured(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[frame["value"].notna()]
    return rows.sort_values(["value", "name"], kind="stable", ignore_index=True)


def _differences(rows: pd.DataFrame, verdict: str) -> list[Parts]:
    chosen = (rows["verdict"] == verdict).to_numpy()
    if not chosen.any():
        return []
    colour, symbol = _VERDICTS[verdict]
    some, y = rows[chosen], np.flatnonzero(chosen).astype(float)
    marker = {"color": colour, "symbol": symbol, "size": 12, "line": {"color": colour, "width": 2}}
    return [
        intervals(some, y, name=verdict, colour=colour),
        _marks(some, verdict, x=some["value"].to_numpy(dtype=float), y=y, marker=marker, hover=_told),
    ]


def _spikes(some: pd.DataFrame, name: str) -> list[Parts]:
    """The spikes of one kind, and a line at what they bring on average."""
    if some.empty:
        return []
    colour, symbol = _KINDS[name]
    x, y = some["day"].to_numpy(dtype="datetime64[D]").astype("datetime64[ms]"), some["lift"].to_numpy(dtype=float)
    line = {
        "type": "scatter",
        "mode": "lines",
        "legendgroup": name,
        "showlegend": False,
        "x": np.array([x.min(), x.max()]),
        "y": np.full(2, y.mean()),
        "line": {"color": colour, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
    marker = {"color": colour, "symbol": symbol, "size": 11, "line": {"color": colour, "width": 2}}
    return [line, _marks(some, name, x=x, y=y, marker=marker, hover=_spike)]


def _marks(some: pd.DataFrame, name: str, *, x: Any, y: Any, marker: Parts, hover: Any) -> Parts:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "x": x,
        "y": y,
        "marker": marker,
        "cliponaxis": False,
        "hovertext": texts(map(hover, some.to_dict("records"))),
        "hoverinfo": "text",
    }


def _told(row: dict[Any, Any]) -> str:
    said = (
        str(row["intent"]),
        f"{percent(row['rate_sent'], 1)} of {count(row['n_sent'])} told contacted us",
        f"{percent(row['rate_held_out'], 1)} of {count(row['n_held_out'])} held out",
        f"{points(row['value'], 1)}, likely {points(row['low'], 1)} to {points(row['high'], 1)}: {row['verdict']}",
    )
    return heading(row["name"]) + "<br>".join(map(safe, said))


def _spike(row: dict[Any, Any]) -> str:
    told = f"told: {row['alert']}" if isinstance(row["alert"], str) else UNTOLD
    said = (f"{count(row['contacts'])} contacts, usual {number(row['usual'], 1)}", str(row["intent"]), told)
    return heading(row["day"]) + "<br>".join(map(safe, said))
