"""Answers as frames of one shape, as rows for JSON, and as CSV."""

from __future__ import annotations

import csv
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cx_metrics.spreadsheet import plain_cell

Floats = NDArray[np.float64]
Condition = tuple[pd.Series, str | pd.Series]
"""A flag per row, with the words for the rows that have it: the same for all, or each row's own."""

ESTIMATE_COLUMNS = ("value", "low", "high", "n", "reason")


def answer(frame: pd.DataFrame, *, keys: tuple[str, ...], parts: tuple[str, ...] = ()) -> pd.DataFrame:
    """The frame with the columns of every metric: keys, value, low, high, n, reason, then its own parts.

    Missing ``low`` and ``high`` are filled with nothing: a full count has no interval.
    """
    return frame.reindex(columns=[*keys, *ESTIMATE_COLUMNS, *parts])


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Part of the whole per row; NaN where the whole is 0."""
    parts, wholes = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.asarray(np.divide(parts, wholes, out=np.full(wholes.shape, np.nan), where=wholes > 0))


def reasons(value: pd.Series, *conditions: Condition) -> NDArray[np.object_]:
    """Per row without a value the words of the first condition that holds; None for the others."""
    reason = np.full(len(value), None, dtype=object)
    for holds, words in reversed(conditions):
        reason[holds] = words if isinstance(words, str) else words[holds]
    reason[value.notna()] = None
    return reason


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The frame's rows with Python's own types, as JSON shows them; what is missing is None."""
    return [
        {str(name): None if _is_missing(cell) else cell for name, cell in row.items()}
        for row in frame.to_dict("records")
    ]


def to_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV with a header, the same numbers as in ``rows`` to the last digit.

    What is missing is an empty cell; true and false are written as in JSON. A text that a spreadsheet would
    take for a formula starts with ``'``.
    """
    lines: list[str] = []
    # The writer quotes texts that hold a part of its own line end. Without the carriage return in there, it would
    # leave those in texts bare.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    writer.writerow(frame.columns)
    writer.writerows([_csv_cell(cell) for cell in row.values()] for row in rows(frame))
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def _csv_cell(cell: object) -> object:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return plain_cell(cell)
