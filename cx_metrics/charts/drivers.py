"""What goes with coming back: points a level adds, and what a change owes to rates and to mix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, percent, points
from cx_metrics.charts.rows import guides, spread

NO_DATA = "nothing here can be compared"
MORE, LESS, ALIKE, BASE = "comes back more", "comes back less", "can't tell", "compared with"
RATE, MIX = "comes back more or less often", "more or fewer of these contacts"
_COLOURS = {MORE: palette.OURS, LESS: palette.OURS, ALIKE: palette.UNSURE, BASE: palette.UNSURE}
_SYMBOLS = {MORE: "triangle-right", LESS: "triangle-left", ALIKE: "circle-open", BASE: "line-ns-open"}
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST_TICKS = 7


def effects(frame: pd.DataFrame, *, attribute: str) -> go.Figure:
    """Points each level of an attribute adds to the share that comes back, with its 95 % interval.

    Args:
        frame: ``attribute``, ``level``, ``n``, ``came_back``, ``effect`` in -1..1, ``low`` and ``high``; the level
            without an interval is the one compared with.
        attribute: Which one to show.
    """
    rows = _ordered(frame, attribute)
    if rows.empty:
        return nothing(NO_DATA)
    yaxis, height = row_axis(rows["level"])
    ends = rows[["effect", "low", "high"]].astype(float)
    xaxis = points_axis(float(ends.min().min()), float(ends.max().max()))
    kinds = _kinds(rows)
    marks = [part for kind in (MORE, ALIKE, LESS, BASE) for part in _marks(rows, kinds == kind, kind)]
    return figure([guides(len(rows), xaxis["range"]), *marks], height=height + 24, yaxis=yaxis, xaxis=xaxis)


def effects_alt(frame: pd.DataFrame, *, attribute: str) -> str:
    """What the picture of effects tells, in one sentence."""
    rows = _ordered(frame, attribute)
    if rows.empty:
        return "Nothing here can be compared."
    kinds = _kinds(rows)
    base = rows.loc[kinds == BASE, "level"].iloc[0]
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"Against {base}, all else alike: {count((kinds == MORE).sum())} come back more, "
        f"{count((kinds == LESS).sum())} less; most: {first['level']} with {points(first['effect'])}, "
        f"least: {last['level']} with {points(last['effect'])}."
    )


def split(frame: pd.DataFrame, *, by: str, most: int | None = None) -> go.Figure:
    """What each level brought to the change, in points: by its own rate and by its part of the issues.

    Args:
        frame: The dimension, ``n``, ``n_before``, ``rate`` and ``rate_before`` in 0..1, ``rate_effect`` and
            ``mix_effect`` in -1..1, largest first.
        by: The dimension.
        most: How many levels at most, from the top.
    """
    rows = frame.iloc[:most].reset_index(drop=True)
    if rows.empty or rows["rate_effect"].isna().all():
        return nothing(NO_DATA)
    yaxis, height = row_axis(rows[by])
    both = rows[["rate_effect", "mix_effect"]].astype(float)
    xaxis = points_axis(float(both.min().min()), float(both.max().max()))
    bars = [
        _bars(rows, "rate_effect", RATE, palette.OURS, by, at=-0.18),
        _bars(rows, "mix_effect", MIX, palette.CATEGORIES[1], by, at=0.18),
    ]
    return figure(bars, height=height + 8 * len(rows) + 24, yaxis=yaxis, xaxis=xaxis, barmode="overlay")


def split_alt(frame: pd.DataFrame, *, by: str) -> str:
    """What the picture of the split tells, in one sentence."""
    if frame.empty or frame["rate_effect"].isna().all():
        return "Nothing here can be compared."
    rate, mix = frame["rate_effect"].sum(), frame["mix_effect"].sum()
    first = frame.iloc[0]
    return (
        f"Rates brought {points(rate, 1)}, the mix {points(mix, 1)}; most by {first[by]}: "
        f"{points(first['rate_effect'], 1)} and {points(first['mix_effect'], 1)}."
    )


def _ordered(frame: pd.DataFrame, attribute: str) -> pd.DataFrame:
    return frame[frame["attribute"] == attribute].sort_values(
        "effect", ascending=False, kind="stable", ignore_index=True
    )


def _kinds(rows: pd.DataFrame) -> np.ndarray:
    low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    return np.where(np.isnan(low), BASE, np.where(low > 0, MORE, np.where(high < 0, LESS, ALIKE)))


def _marks(rows: pd.DataFrame, chosen: np.ndarray, kind: str) -> list[Parts]:
    """Intervals as lines and effects as marks, for the levels chosen."""
    return spread(
        rows,
        chosen,
        by="level",
        name=kind,
        colour=_COLOURS[kind],
        symbol=_SYMBOLS[kind],
        size=11,
        hovers=lambda some: map(_hover, some.to_dict("records")),
        of="effect",
    )


def _hover(row: dict[Any, Any]) -> str:
    said = [f"{count(row['came_back'])} of {count(row['n'])} issues: {percent(row['came_back'] / row['n'], 1)}"]
    if pd.notna(row["low"]):
        ends = f"likely {points(row['low'], 1)} to {points(row['high'], 1)}"
        said.insert(0, f"all else alike {points(row['effect'], 1)}, {ends}")
    else:
        said.insert(0, "the others are compared with it")
    return heading(row["level"]) + "<br>".join(map(safe, said))


def _bars(rows: pd.DataFrame, column: str, name: str, colour: str, by: str, *, at: float) -> Parts:
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "x": rows[column].to_numpy(dtype=float),
        "y": np.arange(len(rows)) + at,
        "width": 0.32,
        "ids": texts(rows[by].astype(str)),
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertext": texts(_split_hover(row, row[by]) for row in rows.to_dict("records")),
        "hoverinfo": "text",
    }


def _split_hover(row: dict[Any, Any], name: object) -> str:
    rates = f"came back: {percent(row['rate_before'], 1)} before, {percent(row['rate'], 1)} now"
    issues = f"issues: {count(row['n_before'])} before, {count(row['n'])} now"
    said = (f"{rates}: {points(row['rate_effect'], 1)}", f"{issues}: {points(row['mix_effect'], 1)}")
    return heading(name) + "<br>".join(map(safe, said))


def points_axis(lowest: float, highest: float) -> Parts:
    """An axis for differences in points, with 0 on it."""
    lowest, highest = min(lowest, 0.0), max(highest, 0.0)
    span = max(highest - lowest, 0.01)
    step = next((s for s in _STEPS if span / s <= _MOST_TICKS - 1), _STEPS[-1])
    first, last = int(np.floor(lowest / step + 1e-9)), int(np.ceil(highest / step - 1e-9))
    ticks = [step * at for at in range(first, last + 1)]
    return {
        "range": [ticks[0] - step / 5, ticks[-1] + step / 5],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [points(tick, 1 if step < 0.01 else 0) for tick in ticks],
        "zeroline": True,
        "zerolinecolor": palette.UNSURE,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
    }
