"""What changed in money: intents from the largest rise to the largest fall, each where the one before ended."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, is_known, money, money_compact

NO_DATA = "no cost is known in both periods"
MOST_ROWS = 9
TOGETHER = "all together"
_ROOM_FOR_TEXT = 0.24


def waterfall(frame: pd.DataFrame, *, currency: str, most: int = MOST_ROWS) -> go.Figure:
    """A bar per intent for its change in money; the smaller changes stand together, then the sum of all.

    Args:
        frame: ``intent``, ``cost``, ``before`` and ``change`` in money, missing where it is not known; the largest
            change first.
        currency: ISO 4217 code of the amounts.
        most: Intents at most.
    """
    known = frame[frame["change"].notna()] if len(frame) else frame
    if known.empty:
        return nothing(NO_DATA)
    rows = _rows(known, most)
    yaxis, height = row_axis(rows["intent"])
    changes = rows["change"].to_numpy(dtype=float)
    ends = np.cumsum(changes[:-1])
    starts = np.concatenate([[0.0], ends[:-1], [0.0]])
    return figure(
        [
            _steps(ends),
            *_bars(rows, starts, currency=currency),
            _amounts(rows, starts, currency=currency),
        ],
        height=height,
        yaxis=yaxis,
        xaxis={
            "range": _range(np.concatenate([starts, starts + changes])),
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "fixedrange": True,
        },
        bargap=0.3,
        barmode="overlay",
        showlegend=True,
    )


def alt(frame: pd.DataFrame, *, currency: str) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["change"].notna()] if len(frame) else frame
    if known.empty:
        return "No change in cost is known."
    said = [f"Together {money(known['change'].sum(), currency, signed=True)}"]
    for word, some in (("rose", known[known["change"] > 0]), ("fell", known[known["change"] < 0])):
        if len(some):
            first = some.iloc[0]
            said.append(f"{first['intent']} {word} most ({money(first['change'], currency, signed=True)})")
    unknown = len(frame) - len(known)
    return "; ".join(said) + (f"; {count(unknown)} can't be compared." if unknown else ".")


def _rows(known: pd.DataFrame, most: int) -> pd.DataFrame:
    """The largest changes from rise to fall, all others as one row, and the sum."""
    kept = known if len(known) <= most + 1 else known.iloc[:most]
    rest = known.iloc[len(kept) :]
    columns = ["cost", "before", "change"]
    rows = [kept.sort_values("change", ascending=False, kind="stable")]
    if len(rest):
        rows.append(pd.DataFrame([{"intent": f"{len(rest)} others", **rest[columns].sum()}]))
    rows.append(pd.DataFrame([{"intent": TOGETHER, **known[columns].sum()}]))
    return pd.concat([row[["intent", *columns]] for row in rows], ignore_index=True)


def _bars(rows: pd.DataFrame, starts: np.ndarray, *, currency: str) -> list[Parts]:
    changes = rows["change"].to_numpy(dtype=float)
    kinds = ((changes > 0, "dearer", palette.RISING), (changes < 0, "cheaper", palette.FALLING))
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "base": starts[chosen],
            "x": changes[chosen],
            "y": np.flatnonzero(chosen),
            "ids": texts(rows.loc[chosen, "intent"].astype(str)),
            "marker": {"color": colour, "line": {"width": 0}},
            "hovertext": texts(
                _hover(*row, currency=currency)
                for row in rows.loc[chosen, ["intent", "before", "cost", "change"]].itertuples(index=False)
            ),
            "hoverinfo": "text",
        }
        for chosen, name, colour in kinds
        if chosen.any()
    ]


def _amounts(rows: pd.DataFrame, starts: np.ndarray, *, currency: str) -> Parts:
    """Each change, written beyond the end its bar points to."""
    changes = rows["change"].to_numpy(dtype=float)
    sides = np.where(changes < 0, "middle left", "middle right")
    return {
        "type": "scatter",
        "mode": "text",
        "x": starts + changes,
        "y": np.arange(len(rows)),
        "text": texts(safe(f" {money_compact(change, currency, signed=True)} ") for change in changes),
        "textposition": sides,
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _steps(ends: np.ndarray) -> Parts:
    """Thin lines from where a bar ends to where the next begins."""
    y = np.arange(len(ends), dtype=float)
    gap = np.full(len(ends), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.column_stack([ends, ends, gap]).ravel(),
        "y": np.column_stack([y, y + 1, gap]).ravel(),
        "line": {"color": palette.UNSURE, "width": 1},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _hover(intent: object, before: float, now: float, change: float, *, currency: str) -> str:
    was = money(before, currency) if is_known(before) else "not known"
    return f"{heading(intent)}{safe(f'{was} before, {money(now, currency)} now: ')}" + safe(
        money(change, currency, signed=True)
    )


def _range(at: np.ndarray) -> list[float]:
    """Ends of the axis, with room for the amounts beyond the bars."""
    low, high = min(float(at.min()), 0.0), max(float(at.max()), 0.0)
    room = max(high - low, 0.01) * _ROOM_FOR_TEXT
    return [low - room if low < 0 else low, high + room]
