"""Which intents changed most since a comparison period, and which of that is more than usual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import change, count, is_known, percent

NO_DATA = "no contacts in either period"
MOST_ROWS = 12
_ROOM_FOR_TEXT = 0.22


@dataclass(frozen=True)
class _Kind:
    """How a change of one kind looks."""

    name: str
    colour: str
    hollow: bool


RISING = _Kind("rising", palette.RISING, hollow=False)
FALLING = _Kind("falling", palette.FALLING, hollow=False)
USUAL = _Kind("within what is usual", palette.UNSURE, hollow=True)
UNJUDGED = _Kind("can't tell yet what is usual", palette.UNSURE, hollow=True)
REST = _Kind("the rest, net", palette.UNSURE, hollow=False)


def movers(frame: pd.DataFrame, *, most: int = MOST_ROWS) -> go.Figure:
    """Change of contacts per intent as bars to both sides, the largest rise on top.

    Args:
        frame: ``intent``, ``contacts``, ``before``, ``change``, ``beyond`` and ``reason``, the largest change
            first.
        most: Rows at most; the intents beyond stand together in the last one.
    """
    if frame.empty:
        return nothing(NO_DATA)
    if frame["change"].isna().any():
        return nothing(f"no comparison: {frame['reason'].iloc[0]}")
    rows, kinds = _rows(frame, most)
    yaxis, height = row_axis(rows["intent"])
    shown = [kind for kind in (RISING, FALLING, USUAL, UNJUDGED, REST) if kind in kinds]
    return figure(
        [_bars(rows, np.array([k is kind for k in kinds]), kind) for kind in shown],
        height=height,
        yaxis=yaxis,
        xaxis={
            "range": _range(rows["change"]),
            "visible": True,
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "fixedrange": True,
        },
        bargap=0.3,
        barmode="overlay",
    )


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No contacts to compare."
    if frame["change"].isna().any():
        return f"No comparison: {frame['reason'].iloc[0]}."
    ends = [
        f"{row['intent']} {word} most ({change(row['change'])})"
        for row, word in ((_end(frame, True), "rose"), (_end(frame, False), "fell"))
        if row is not None
    ]
    if not ends:
        return "No intent changed."
    said = " and ".join(ends)
    judged = frame["beyond"].dropna()
    if judged.empty:
        return f"{said}; it is too early to tell what is usual."
    return f"{said}; {count(judged.astype(bool).sum())} of {count(len(judged))} changes are more than usual."


def _end(frame: pd.DataFrame, rise: bool) -> pd.Series | None:
    """The largest rise, or the largest fall."""
    moved = frame[frame["change"] > 0] if rise else frame[frame["change"] < 0]
    return None if moved.empty else moved.iloc[0]


def _rows(frame: pd.DataFrame, most: int) -> tuple[pd.DataFrame, list[_Kind]]:
    """The largest changes from rise to fall with their kinds, then all others as one row."""
    kept = frame if len(frame) <= most + 1 else frame.iloc[:most]
    rows = kept.sort_values("change", ascending=False, kind="stable", ignore_index=True)
    kinds = [_kind(*pair) for pair in zip(rows["change"], rows["beyond"], strict=True)]
    rest = frame.iloc[len(kept) :]
    if rest.empty:
        return rows, kinds
    sums = {name: rest[name].sum() for name in ("contacts", "before", "change")}
    others = pd.DataFrame([{"intent": f"{len(rest)} others"} | sums])
    return pd.concat([rows[["intent", *sums]], others], ignore_index=True), [*kinds, REST]


def _kind(difference: int, beyond: bool | None) -> _Kind:
    if pd.isna(beyond):
        return UNJUDGED
    if not beyond:
        return USUAL
    return RISING if difference > 0 else FALLING


def _bars(rows: pd.DataFrame, chosen: np.ndarray, kind: _Kind) -> Parts:
    of_kind = rows[chosen]
    return {
        "type": "bar",
        "orientation": "h",
        "name": kind.name,
        "x": of_kind["change"].to_numpy(),
        "y": np.flatnonzero(chosen),
        "ids": texts(of_kind["intent"].astype(str)),
        "marker": {
            "color": palette.pale(kind.colour) if kind.hollow else kind.colour,
            "line": {"color": kind.colour, "width": 1 if kind.hollow else 0},
        },
        "text": texts(map(change, of_kind["change"])),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": texts(
            _hover(kind, *row)
            for row in zip(of_kind["intent"], of_kind["contacts"], of_kind["before"], of_kind["change"], strict=True)
        ),
        "hoverinfo": "text",
    }


def _hover(kind: _Kind, intent: object, contacts: int, before: int, difference: int) -> str:
    rate = f", {percent(difference / before, signed=True)}" if is_known(before) and before else ""
    counts = safe(f"{count(before)} before, {count(contacts)} now: {change(difference)}{rate}")
    return f"{heading(intent)}{counts}<br>{kind.name}"


def _range(differences: pd.Series) -> list[float]:
    """Ends of the axis, with room for a number beyond the longest bar of each side."""
    low, high = min(float(differences.min()), 0.0), max(float(differences.max()), 0.0)
    room = max(high - low, 1.0) * _ROOM_FOR_TEXT
    return [low - room if low < 0 else low, high + room]
