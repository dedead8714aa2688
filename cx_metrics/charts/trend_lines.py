"""The traces of a trend: the band, the line, what is unfinished, what lies outside, and the time before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, texts
from cx_metrics.charts.numbers import THIN, interval

Grain = Literal["day", "week", "month"]
Moments = NDArray[np.datetime64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOVER_DATE = {"day": "%a %-d %b %Y", "week": "week from %-d %b %Y", "month": "%B %Y"}
"""How Plotly writes a period in a hover."""
_STEP = {"day": 1, "week": 7}
_MARKS_UP_TO = 60
_LAST = 2000


@dataclass(frozen=True)
class Side:
    """How points on one side of the band look."""

    name: str
    colour: str
    symbol: str


ABOVE = Side("above expected", palette.RISING, "triangle-up")
BELOW = Side("below expected", palette.FALLING, "triangle-down")


def outside(frame: pd.DataFrame, side: Side) -> Flags:
    """Which periods lie on that side of their band; none of those without one."""
    if "low" not in frame:
        return np.zeros(len(frame), dtype=bool)
    value, end = frame["value"], frame["high" if side is ABOVE else "low"].astype(float)
    return np.asarray(value > end if side is ABOVE else value < end, dtype=bool)


def place(value: float, low: float, high: float) -> str:
    """Where a count lies, in words: ``above the expected 310 – 402``."""
    expected = f"the expected {interval(low, high, unit='')}"
    return f"above {expected}" if value > high else f"below {expected}" if value < low else f"within {expected}"


def band(frame: pd.DataFrame) -> list[Parts]:
    """The band as closed shapes, one for every stretch of periods that has one."""
    known = frame["low"].notna().to_numpy() if "low" in frame else np.zeros(len(frame), dtype=bool)
    if not known.any():
        return []
    x, low, high = _moments(frame), frame["low"].to_numpy(dtype=float), frame["high"].to_numpy(dtype=float)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(int), [0]])))
    stretches = [slice(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)]
    gap_x, gap_y = np.array(["NaT"], dtype="datetime64[ms]"), np.array([np.nan])
    return [
        {
            "type": "scatter",
            "name": "expected",
            "mode": "lines",
            "x": np.concatenate([part for s in stretches for part in (x[s], x[s][::-1], gap_x)])[:-1],
            "y": np.concatenate([part for s in stretches for part in (high[s], low[s][::-1], gap_y)])[:-1],
            "fill": "toself",
            "fillcolor": palette.BAND,
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
    ]


def before(frame: pd.DataFrame, compare: pd.DataFrame, grain: Grain) -> Parts:
    """The earlier line, moved to the first position of the later one; its own dates stand in the hover."""
    first, steps = frame["period"].to_numpy(dtype="datetime64[D]")[0], np.arange(len(compare))
    if grain == "month":
        x = (first.astype("datetime64[M]") + steps).astype("datetime64[ms]")
    else:
        x = (first + _STEP[grain] * steps).astype("datetime64[ms]")
    return {
        "type": "scatter",
        "name": "before",
        "mode": "lines",
        "x": x,
        "y": compare["value"].to_numpy(),
        "line": {"color": palette.UNSURE, "width": 1.2},
        "customdata": texts(compare["period"]),
        "hovertemplate": f"before: %{{y:,d}} (%{{customdata|{HOVER_DATE[grain]}}})<extra></extra>",
    }


def line(frame: pd.DataFrame, name: str, *, colour: str, judged: bool, legend: bool) -> list[Parts]:
    """One line: solid where periods are complete, then dashed to hollow marks, triangles outside the band.

    Args:
        frame: ``period``, ``value``, ``complete``, and ``low`` and ``high`` where it is judged.
        name: What the legend says, safe for Plotly.
        colour: ``#RRGGBB``.
        judged: Whether its band matters.
        legend: Whether this line explains hollow marks in the legend.
    """
    x, value = _moments(frame), frame["value"].to_numpy()
    complete = frame["complete"].to_numpy(dtype=bool)
    solid = {
        "type": "scatter",
        "name": name,
        "legendgroup": name,
        "mode": "lines+markers" if len(frame) <= _MARKS_UP_TO else "lines",
        "x": x[complete],
        "y": value[complete],
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "size": 5},
        **(_judged_hover(frame[complete], name) if judged and "low" in frame else _hover(name)),
    }
    traces = [solid]
    if not complete.all():
        look: Parts = {"type": "scatter", "legendgroup": name}
        traces.append(look | _tie(x, value, complete, colour))
        traces.append(look | _hollow(x[~complete], value[~complete], name, colour, legend=legend))
        traces[-1]["name"] = "not complete yet" if complete[:-1].all() else "not complete"
    return traces + [_mark(frame, side) for side in (ABOVE, BELOW) if judged and outside(frame, side).any()]


def _moments(frame: pd.DataFrame) -> Moments:
    return frame["period"].to_numpy(dtype="datetime64[D]").astype("datetime64[ms]")


def _hover(name: str) -> Parts:
    return {"hovertemplate": f"{name}: %{{y:,d}}<extra></extra>"}


def _judged_hover(frame: pd.DataFrame, name: str) -> Parts:
    expected = f"the expected %{{customdata[0]:,d}}{THIN}–{THIN}%{{customdata[1]:,d}}<extra></extra>"
    # Half up like every number; ends of a band are never negative.
    ends = np.floor(frame[["low", "high"]].to_numpy(dtype=float) + 0.5)
    words = np.select(
        [np.isnan(ends[:, 0]), outside(frame, ABOVE), outside(frame, BELOW)],
        ["too early for a band<extra></extra>", f"above {expected}", f"below {expected}"],
        f"within {expected}",
    )
    return {"customdata": ends, "hovertemplate": texts(f"{name}: %{{y:,d}}, {word}" for word in words)}


def _tie(x: Moments, value: Counts, complete: Flags, colour: str) -> Parts:
    """A dashed line between periods that aren't complete and their neighbours."""
    tied = ~complete | np.append(~complete[1:], False) | np.append(False, ~complete[:-1])
    return {
        "mode": "lines",
        "x": x,
        "y": np.where(tied, value.astype(float), np.nan),
        "line": {"color": colour, "width": 1.2, "dash": "dot"},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _hollow(x: Moments, value: Counts, name: str, colour: str, *, legend: bool) -> Parts:
    """Hollow marks for periods that aren't complete."""
    return {
        "mode": "markers",
        "x": x,
        "y": value,
        "marker": {"color": colour, "symbol": "circle-open", "size": 8, "line": {"width": 1.5}},
        "showlegend": legend,
        "legendrank": _LAST,
        "hovertemplate": f"{name}: %{{y:,d}}, not complete<extra></extra>",
    }


def _mark(frame: pd.DataFrame, side: Side) -> Parts:
    out = frame[outside(frame, side)]
    return {
        "type": "scatter",
        "name": side.name,
        "mode": "markers",
        "x": _moments(out),
        "y": out["value"].to_numpy(),
        "marker": {"color": side.colour, "symbol": side.symbol, "size": 10},
        "legendrank": _LAST,
        "hoverinfo": "skip",
    }
