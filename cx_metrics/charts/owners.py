"""Who pays for contacts: a bar for each owner, handling and what follows from it end to end."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, texts
from cx_metrics.charts.numbers import count, money, money_compact, percent

NO_DATA = "nothing is billed in this month"
MOST_ROWS = 12
_ROOM_FOR_TEXT = 1.45
_SUMMED = ["contacts", "direct", "downstream", "total", "share"]
_SERIES = (("direct", "handling", palette.OURS), ("downstream", "downstream", palette.CATEGORIES[1]))


def owners(frame: pd.DataFrame, *, currency: str, nobody: str, most: int = MOST_ROWS) -> go.Figure:
    """What each payer owes, the largest on top and what nobody owns last, hatched.

    Args:
        frame: ``owner``, ``contacts``, ``direct``, ``downstream``, ``total`` in money and ``share`` in 0..1, in
            that order of rows.
        currency: ISO 4217 code of the amounts.
        nobody: How the frame calls the payer of what nobody owns.
        most: Rows at most besides that one; the smaller payers stand together.
    """
    if frame.empty or not frame["total"].fillna(0).any():
        return nothing(NO_DATA)
    rows = bundled(frame, most, nobody=nobody)
    yaxis, height = row_axis(rows["owner"])
    widest = max(float(rows["total"].max()), 0.01)
    return figure(
        [*(_bars(rows, *series, currency=currency, nobody=nobody) for series in _SERIES), _totals(rows, currency)],
        height=height,
        yaxis=yaxis,
        xaxis={"visible": False, "fixedrange": True, "range": [0, widest * _ROOM_FOR_TEXT]},
        barmode="stack",
        bargap=0.3,
    )


def alt(frame: pd.DataFrame, *, currency: str) -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["total"].notna()] if len(frame) else frame
    if known.empty:
        return "Nothing is billed."
    said = [
        f"{row['owner']} {money(row['total'], currency)} ({percent(row['share'])})"
        for _, row in known.iloc[:MOST_ROWS].iterrows()
    ]
    return f"{', '.join(said)}."


def bundled(frame: pd.DataFrame, most: int, *, nobody: str) -> pd.DataFrame:
    """The largest payers as they are, the smaller ones as one row, and what nobody owns; unknown amounts as 0."""
    rows = frame[["owner", *_SUMMED]].fillna(dict.fromkeys(_SUMMED, 0.0))
    is_owned = rows["owner"] != nobody
    owned, unowned = rows[is_owned], rows[~is_owned]
    if len(owned) > most + 1:
        rest = owned.iloc[most:]
        others = pd.DataFrame([{"owner": f"{len(rest)} others", **rest[_SUMMED].sum()}])
        owned = pd.concat([owned.iloc[:most], others])
    return pd.concat([owned, unowned], ignore_index=True)


def _bars(rows: pd.DataFrame, column: str, name: str, colour: str, *, currency: str, nobody: str) -> Parts:
    hatched = np.where(rows["owner"] == nobody, "/", "")
    return {
        "type": "bar",
        "orientation": "h",
        "name": safe(name),
        "x": rows[column].to_numpy(dtype=float),
        "y": np.arange(len(rows)),
        "ids": texts(f"{column} {owner}" for owner in rows["owner"]),
        "marker": {"color": colour, "line": {"width": 0}, "pattern": {"shape": hatched, "fillmode": "replace"}},
        "hovertext": texts(_hover(row, currency) for row in rows.to_dict("records")),
        "hoverinfo": "text",
    }


def _totals(rows: pd.DataFrame, currency: str) -> Parts:
    """The amount and its share of the bill, at the end of each bar."""
    pairs = zip(rows["total"], rows["share"], strict=True)
    return {
        "type": "scatter",
        "mode": "text",
        "x": rows["total"].to_numpy(dtype=float),
        "y": np.arange(len(rows)),
        "text": texts(safe(f"  {money_compact(total, currency)} · {percent(share)}") for total, share in pairs),
        "textposition": "middle right",
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _hover(row: Mapping[Hashable, Any], currency: str) -> str:
    direct, downstream, total = (money(row[name], currency) for name in ("direct", "downstream", "total"))
    paid = f"{total} for {count(row['contacts'])} contacts"
    return f"{heading(row['owner'])}{safe(paid)}<br>{safe(f'{direct} handling, {downstream} downstream')}"
