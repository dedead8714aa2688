"""Money and rates per period: what contacts cost as bars, and how many come per X as a line with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, nothing, safe, texts
from cx_metrics.charts.money import money_axis
from cx_metrics.charts.numbers import likely, money, number
from cx_metrics.charts.stacked import DIRECT, DOWNSTREAM
from cx_metrics.charts.trend_lines import HOVER_DATE, Grain

HEIGHT = 300
NO_COST, NO_RATE = "no cost is known in this period", "contacts per unit are not known in any period"
_PALE = 0.45


def cost_bars(frame: pd.DataFrame, *, grain: Grain, currency: str) -> go.Figure:
    """A bar per period, handling below and what follows above; periods that aren't complete are pale.

    Args:
        frame: ``period``, ``complete``, ``cost``, ``direct`` and ``downstream`` in money, in the order of time.
        grain: What a period is.
        currency: ISO 4217 code of the amounts.
    """
    if frame.empty or frame["cost"].isna().all():
        return nothing(NO_COST)
    opacity = np.where(frame["complete"].astype(bool), 1.0, _PALE)
    traces = [
        {
            "type": "bar",
            "name": safe(name),
            "x": _moments(frame),
            "y": frame[column].to_numpy(dtype=float),
            "marker": {"color": colour, "opacity": opacity, "line": {"width": 0}},
            "customdata": texts(safe(money(amount, currency)) for amount in frame[column]),
            "hovertemplate": f"{safe(name)}: %{{customdata}}<extra></extra>",
        }
        for column, (name, colour) in (("direct", DIRECT), ("downstream", DOWNSTREAM))
    ]
    return figure(
        traces,
        height=HEIGHT,
        barmode="stack",
        bargap=0.2,
        hovermode="x unified",
        xaxis=_time_axis(grain),
        yaxis=money_axis(float(frame["cost"].max()), currency),
    )


def cost_alt(frame: pd.DataFrame, *, grain: Grain, currency: str) -> str:
    """What the bars tell, in one sentence."""
    known = frame[frame["complete"].astype(bool) & frame["cost"].notna()] if len(frame) else frame
    if known.empty:
        return f"No complete {grain} with a cost to show."
    last, usual = known["cost"].iloc[-1], known["cost"].median()
    return (
        f"Contacts cost {money(last, currency)} in the last complete {grain}; "
        f"half of {len(known)} {grain}s cost more than {money(usual, currency)}."
    )


def rate_line(frame: pd.DataFrame, *, grain: Grain, per: int) -> go.Figure:
    """Contacts per so many units as a line with its 95 % interval; periods that aren't complete are hollow.

    Args:
        frame: ``period``, ``complete``, ``value``, ``low`` and ``high`` per one unit, in the order of time.
        grain: What a period is.
        per: How many units the axis counts by.
    """
    known = frame[frame["value"].notna()] if len(frame) else frame
    if known.empty:
        return nothing(NO_RATE)
    complete = known["complete"].to_numpy(dtype=bool)
    whole = known[complete]
    traces = [_band(whole, per)] if len(whole) > 1 else []
    traces.append(_points(whole, per, "contacts per unit", "lines+markers", "circle"))
    if not complete.all():
        traces.append(_points(known[~complete], per, "not complete", "markers", "circle-open"))
    top = max(float(known["high"].max()), float(known["value"].max())) * per
    yaxis = {"range": [0, top * 1.08], "nticks": 6, "fixedrange": True, "zeroline": False, "automargin": True}
    return figure(traces, height=HEIGHT, hovermode="x unified", xaxis=_time_axis(grain), yaxis=yaxis)


def rate_alt(frame: pd.DataFrame, *, grain: Grain, unit: str, per: int) -> str:
    """What the line tells, in one sentence."""
    known = frame[frame["value"].notna() & frame["complete"].astype(bool)] if len(frame) else frame
    if known.empty:
        return f"Contacts per unit of {unit} are not known for any complete {grain}."
    last = known.iloc[-1]
    ends = likely(last["low"] * per, last["high"] * per, 1, unit="")
    return f"{number(last['value'] * per, 1)} contacts per {per} {unit} in the last complete {grain} ({ends})."


def _band(whole: pd.DataFrame, per: int) -> Parts:
    x, low, high = _moments(whole), whole["low"].to_numpy(dtype=float), whole["high"].to_numpy(dtype=float)
    return {
        "type": "scatter",
        "name": "likely",
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]) * per,
        "fill": "toself",
        "fillcolor": palette.pale(palette.OURS),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _points(some: pd.DataFrame, per: int, name: str, mode: str, symbol: str) -> Parts:
    ends = zip(some["value"], some["low"], some["high"], strict=True)
    return {
        "type": "scatter",
        "name": name,
        "mode": mode,
        "x": _moments(some),
        "y": some["value"].to_numpy(dtype=float) * per,
        "line": {"color": palette.OURS, "width": 2},
        "marker": {"color": palette.OURS, "symbol": symbol, "size": 6},
        "customdata": texts(
            safe(f"{number(value * per, 2)}, {likely(low * per, high * per, 2, unit='')}") for value, low, high in ends
        ),
        "hovertemplate": f"{name}: %{{customdata}}<extra></extra>",
    }


def _moments(frame: pd.DataFrame) -> np.ndarray:
    return frame["period"].to_numpy(dtype="datetime64[D]").astype("datetime64[ms]")


def _time_axis(grain: Grain) -> Parts:
    return {
        "type": "date",
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
        "showgrid": False,
        "hoverformat": HOVER_DATE[grain],
        "tickformat": "%b\n%Y" if grain == "month" else "%-d %b\n%Y",
    }
