"""How many of each week's issues brought the customer back so many days later; what isn't known yet is hatched."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, nothing, safe, texts
from cx_metrics.charts.numbers import count, likely, percent

NO_DATA = "no weeks in this period"
UNKNOWN = "not yet known"
_PALE, _STRONG, _INK = "#EDF1FE", "#91A7FF", "#12151B"
"""The shades of ours a cell can have, and the one ink that reads on all of them in either theme."""
_ROW, _AROUND = 27, 74
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def cohorts(frame: pd.DataFrame) -> go.Figure:
    """A cell for each week and number of days, darker where more came back.

    Cells of few issues are grey, those that aren't known yet hatched, and those of fewer than 10 issues empty.

    Args:
        frame: ``period`` (ISO Mondays, oldest first), ``days``, ``value`` in 0..1, ``low``, ``high``, ``n``,
            ``came_back``, ``young``, ``known``, ``few`` and ``reason``.
    """
    if frame.empty or not frame["n"].sum():
        return nothing(NO_DATA if frame.empty else "no new issues in these weeks")
    weeks, days = list(dict.fromkeys(frame["period"])), sorted(frame["days"].unique())
    y, x = frame["period"].map(weeks.index).to_numpy(), frame["days"].map(days.index).to_numpy()
    shown = frame["value"].notna().to_numpy()
    hatched = ~shown & ~frame["known"].to_numpy(dtype=bool) & (frame["n"] > 0).to_numpy()
    few = shown & frame["few"].to_numpy(dtype=bool)
    top = float(frame["value"].max()) if shown.any() else 1.0
    shape = (len(weeks), len(days))
    traces = [
        _cells(frame, shown & ~few, x, y, shape, [[0, _PALE], [1, _STRONG]], top or 1.0),
        _cells(frame, few, x, y, shape, [[0, palette.BAND], [1, palette.BAND]], 1.0),
        *_hatched(frame, hatched, x, y),
        _words(frame, shown & ~few, x, y) | {"textfont": {"color": _INK}},
        _words(frame, few | ~(shown | hatched), x, y),
    ]
    labels = [_week(frame, week) for week in weeks]
    yaxis = _axis(labels) | {"range": [len(weeks) - 0.5, -0.5]}
    xaxis = _axis([safe(_within(day)) for day in days]) | {"side": "top", "range": [-0.5, len(days) - 0.5]}
    return figure(
        traces, height=_ROW * len(weeks) + _AROUND, xaxis=xaxis, yaxis=yaxis, barmode="overlay", showlegend=False
    )


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["value"].notna()] if len(frame) else frame
    if known.empty:
        return "No week is old enough, or has 10 issues, to know how many came back."
    usual = 7 if (known["days"] == 7).any() else int(known["days"].max())
    column = known[known["days"] == usual]
    ends = column.loc[[column["value"].idxmin(), column["value"].idxmax()]].to_dict("records")
    least, most = (f"{percent(row['value'])} of the week from {_day(str(row['period']))}" for row in ends)
    waiting = int((~frame["known"].astype(bool) & (frame["n"] > 0)).sum())
    within = _within(usual)
    return f"Came back within {within}: least {least}, most {most}; cells not yet known: {count(waiting)}."


def _cells(
    frame: pd.DataFrame,
    chosen: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    shape: tuple[int, int],
    colours: list[list[Any]],
    top: float,
) -> Parts:
    value, words = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    some = frame[chosen]
    value[y[chosen], x[chosen]] = some["value"].to_numpy(dtype=float)
    words[y[chosen], x[chosen]] = [_hover(row) for row in some.to_dict("records")]
    return {
        "type": "heatmap",
        "x": list(range(shape[1])),
        "y": list(range(shape[0])),
        "z": value,
        "zmin": 0,
        "zmax": top,
        "colorscale": colours,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hovertext": words.astype(str),
        "hoverinfo": "text",
        "hoverongaps": False,
    }


def _hatched(frame: pd.DataFrame, chosen: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[Parts]:
    """Cells that aren't known yet, as bars from one end of their row to the other."""
    if not chosen.any():
        return []
    pattern = {"shape": "/", "size": 6, "fgcolor": palette.UNSURE, "solidity": 0.2, "fillmode": "overlay"}
    return [
        {
            "type": "bar",
            "name": UNKNOWN,
            "x": x[chosen],
            "base": y[chosen] - 0.46,
            "y": np.full(int(chosen.sum()), 0.92),
            "width": 0.97,
            "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}, "pattern": pattern},
            "hovertext": texts(_hover(row) for row in frame[chosen].to_dict("records")),
            "hoverinfo": "text",
        }
    ]


def _words(frame: pd.DataFrame, chosen: np.ndarray, x: np.ndarray, y: np.ndarray) -> Parts:
    """The shares as text; a dash where there are too few issues."""
    some = frame[chosen]
    shown = (safe(percent(value)) if pd.notna(value) else "–" for value in some["value"])
    return {
        "type": "scatter",
        "mode": "text",
        "x": x[chosen],
        "y": y[chosen],
        "text": texts(shown),
        "hoverinfo": "skip",
    }


def _hover(row: dict[Any, Any]) -> str:
    head = f"<b>week from {_day(row['period'])}, within {_within(row['days'])}</b><br>"
    if pd.isna(row["value"]):
        return f"{head}{safe(row['reason'])}"
    said = f"{percent(row['value'], 1)}, {likely(row['low'], row['high'], 1)}"
    counts = f"{count(row['came_back'])} of {count(row['n'])} issues"
    if row["young"]:
        counts += f"; {count(row['young'])} not yet that old count as far as they are known"
    return f"{head}{safe(said)}<br>{safe(counts)}"


def _week(frame: pd.DataFrame, week: str) -> str:
    n = frame.loc[frame["period"] == week, "n"].iloc[0]
    return safe(f"{_day(week)} · {count(n)}")


def _day(iso: str) -> str:
    on = date.fromisoformat(iso)
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year % 100:02d}"


def _within(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _axis(labels: list[str]) -> Parts:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
    }
