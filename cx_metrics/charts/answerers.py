"""Who answers and who does not: the share of each group, beside that of everyone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, share_axis
from cx_metrics.charts.numbers import count, likely, percent, points
from cx_metrics.charts.rows import spread

NO_DATA = "no contacts in this period"
LESS, LIKE, MORE = "less than everyone", "like everyone", "more than everyone"
_COLOURS = {LESS: palette.OURS, LIKE: palette.UNSURE, MORE: palette.OURS}
_SYMBOLS = {LESS: "triangle-left", LIKE: "circle-open", MORE: "triangle-right"}


def answerers(frame: pd.DataFrame, *, attribute: str, most: int | None = None) -> go.Figure:
    """A mark and its 95 % interval for each group; a dotted line stands for everyone.

    Args:
        frame: As the metrics give it: ``attribute`` (one row ``everyone``), ``level``, ``value``, ``low``, ``high``,
            ``contacts``, ``answered``, ``effect``, ``reason``.
        attribute: Which one to show.
        most: How many levels at most, those with most contacts.
    """
    everyone, rows = _parts(frame, attribute, most)
    if rows.empty:
        return nothing(NO_DATA)
    if rows["value"].isna().all():
        return nothing(str(rows["reason"].iloc[0]))
    yaxis, height = row_axis(rows["level"])
    kinds = _kinds(rows, everyone)
    ends = rows[["low", "high"]].astype(float)
    traces = [part for kind in (LESS, LIKE, MORE) for part in _marks(rows, kinds == kind, kind)]
    line = {"type": "line", "x0": everyone, "x1": everyone, "yref": "paper", "y0": 0, "y1": 1}
    style = {"line": {"color": palette.UNSURE, "width": 2, "dash": "dot"}}
    xaxis = share_axis(min(ends["low"].min(), everyone), max(ends["high"].max(), everyone))
    return figure(traces, height=height + 24, yaxis=yaxis, xaxis=xaxis, shapes=[line | style])


def alt(frame: pd.DataFrame, *, attribute: str) -> str:
    """What the picture tells, in one sentence."""
    everyone, rows = _parts(frame, attribute, None)
    if rows.empty or rows["value"].isna().all():
        return f"Not known: {rows['reason'].iloc[0]}." if len(rows) else "No contacts to show."
    first, last = rows.iloc[0], rows.iloc[-1]
    kinds = _kinds(rows, everyone)
    counts = f"{count((kinds == LESS).sum())} answer less and {count((kinds == MORE).sum())} more"
    ends = (
        f"most: {first['level']} with {percent(first['value'])}; least: {last['level']} with {percent(last['value'])}"
    )
    return f"Of everyone {percent(everyone)} answered; {counts}; {ends}."


def _parts(frame: pd.DataFrame, attribute: str, most: int | None) -> tuple[float, pd.DataFrame]:
    """Everyone's share, and the levels of an attribute from those that answer most."""
    everyone = frame.loc[frame["attribute"] == "everyone", "value"]
    rows = frame[frame["attribute"] == attribute].iloc[:most]
    return float(everyone.iloc[0]) if len(everyone) else np.nan, rows.sort_values(
        "value", ascending=False, kind="stable", ignore_index=True
    )


def _kinds(rows: pd.DataFrame, everyone: float) -> np.ndarray:
    """How each level compares: its interval lies below, around or above everyone's share."""
    low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    return np.where(high < everyone, LESS, np.where(low > everyone, MORE, LIKE))


def _marks(rows: pd.DataFrame, chosen: np.ndarray, kind: str) -> list[Parts]:
    return spread(
        rows,
        chosen,
        by="level",
        name=kind,
        colour=_COLOURS[kind],
        symbol=_SYMBOLS[kind],
        size=11,
        hovers=lambda some: map(_hover, some.to_dict("records")),
    )


def _hover(row: dict[Any, Any]) -> str:
    said = [f"{percent(row['value'], 1)}, {likely(row['low'], row['high'], 1)}"]
    said.append(f"{count(row['answered'])} of {count(row['contacts'])} contacts answered")
    if pd.notna(row["effect"]):
        said.append(f"all else alike {points(row['effect'], 1)} against the most frequent")
    return heading(row["level"]) + "<br>".join(map(safe, said))
