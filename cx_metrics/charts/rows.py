"""Marks that pictures with a named row per intent share: faint guides, dots on intervals, reasons for no number."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, heading, safe, short, texts

MOST_REASON = 60


def guides(n: int, ends: list[float]) -> Parts:
    """A faint line across each of n rows, from its name to the other end."""
    at = np.arange(n, dtype=float)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.tile([*ends, np.nan], n),
        "y": np.column_stack([at, at, np.full(n, np.nan)]).ravel(),
        "line": {"color": palette.BAND, "width": 1},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def intervals(some: pd.DataFrame, y: np.ndarray, *, name: str, colour: str) -> Parts:
    """The intervals of some rows, a line each at its place; they come and go with their dots in the legend.

    Args:
        some: With ``low`` and ``high``.
        y: The place of each row.
        name: What the dots on them stand for, in the legend.
        colour: Of the lines.
    """
    low, high = some["low"].to_numpy(dtype=float), some["high"].to_numpy(dtype=float)
    gap = np.full(len(some), np.nan)
    return {
        "type": "scatter",
        "legendgroup": name,
        "showlegend": False,
        "mode": "lines",
        "x": np.column_stack([low, high, gap]).ravel(),
        "y": np.column_stack([y, y, gap]).ravel(),
        "line": {"color": colour, "width": 3},
        "hoverinfo": "skip",
    }


def spread(
    rows: pd.DataFrame,
    chosen: np.ndarray,
    *,
    by: str,
    name: str,
    colour: str,
    symbol: str,
    size: int,
    hovers: Callable[[pd.DataFrame], Iterable[str]],
    of: str = "value",
) -> list[Parts]:
    """Values as dots on their intervals as lines, in the rows chosen.

    Args:
        rows: With the values, ``low``, ``high`` and the names of the rows.
        chosen: Flags of those to draw.
        by: The column that names a row.
        name: What these marks stand for, in the legend.
        colour: Of line and dot.
        symbol: Of the dot.
        size: Of the dot, in pixels.
        hovers: What pointing at each of the rows given says.
        of: The column of the values.
    """
    if not chosen.any():
        return []
    some, y = rows[chosen], np.flatnonzero(chosen).astype(float)
    dots = {
        "type": "scatter",
        "name": name,
        "legendgroup": name,
        "mode": "markers",
        "x": some[of].to_numpy(dtype=float),
        "y": y,
        "ids": texts(some[by].astype(str)),
        "marker": {"color": colour, "symbol": symbol, "size": size, "line": {"color": colour, "width": 2}},
        "cliponaxis": False,
        "hovertext": texts(hovers(some)),
        "hoverinfo": "text",
    }
    return [intervals(some, y, name=name, colour=colour), dots]


def reasons_in(rows: pd.DataFrame, chosen: np.ndarray, *, by: str, at: float) -> list[Parts]:
    """Why there is no number, written in the rows chosen.

    Args:
        rows: With ``reason`` and the names of the rows.
        chosen: Flags of those without a number.
        by: The column that names a row.
        at: Where the text begins.
    """
    if not chosen.any():
        return []
    some = rows[chosen]
    names = zip(some[by], some["reason"], strict=True)
    return [
        {
            "type": "scatter",
            "mode": "text",
            "x": np.full(len(some), at),
            "y": np.flatnonzero(chosen),
            "ids": texts(some[by].astype(str)),
            "text": texts(safe(short(reason, MOST_REASON)) for reason in some["reason"]),
            "textposition": "middle right",
            "showlegend": False,
            "hovertext": texts(f"{heading(name)}not known: {safe(why)}" for name, why in names),
            "hoverinfo": "text",
        }
    ]
