"""Every intent against its target: the verdict on each, with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, share_axis, texts
from cx_metrics.charts.numbers import count, is_known, likely, percent
from cx_metrics.charts.rows import guides, reasons_in, spread

MOST = 40
NO_DATA = "no intents to judge"
_ROW, _AROUND_ROWS = 33, 64
MISSED, MET, UNSURE, NO_TARGET, TARGET = "missed", "met", "can't tell", "no target", "target"
_LOOK = {
    MISSED: (palette.MISSED, "circle"),
    MET: (palette.MET, "circle"),
    UNSURE: (palette.UNSURE, "circle-open"),
    NO_TARGET: (palette.OURS, "circle"),
}


def targets(frame: pd.DataFrame) -> go.Figure:
    """A dot and its interval per intent, coloured by verdict and hollow where it can't be told, a diamond for targets.

    Args:
        frame: Rows of the weekly verdicts, in their order; at most 40 are drawn.
    """
    if frame.empty:
        return nothing(NO_DATA)
    rows = frame.iloc[:MOST].reset_index(drop=True)
    yaxis, _ = row_axis(rows["intent"])
    ends = rows[["low", "high", "target"]].astype(float)
    known = rows["value"].notna().to_numpy()
    some = ends.notna().to_numpy().any()
    xaxis = share_axis(*(ends.min().min(), ends.max().max()) if some else (0.0, 1.0))
    groups = np.array([group(word) for word in rows["verdict"]])
    traces = [guides(len(rows), xaxis["range"])]
    for name in _LOOK:
        traces += _dots(rows, known & (groups == name), name)
    traces += [*_diamonds(rows), *reasons_in(rows, ~known, by="intent", at=xaxis["range"][0])]
    return figure(traces, height=_ROW * len(rows) + _AROUND_ROWS, xaxis=xaxis, yaxis=yaxis)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No intents to judge."
    groups = [group(word) for word in frame["verdict"]]
    counts = [f"{count(groups.count(name))} {name}" for name in _LOOK if name in groups]
    missed = frame[[name == MISSED for name in groups]]
    if missed.empty:
        return f"Intents against their targets: {', '.join(counts)}."
    worst = missed.iloc[0]
    return (
        f"Intents against their targets: {', '.join(counts)}; most customers short at {worst['intent']} with "
        f"{percent(worst['value'])} of {percent(worst['target'])}."
    )


def group(verdict: Any) -> str:
    """The kind of mark that a verdict gets."""
    if not isinstance(verdict, str):
        return NO_TARGET
    return verdict if verdict in (MISSED, MET) else UNSURE


def _dots(rows: pd.DataFrame, chosen: np.ndarray, name: str) -> list[Parts]:
    colour, symbol = _LOOK[name]
    return spread(rows, chosen, by="intent", name=name, colour=colour, symbol=symbol, size=11, hovers=_hovers)


def _hovers(some: pd.DataFrame) -> Iterator[str]:
    return map(_hover, some.to_dict("records"))


def _hover(row: dict[Any, Any]) -> str:
    said = [f"{percent(row['value'], 1)}, {likely(row['low'], row['high'], 1)}"]
    said.append(f"of {count(row['n'])} first contacts, {row['from']} to {row['to']}")
    if is_known(row["target"]):
        said.append(f"target {percent(row['target'])}: {row['verdict']}")
    if is_known(row["n_needed"]):
        said.append(f"about {count(row['n_needed'] - row['n'])} more needed")
    return heading(row["intent"]) + "<br>".join(map(safe, said))


def _diamonds(rows: pd.DataFrame) -> list[Parts]:
    some = rows["target"].notna().to_numpy()
    if not some.any():
        return []
    goals = rows.loc[some, "target"].to_numpy(dtype=float)
    return [
        {
            "type": "scatter",
            "name": TARGET,
            "mode": "markers",
            "x": goals,
            "y": np.flatnonzero(some).astype(float),
            "marker": {"color": palette.UNSURE, "symbol": "diamond-tall", "size": 11},
            "cliponaxis": False,
            "hovertext": texts(f"target {safe(percent(goal))}" for goal in goals),
            "hoverinfo": "text",
        }
    ]
