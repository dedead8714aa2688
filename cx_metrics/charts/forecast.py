"""The coming weeks: what came before, the median forecast in its ranges, and every week as the last."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, count_axis, figure, nothing, safe, texts
from cx_metrics.charts.numbers import THIN, Number, count, money

HEIGHT = 340
COUNTED, FORECAST, NAIVE = "so far", "forecast", "same as last week"
NO_FORECAST = "no forecast yet"

Write = Callable[[Number], str]


def forecast(frame: pd.DataFrame, *, currency: str | None = None) -> go.Figure:
    """Weeks counted as a line, weeks to come as a dashed line in two bands: 80 % within 95 %.

    Args:
        frame: ``kind``, ``from_on``, ``to_on``, ``value``, ``low``, ``high``, ``low_80``, ``high_80``, ``naive``
            and ``reason``, as the forecast metric gives them.
        currency: Of amounts, as ISO 4217 has it; None for contacts.
    """
    past, ahead = (frame[frame["kind"] == kind] for kind in ("history", "week"))
    if ahead.empty:
        return nothing(_reason(frame))
    write = _writer(currency)
    fan = _from_last(past, ahead)
    traces = [
        _band(fan, "low", "high", f"95{THIN}% range"),
        _band(fan, "low_80", "high_80", f"80{THIN}% range"),
        _naive(ahead, write),
        _line(past, COUNTED, write, dash="solid"),
        _line(fan, FORECAST, write, dash="dash"),
    ]
    top = float(np.nanmax(np.concatenate([past["value"].to_numpy(dtype=float), ahead["high"].to_numpy(dtype=float)])))
    yaxis = count_axis(top, tickprefix=safe(money(0, currency).replace("0", "")) if currency else "")
    return figure([t for t in traces if len(t["x"])], height=HEIGHT, xaxis=_weeks_axis(), yaxis=yaxis)


def alt(frame: pd.DataFrame, *, currency: str | None = None) -> str:
    """What the picture tells, in one sentence."""
    totals = frame[frame["kind"] == "total"]
    if totals.empty:
        return f"No forecast: {_reason(frame)}."
    write, row = _writer(currency), totals.iloc[0]
    what = write(row["value"]) if currency else f"{write(row['value'])} contacts"
    return (
        f"Next 4 weeks: {what}, with 80 % between {write(row['low_80'])} and {write(row['high_80'])}; "
        f"{write(row['naive'])} if every week were as the last."
    )


def _reason(frame: pd.DataFrame) -> str:
    said = frame["reason"].dropna()
    return str(said.iloc[0]) if len(said) else NO_FORECAST


def _writer(currency: str | None) -> Write:
    return partial(money, currency=currency) if currency else count


def _from_last(past: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """The weeks ahead after the last one counted, from which the fan opens."""
    last = past.tail(1).dropna(subset=["value"])
    point = last.assign(**dict.fromkeys(("low", "high", "low_80", "high_80"), last["value"]))
    return pd.concat([point, ahead], ignore_index=True)


def _x(rows: pd.DataFrame) -> np.ndarray:
    return rows["from_on"].to_numpy(dtype="datetime64[D]").astype("datetime64[ms]")


def _band(rows: pd.DataFrame, low: str, high: str, name: str) -> Parts:
    x = _x(rows)
    ends = (rows[end].to_numpy(dtype=float) for end in (high, low))
    upper, lower = ends
    return {
        "type": "scatter",
        "name": safe(name),
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([upper, lower[::-1]]),
        "fill": "toself",
        "fillcolor": palette.BAND,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _naive(rows: pd.DataFrame, write: Write) -> Parts:
    return {
        "type": "scatter",
        "name": NAIVE,
        "mode": "lines",
        "x": _x(rows),
        "y": rows["naive"].to_numpy(dtype=float),
        "line": {"color": palette.UNSURE, "width": 1.2},
        "hovertext": texts(f"{NAIVE}: {safe(write(value))}" for value in rows["naive"]),
        "hoverinfo": "text",
    }


def _line(rows: pd.DataFrame, name: str, write: Write, *, dash: str) -> Parts:
    columns = (rows[column] for column in ("kind", "from_on", "to_on", "value", "low_80", "high_80"))
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if dash == "solid" else "lines",
        "x": _x(rows),
        "y": rows["value"].to_numpy(dtype=float),
        "line": {"color": palette.OURS, "width": 2, "dash": dash},
        "marker": {"color": palette.OURS, "size": 5},
        "hovertext": texts(_hover(write, *row) for row in zip(*columns, strict=True)),
        "hoverinfo": "text",
    }


def _hover(write: Write, kind: str, first: str, last: str, value: float, low: float, high: float) -> str:
    days = f"{pd.Timestamp(first):%-d %b} – {pd.Timestamp(last):%-d %b %Y}"
    range_ = f", with 80 % {write(low)} – {write(high)}" if kind == "week" else ""
    return f"<b>{safe(days)}</b><br>{safe(write(value) + range_)}"


def _weeks_axis() -> Parts:
    return {
        "type": "date",
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
        "showgrid": False,
        "tickformat": "%-d %b\n%Y",
    }
