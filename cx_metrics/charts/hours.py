"""How long it takes until contacts are solved: the median, what 9 of 10 did not exceed, and what was promised."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, duration, is_known, percent
from cx_metrics.charts.rows import guides, reasons_in

MOST = 40
NO_DATA = "no contacts in this period"
MEDIAN, MOST_OF_THEM, PROMISED = "half are solved by", "9 of 10 are solved by", "promised"
_ROW, _AROUND_ROWS = 33, 64
_SHORTEST = 1 / 60
_TICKS = (1 / 60, 1 / 6, 1, 4, 12, 24, 72, 168, 720, 2160, 8760)


def hours(frame: pd.DataFrame, *, by: str = "intent") -> go.Figure:
    """A dot at the median and a line to what 9 of 10 did not exceed, on a logarithmic scale, longest first.

    Args:
        frame: ``median_hours``, ``p90_hours``, ``reason``, the contacts counted, and where there is one
            ``expected_hours``; in its order, at most 40 rows.
        by: The column that names a row.
    """
    if frame.empty:
        return nothing(NO_DATA)
    rows = frame.iloc[:MOST].reset_index(drop=True)
    known = rows["median_hours"].notna().to_numpy()
    yaxis, _ = row_axis(rows[by])
    lengths = [rows[name].dropna() for name in ("median_hours", "p90_hours", "expected_hours") if name in rows]
    xaxis = _axis(pd.concat(lengths).astype(float))
    traces = [guides(len(rows), xaxis["range"]), _lines(rows, known), *_dots(rows, known, by), *_promised(rows, by)]
    return figure(
        [*traces, *reasons_in(rows, ~known, by=by, at=xaxis["range"][0])],
        height=_ROW * len(rows) + _AROUND_ROWS,
        xaxis=xaxis,
        yaxis=yaxis,
    )


def alt(frame: pd.DataFrame, *, by: str = "intent") -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["median_hours"].notna()] if len(frame) else frame
    if known.empty:
        return "No contacts known to have ended."
    slow, quick = known.iloc[0], known.iloc[-1]
    return f"Longest: {_said(slow, by)}; shortest: {_said(quick, by)}."


def _said(row: pd.Series, by: str) -> str:
    return f"{row[by]} with a median of {duration(row['median_hours'])} (9 of 10 within {duration(row['p90_hours'])})"


def _axis(lengths: pd.Series) -> Parts:
    """A logarithmic axis in round units of time; drawn by hand, as Plotly's own has no place for zero."""
    low = _place(lengths.min()) if len(lengths) else 0.0
    high = _place(lengths.max()) if len(lengths) else 1.0
    ticks = [tick for tick in _TICKS if low - 0.5 <= _place(tick) <= high + 0.5]
    return {
        "range": [low - 0.1, high + 0.15],
        "tickmode": "array",
        "tickvals": [_place(tick) for tick in ticks],
        "ticktext": [duration(tick) for tick in ticks],
        "fixedrange": True,
        "zeroline": False,
        "automargin": True,
        "tickangle": 0,
    }


def _place(length: float) -> float:
    return math.log10(max(float(length), _SHORTEST))


def _places(lengths: pd.Series) -> np.ndarray:
    return np.asarray(np.log10(np.maximum(lengths.to_numpy(dtype=float), _SHORTEST)))


def _lines(rows: pd.DataFrame, known: np.ndarray) -> Parts:
    some, y = rows[known], np.flatnonzero(known).astype(float)
    gap = np.full(len(some), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.column_stack([_places(some["median_hours"]), _places(some["p90_hours"]), gap]).ravel(),
        "y": np.column_stack([y, y, gap]).ravel(),
        "line": {"color": palette.OURS, "width": 2},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _dots(rows: pd.DataFrame, known: np.ndarray, by: str) -> list[Parts]:
    some, y = rows[known], np.flatnonzero(known).astype(float)
    said = texts(_hover(row, by) for row in some.to_dict("records"))
    ends = ((MEDIAN, "median_hours", "circle", 10), (MOST_OF_THEM, "p90_hours", "circle-open", 9))
    return [
        {
            "type": "scatter",
            "name": name,
            "mode": "markers",
            "x": _places(some[column]),
            "y": y,
            "ids": texts(some[by].astype(str)),
            "marker": {
                "color": palette.OURS,
                "symbol": symbol,
                "size": size,
                "line": {"color": palette.OURS, "width": 2},
            },
            "cliponaxis": False,
            "hovertext": said,
            "hoverinfo": "text",
        }
        for name, column, symbol, size in ends
    ]


def _promised(rows: pd.DataFrame, by: str) -> list[Parts]:
    if "expected_hours" not in rows or rows["expected_hours"].isna().all():
        return []
    some = rows["expected_hours"].notna().to_numpy()
    return [
        {
            "type": "scatter",
            "name": PROMISED,
            "mode": "markers",
            "x": _places(rows.loc[some, "expected_hours"]),
            "y": np.flatnonzero(some).astype(float),
            "marker": {"symbol": "line-ns", "size": 14, "line": {"color": palette.UNSURE, "width": 3}},
            "cliponaxis": False,
            "hovertext": texts(_hover(row, by) for row in rows[some].to_dict("records")),
            "hoverinfo": "text",
        }
    ]


def _hover(row: dict[Any, Any], by: str) -> str:
    said = [f"half within {duration(row['median_hours'])}, 9 of 10 within {duration(row['p90_hours'])}"]
    if is_known(row.get("expected_hours")):
        said.append(f"promised within {duration(row['expected_hours'])}: kept for {percent(row['kept'])}")
    said.append(f"{count(row['ended'])} ended, {count(row['not_ended'])} not ended")
    return heading(row[by]) + "<br>".join(map(safe, said))
