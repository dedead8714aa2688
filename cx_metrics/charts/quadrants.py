"""The intents of one corner of the value-irritant matrix, ranked by what they cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, short, texts
from cx_metrics.charts.numbers import count, is_known, money_compact

OWNED, UNOWNED = "owned", "unowned"
NOBODY = "No intent here"
MOST_ROWS = 8
_OWNER_CHARACTERS = 22
_ROOM_FOR_TEXT = 2.6
_BAR = 0.7


def quadrant(frame: pd.DataFrame, *, top: float, currency: str | None, most: int = MOST_ROWS) -> go.Figure:
    """Bars as long as the cost, costliest on top, each with its owner; hollow where nobody owns the intent.

    Those beyond ``most`` stand together in a last row, which has no bar: a sum doesn't compare with single ones.

    Args:
        frame: ``intent``, ``cost``, ``contacts``, ``owner``, ``department``, costliest first.
        top: The largest cost (contacts, without a currency) of all quadrants, so that bars compare among them.
        currency: Of the costs, as ISO 4217 has it; None draws contacts instead.
        most: Rows at most, without the last one.
    """
    if frame.empty:
        return nothing(NOBODY)
    rows = _bundled(frame, most)
    yaxis, height = row_axis(rows["intent"])
    size = rows["cost" if currency else "contacts"].astype(float).fillna(0).to_numpy(copy=True)
    size[len(frame) if len(rows) == len(frame) else most :] = 0
    owned = rows["owner"].notna().to_numpy()
    traces = [
        _bars(rows, size, owned, OWNED, currency, {"color": palette.OURS, "line": {"width": 0}}),
        _bars(
            rows,
            size,
            ~owned,
            UNOWNED,
            currency,
            {"color": palette.BAND, "line": {"width": 1.5, "color": palette.UNSURE}},
        ),
    ]
    return figure(
        [trace for trace in traces if len(trace["x"])],
        height=height,
        yaxis=yaxis,
        xaxis={"visible": False, "fixedrange": True, "range": [0, max(top, 1e-9) * _ROOM_FOR_TEXT]},
        barmode="overlay",
    )


def alt(frame: pd.DataFrame, *, currency: str | None) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return f"{NOBODY}."
    first = frame.iloc[0]
    unowned = int(frame["owner"].isna().sum())
    return f"{count(len(frame))} intents, {count(unowned)} unowned; first: {first['intent']}, {_size(first, currency)}."


def _bundled(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first rows as they are, all others as one row that says how many of them nobody owns."""
    if len(frame) <= most + 1:
        return frame
    rest = frame.iloc[most:]
    costs = rest["cost"].astype(float)
    others = {
        "intent": f"{len(rest)} others",
        "contacts": rest["contacts"].sum(),
        "cost": costs.sum() if costs.notna().any() else None,
        "owner": f"{rest['owner'].isna().sum()} unowned",
    }
    return pd.concat([frame.iloc[:most], pd.DataFrame([others])], ignore_index=True)


def _bars(
    rows: pd.DataFrame, size: np.ndarray, chosen: np.ndarray, name: str, currency: str | None, marker: Parts
) -> Parts:
    some = rows[chosen]
    said = [(_size(row, currency), _owner(row)) for _, row in some.iterrows()]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": size[chosen],
        "y": np.flatnonzero(chosen),
        "ids": texts(some["intent"].astype(str)),
        "width": _BAR,
        "marker": marker,
        "text": texts(
            safe(f"{amount} · {short(UNOWNED if pd.isna(name) else name, _OWNER_CHARACTERS)}")
            for (amount, _), name in zip(said, some["owner"], strict=True)
        ),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": texts(
            f"{heading(row['intent'])}{safe(amount)}, {safe(count(row['contacts']))} contacts<br>{safe(owner)}"
            for (_, row), (amount, owner) in zip(some.iterrows(), said, strict=True)
        ),
        "hoverinfo": "text",
    }


def _size(row: pd.Series, currency: str | None) -> str:
    if currency is None:
        return count(row["contacts"])
    return money_compact(row["cost"], currency) if is_known(row["cost"]) else "cost not known"


def _owner(row: pd.Series) -> str:
    if pd.isna(row["owner"]):
        return UNOWNED
    department = row.get("department")
    return str(row["owner"]) if department is None or pd.isna(department) else f"{row['owner']}, {department}"
