"""Did it help? Contacts per day around a fix, beside those there would have been without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, count_axis, figure, nothing, safe, texts
from cx_metrics.charts.numbers import count, interval, is_known, number

HEIGHT = 360
ACTUAL, EXPECTED, RANGE, WASHOUT = (
    "contacts",
    "expected",
    "95 % of days",
    "left out: old repeats still arrive",
)
NO_DATA = "no day around the fix is known in full"
_DAY = 86_400_000.0


def effect(frame: pd.DataFrame, *, what: str = "fix") -> go.Figure:
    """Daily contacts as a line, the counterfactual dashed in its band, the fix as a line, the washout hatched.

    Args:
        frame: ``day`` (ISO text), ``phase`` (before, washout, after), ``contacts``, ``expected``, ``low``, ``high``.
        what: What the line is called: a fix or a pause.
    """
    if frame.empty:
        return nothing(NO_DATA)
    top = float(np.nanmax(frame[["contacts", "high"]].to_numpy(dtype=float)))
    yaxis = count_axis(top)
    x = frame["day"].to_numpy(dtype="datetime64[D]").astype("datetime64[ms]")
    fixed = _fixed(frame)
    traces = [*_washout(frame, x, yaxis["range"][1]), *_counterfactual(frame, x), _actual(frame, x)]
    xaxis = {
        "type": "date",
        "fixedrange": True,
        "automargin": True,
        "showgrid": False,
        "tickangle": 0,
        "tickformat": "%-d %b\n%Y",
    }
    return figure(
        traces,
        height=HEIGHT,
        xaxis=xaxis,
        yaxis=yaxis,
        bargap=0,
        shapes=[_line_at(fixed)] if fixed else [],
        annotations=[_name_at(fixed, what)] if fixed else [],
    )


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    after = frame[frame["phase"] == "after"] if len(frame) else frame
    if after.empty:
        return "No day after the washout is known in full."
    came = f"{count(after['contacts'].sum())} contacts in the {count(len(after))} days judged"
    known = after.dropna(subset=["expected"])
    if known.empty:
        return f"{came}; what there would have been without it can't be told."
    inside = int(((known["low"] <= known["contacts"]) & (known["contacts"] <= known["high"])).sum())
    each, expected = (number(known[name].mean(), 1) for name in ("contacts", "expected"))
    days = f"{count(inside)} of {count(len(known))} days lie in the expected range"
    return f"{came}: {each} a day, where {expected} were to be expected; {days}."


def _fixed(frame: pd.DataFrame) -> str | None:
    """The day of the fix: the first that is not before it."""
    since = frame.loc[frame["phase"] != "before", "day"]
    return str(since.iloc[0]) if len(since) else None


def _line_at(day: str) -> Parts:
    # Half a day earlier: the fix may have changed the whole of its day.
    at = str(np.datetime64(day) - np.timedelta64(12, "h"))
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": palette.UNSURE, "width": 1.5, "dash": "dot"},
    }


def _name_at(day: str, what: str) -> Parts:
    return {
        "x": str(np.datetime64(day) - np.timedelta64(12, "h")),
        "yref": "paper",
        "y": 1,
        "yanchor": "top",
        "xanchor": "right",
        "xshift": -4,
        "text": safe(f"{what} on {pd.Timestamp(day):%-d %b}"),
        "showarrow": False,
    }


def _washout(frame: pd.DataFrame, x: np.ndarray, top: float) -> list[Parts]:
    is_out = (frame["phase"] == "washout").to_numpy()
    if not is_out.any():
        return []
    return [
        {
            "type": "bar",
            "name": WASHOUT,
            "x": x[is_out],
            "y": np.full(int(is_out.sum()), top),
            "width": np.full(int(is_out.sum()), _DAY),
            "marker": {
                "color": "rgba(0,0,0,0)",
                "pattern": {"shape": "/", "size": 6, "fgcolor": palette.UNSURE, "solidity": 0.2},
            },
            "hoverinfo": "skip",
        }
    ]


def _counterfactual(frame: pd.DataFrame, x: np.ndarray) -> list[Parts]:
    known = frame["expected"].notna().to_numpy()
    if not known.any():
        return []
    at = x[known]
    value, low, high = (frame.loc[known, name].to_numpy(dtype=float) for name in ("expected", "low", "high"))
    band = {
        "type": "scatter",
        "name": safe(RANGE),
        "mode": "lines",
        "x": np.concatenate([at, at[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "fill": "toself",
        "fillcolor": palette.BAND,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "name": EXPECTED,
        "mode": "lines",
        "x": at,
        "y": value,
        "line": {"color": palette.UNSURE, "width": 2, "dash": "dash"},
        "hoverinfo": "skip",
    }
    return [band, line]


def _actual(frame: pd.DataFrame, x: np.ndarray) -> Parts:
    columns = (frame[name] for name in ("day", "contacts", "expected", "low", "high"))
    return {
        "type": "scatter",
        "name": ACTUAL,
        "mode": "lines",
        "x": x,
        "y": frame["contacts"].to_numpy(dtype=float),
        "line": {"color": palette.OURS, "width": 2},
        "hovertext": texts(_hover(*row) for row in zip(*columns, strict=True)),
        "hoverinfo": "text",
    }


def _hover(day: str, contacts: int, expected: float, low: float, high: float) -> str:
    said = [f"{pd.Timestamp(day):%a %-d %b %Y}", f"{count(contacts)} contacts"]
    if is_known(expected):
        said.append(f"expected {number(expected, 1)}, 95 % of days {interval(low, high, unit='')}")
    return "<br>".join(map(safe, said))
