"""A weekly share with the limits it usually keeps: is the process stable?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, nothing, safe, share_axis, texts
from cx_metrics.charts.numbers import count, interval, is_known, percent

HEIGHT = 340
NO_DATA = "no full week in this period"
OBSERVED, EXPECTED, YOUNG = "observed", "expected", "too young"
WORSE, BETTER = "out of the ordinary, worse", "out of the ordinary, better"


def control(frame: pd.DataFrame) -> go.Figure:
    """A line over weeks in its pale limits; weeks out of the ordinary are triangles, too young ones are hatched.

    Args:
        frame: ``period`` (ISO Mondays), ``value`` in 0..1 (missing where it is not known), ``n``, ``reason``,
            ``centre``, ``limit_low``, ``limit_high``, ``signal``; higher values are better.
    """
    if frame.empty:
        return nothing(NO_DATA)
    known = frame["value"].notna().to_numpy()
    if not known.any():
        return nothing(f"not known: {frame['reason'].iloc[0]}")
    ends = frame.loc[known, ["value", "limit_low", "limit_high"]].astype(float)
    yaxis = share_axis(ends.min().min(), ends.max().max())
    traces = [*_band(frame), *_young(frame, yaxis["range"]), _line(frame[known])]
    for name, colour, symbol, is_worse in (
        (WORSE, palette.MISSED, "triangle-down", True),
        (BETTER, palette.MET, "triangle-up", False),
    ):
        traces += _signals(frame, name, colour, symbol, is_worse=is_worse)
    xaxis = {
        "type": "date",
        "fixedrange": True,
        "automargin": True,
        "showgrid": False,
        "tickangle": 0,
        "tickformat": "%-d %b\n%Y",
        "hoverformat": "week from %d %b %Y",
    }
    return figure(traces, height=HEIGHT, xaxis=xaxis, yaxis=yaxis, bargap=0)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["value"].notna()] if len(frame) else frame
    if known.empty:
        return "No week is known in full."
    last = known.iloc[-1]
    said = f"{percent(last['value'])} in the last known week, from {last['period']}"
    if not is_known(last["centre"]):
        return f"{said}; too few weeks for limits."
    n_signals = int(known["signal"].notna().sum())
    usual = interval(last["limit_low"], last["limit_high"])
    return f"{said}; usual {usual}; {count(n_signals)} of {count(len(known))} weeks are out of the ordinary."


def _moments(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(frame["period"].to_numpy(dtype="datetime64[D]").astype("datetime64[ms]"))


def _band(frame: pd.DataFrame) -> list[Parts]:
    """The limits as one closed shape, carried on over weeks that are not known yet; none before a fix."""
    frame = frame[frame["centre"].notna()]
    ends = frame[["limit_low", "limit_high"]].astype(float).ffill().bfill()
    if frame.empty or ends.isna().to_numpy().any():
        return []
    x, low, high = _moments(frame), ends["limit_low"].to_numpy(), ends["limit_high"].to_numpy()
    centre = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": frame["centre"].to_numpy(dtype=float),
        "line": {"color": palette.UNSURE, "width": 1, "dash": "dot"},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    shape = {
        "type": "scatter",
        "name": EXPECTED,
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "fill": "toself",
        "fillcolor": palette.BAND,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    return [shape, centre]


def _young(frame: pd.DataFrame, ends: list[float]) -> list[Parts]:
    """Hatched columns where a week is not known."""
    unknown = frame["value"].isna().to_numpy()
    if not unknown.any():
        return []
    some = frame[unknown]
    return [
        {
            "type": "bar",
            "name": YOUNG,
            "x": _moments(some),
            "y": np.full(len(some), ends[1] - ends[0]),
            "base": np.full(len(some), ends[0]),
            "width": np.full(len(some), 7 * 86_400_000.0),
            "marker": {
                "color": "rgba(0,0,0,0)",
                "pattern": {"shape": "/", "size": 6, "fgcolor": palette.UNSURE, "solidity": 0.2},
            },
            "hovertext": texts(
                f"week from {safe(row['period'])}<br>{safe(row['reason'])}" for row in some.to_dict("records")
            ),
            "hoverinfo": "text",
        }
    ]


def _line(known: pd.DataFrame) -> Parts:
    return {
        "type": "scatter",
        "name": OBSERVED,
        "mode": "lines+markers",
        "x": _moments(known),
        "y": known["value"].to_numpy(dtype=float),
        "line": {"color": palette.OURS, "width": 2},
        "marker": {"color": palette.OURS, "size": 6},
        "hovertext": texts(map(_hover, known.to_dict("records"))),
        "hoverinfo": "text",
    }


def _signals(frame: pd.DataFrame, name: str, colour: str, symbol: str, *, is_worse: bool) -> list[Parts]:
    below = frame["value"].astype(float) < frame["centre"].astype(float)
    some = frame[frame["signal"].notna() & (below == is_worse)]
    if some.empty:
        return []
    return [
        {
            "type": "scatter",
            "name": name,
            "mode": "markers",
            "x": _moments(some),
            "y": some["value"].to_numpy(dtype=float),
            "marker": {"color": colour, "symbol": symbol, "size": 11},
            "hovertext": texts(map(_hover, some.to_dict("records"))),
            "hoverinfo": "text",
        }
    ]


def _hover(row: dict[Any, Any]) -> str:
    said = [f"week from {row['period']}", f"{percent(row['value'], 1)} of {count(row['n'])}"]
    if is_known(row["limit_low"]):
        said.append(f"usual {interval(row['limit_low'], row['limit_high'], 1)}")
    if isinstance(row["signal"], str):
        said.append(row["signal"])
    return "<br>".join(map(safe, said))
