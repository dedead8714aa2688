"""What a score could be: what those who answered said, and what the silent may think."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, share_axis, short, texts
from cx_metrics.charts.numbers import count, likely, percent

NO_DATA = "no contacts in this period"
SOLID, DOUBTFUL = "can be told", "can't be concluded"
_OK = "ok"
_WORST, _DELTA, _WEIGHTED = "worst case", "silent differ by 10 points", "weighted, 95 % interval"
_MOST_REASON = 44


def scores(frame: pd.DataFrame, *, by: str = "intent", most: int | None = None) -> go.Figure:
    """Four marks a row: worst case (thin), silent differ (pale), weighted interval (thick), raw score (dot).

    A row whose quality is not ok is hollow and grey: however high its score, it looks doubtful.

    Args:
        frame: As ``what_it_could_be`` gives it: ``value``, ends of ``weighted``, ``delta``, ``worst``, ``tipping``,
            ``target``, ``n``, ``contacts``, ``quality``, ``doubt``, ``reason``, and what names a row.
        by: The column that names a row.
        most: How many rows at most, those with most contacts; None for all.
    """
    if frame.empty:
        return nothing(NO_DATA)
    kept = frame["contacts"].nlargest(most or len(frame)).index
    rows = frame[frame.index.isin(kept)].reset_index(drop=True)
    yaxis, height = row_axis(rows[by])
    yaxis["range"] = [len(rows) - 0.5, -1.2]  # room for the target's name
    known = rows["value"].notna().to_numpy()
    solid = known & (rows["quality"] == _OK).to_numpy()
    traces = [
        _lines(rows, known, "worst", palette.UNSURE, 1.5, _WORST),
        _lines(rows, solid, "delta", palette.pale(palette.OURS), 13, _DELTA, legend=not (known & ~solid).any()),
        _lines(rows, known & ~solid, "delta", palette.BAND, 13, _DELTA),
        _lines(rows, solid, "weighted", palette.OURS, 5, _WEIGHTED, legend=not (known & ~solid).any()),
        _lines(rows, known & ~solid, "weighted", palette.UNSURE, 5, _WEIGHTED),
        *_dots(rows, solid, by, SOLID, palette.OURS, "circle"),
        *_dots(rows, known & ~solid, by, DOUBTFUL, palette.UNSURE, "circle-open"),
        *_reasons(rows, ~known, by),
    ]
    target = float(rows["target"].iloc[0])
    return figure(
        [trace for trace in traces if len(trace["x"])],
        height=height + 30,
        yaxis=yaxis,
        xaxis=share_axis(0.0, 1.0),
        shapes=[_target_line(target)],
        annotations=[_target_name(target)],
    )


def alt(frame: pd.DataFrame, *, by: str = "intent") -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No contacts to show."
    known = frame[frame["value"].notna()]
    doubtful = int((known["quality"] != _OK).sum())
    withheld = len(frame) - len(known)
    begin = f"{count(len(known) - doubtful)} of {count(len(frame))} scores can be told, {count(doubtful)} are doubtful"
    begin += f", {count(withheld)} withheld"
    if known.empty:
        return f"{begin}."
    low, high = known.iloc[0], known.iloc[-1]
    ends = f"lowest: {low[by]} with {percent(low['value'])}; highest: {high[by]} with {percent(high['value'])}"
    return f"{begin}; {ends}; target {percent(frame['target'].iloc[0])}."


def _lines(
    rows: pd.DataFrame, chosen: np.ndarray, ends: str, colour: str, width: float, name: str, *, legend: bool = True
) -> Parts:
    some, y = rows[chosen], np.flatnonzero(chosen).astype(float)
    low, high = (some[f"{ends}_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
    gap = np.full(len(some), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "legendgroup": name,
        "showlegend": legend,
        "x": np.column_stack([low, high, gap]).ravel(),
        "y": np.column_stack([y, y, gap]).ravel(),
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }


def _dots(rows: pd.DataFrame, chosen: np.ndarray, by: str, name: str, colour: str, symbol: str) -> list[Parts]:
    if not chosen.any():
        return []
    some = rows[chosen]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": some["value"].to_numpy(dtype=float),
            "y": np.flatnonzero(chosen).astype(float),
            "ids": texts(some[by].astype(str)),
            "marker": {"color": colour, "symbol": symbol, "size": 11, "line": {"color": colour, "width": 2}},
            "cliponaxis": False,
            "hovertext": texts(_hover(row, by) for row in some.to_dict("records")),
            "hoverinfo": "text",
        }
    ]


def _hover(row: dict[Any, Any], by: str) -> str:
    said = [
        f"{percent(row['value'])} of {count(row['n'])} answers, {likely(row['weighted_low'], row['weighted_high'])}",
        f"{percent(row['n'] / row['contacts'], 1)} of {count(row['contacts'])} contacts answered",
        f"worst case {percent(row['worst_low'])} to {percent(row['worst_high'])}",
        _tip(row["tipping"], row["target"]),
    ]
    lines = "<br>".join(safe(line) for line in said)
    doubt = f"<br><i>{safe(short(row['doubt'], 90))}</i>" if row["doubt"] else ""
    return f"{heading(row[by])}{lines}{doubt}"


def _tip(tipping: float, target: float) -> str:
    if tipping > 1:
        return f"below {percent(target)} whatever the silent think"
    if tipping <= 0:
        return f"at least {percent(target)} whatever the silent think"
    return f"target missed if the silent are below {percent(tipping, 1)}"


def _reasons(rows: pd.DataFrame, chosen: np.ndarray, by: str) -> list[Parts]:
    """Why there is no score, written in the row."""
    if not chosen.any():
        return []
    some = rows[chosen]
    return [
        {
            "type": "scatter",
            "mode": "text",
            "x": np.zeros(len(some)),
            "y": np.flatnonzero(chosen),
            "ids": texts(some[by].astype(str)),
            "text": texts(safe(short(_withheld(reason), _MOST_REASON)) for reason in some["reason"]),
            "textposition": "middle right",
            "showlegend": False,
            "hovertext": texts(
                f"{heading(name)}no score: {safe(why)}" for name, why in zip(some[by], some["reason"], strict=True)
            ),
            "hoverinfo": "text",
        }
    ]


def _withheld(reason: str) -> str:
    """The reason up to where it begins to explain itself."""
    return reason.partition(":")[0]


def _target_line(target: float) -> Parts:
    return {
        "type": "line",
        "x0": target,
        "x1": target,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": palette.UNSURE, "width": 2, "dash": "dot"},
    }


def _target_name(target: float) -> Parts:
    text = safe(f"target {percent(target)}")
    place = {"x": target, "yref": "paper", "y": 1, "xanchor": "right", "yanchor": "top", "xshift": -4}
    return {"text": text, "showarrow": False, **place}
