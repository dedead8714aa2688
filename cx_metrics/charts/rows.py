"""Marks that pictures with one named row per intent share: faint guides, and reasons in place of numbers."""

from __future__ import annotations

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
