"""What each intent or channel costs: handling and downstream from it, end to end."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, nothing, row_axis, safe, short, texts
from cx_metrics.charts.numbers import count, is_known, money, money_compact, percent, price

NO_DATA = "no contacts in this period"
MOST_ROWS = 12
DIRECT, DOWNSTREAM = ("handling", palette.OURS), ("downstream", palette.CATEGORIES[1])
"""Name and colour of the two parts of every cost."""
_ROOM_FOR_TEXT = 1.5
_MOST_REASON = 52
_SUMMED = ["cost", "direct", "downstream", "repeats", "contacts", "unpriced_contacts"]


def stacked(frame: pd.DataFrame, *, currency: str, by: str = "intent", most: int = MOST_ROWS) -> go.Figure:
    """A bar per row, the dearest on top: handling, then downstream; at its end the sum and the share of repeats.

    Args:
        frame: What names a row, ``cost``, ``direct``, ``downstream``, ``repeats`` in money, ``contacts``,
            ``unpriced_contacts``, ``reason`` where the cost is not known; dearest first.
        currency: ISO 4217 code of the amounts.
        by: The column that names a row.
        most: Rows at most; the cheaper ones stand together in one more.
    """
    if frame.empty:
        return nothing(NO_DATA)
    rows = bundled(frame, by, most)
    yaxis, height = row_axis(rows[by])
    widest = max(float(rows["cost"].max()) if rows["cost"].notna().any() else 0.0, 0.01)
    known = rows["cost"].notna().to_numpy()
    return figure(
        [
            _bars(rows, known, "direct", DIRECT, by=by, currency=currency),
            _bars(rows, known, "downstream", DOWNSTREAM, by=by, currency=currency),
            _words(rows, by=by, currency=currency),
        ],
        height=height,
        yaxis=yaxis,
        xaxis={"visible": False, "fixedrange": True, "range": [0, widest * _ROOM_FOR_TEXT]},
        barmode="stack",
        bargap=0.3,
    )


def alt(frame: pd.DataFrame, *, currency: str, by: str = "intent") -> str:
    """What the picture tells, in one sentence."""
    known = frame[frame["cost"].notna()] if len(frame) else frame
    if known.empty:
        return "No cost is known." if len(frame) else "No contacts to show."
    first, total = known.iloc[0], known["cost"].sum()
    downstream = percent(known["downstream"].sum() / total) if total else percent(None)
    unknown = f"; the cost of {count(len(frame) - len(known))} is not known" if len(known) < len(frame) else ""
    share = f", {percent(first['cost'] / total)} of {money(total, currency)}" if total else ""
    return (
        f"{first[by]} costs most: {money(first['cost'], currency)}{share}; {downstream} of all is downstream{unknown}."
    )


def bundled(frame: pd.DataFrame, by: str, most: int) -> pd.DataFrame:
    """The dearest rows as they are, all others as one; a single other stays itself."""
    if len(frame) <= most + 1:
        return frame
    rest = frame.iloc[most:]
    sums = {name: rest[name].sum(min_count=1) for name in _SUMMED}
    others = {by: f"{len(rest)} others", **sums, "reason": "what these cost is not known"}
    return pd.concat([frame.iloc[:most], pd.DataFrame([others])], ignore_index=True)


def _bars(
    rows: pd.DataFrame, known: np.ndarray, column: str, look: tuple[str, str], *, by: str, currency: str
) -> Parts:
    some = rows[known]
    name, colour = look
    return {
        "type": "bar",
        "orientation": "h",
        "name": safe(name),
        "x": some[column].fillna(0.0).to_numpy(dtype=float),
        "y": np.flatnonzero(known),
        "ids": texts(f"{column} {key}" for key in some[by]),
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertext": texts(_hover(row, by, currency) for row in some.to_dict("records")),
        "hoverinfo": "text",
    }


def _words(rows: pd.DataFrame, *, by: str, currency: str) -> Parts:
    """At the end of each bar the sum and how much of it repeats are; where there is no bar, why."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": rows["cost"].fillna(0.0).to_numpy(dtype=float),
        "y": np.arange(len(rows)),
        "ids": texts(rows[by].astype(str)),
        "text": texts(safe(f"  {_said(row, currency)}") for row in rows.to_dict("records")),
        "textposition": "middle right",
        "cliponaxis": False,
        "showlegend": False,
        "hovertext": texts(_hover(row, by, currency) for row in rows.to_dict("records")),
        "hoverinfo": "text",
    }


def _said(row: Mapping[Hashable, Any], currency: str) -> str:
    if not is_known(row["cost"]):
        return short(row["reason"], _MOST_REASON)
    total = money_compact(row["cost"], currency)
    if not is_known(row["direct"]):
        return f"{total} · handling not known"
    known = is_known(row["repeats"]) and row["cost"]
    return f"{total} · {percent(row['repeats'] / row['cost'])} repeats" if known else total


def _hover(row: Mapping[Hashable, Any], by: str, currency: str) -> str:
    if not is_known(row["cost"]):
        return f"{heading(row[by])}not known: {safe(row['reason'])}"
    direct, downstream = money(row["direct"], currency), money(row["downstream"], currency)
    lines = [
        f"{money(row['cost'], currency)} for {count(row['contacts'])} contacts",
        f"{direct} handling, {downstream} downstream",
        f"{money(row['repeats'], currency)} of it repeats",
    ]
    if is_known(row.get("per_contact")):
        lines.append(f"{price(row['per_contact'], currency)} a contact")
    if row["unpriced_contacts"]:
        lines.append(f"{count(row['unpriced_contacts'])} contacts have no price")
    return heading(row[by]) + "<br>".join(map(safe, lines))
