"""How many customers made contact how often."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import count_axis, figure, nothing, safe, texts
from cx_metrics.charts.numbers import count, percent

NO_CUSTOMERS = "no customer ids in this period"
HEIGHT = 240


def distribution(frame: pd.DataFrame) -> go.Figure:
    """Customers by how many contacts they made, as bars with their share on top.

    Args:
        frame: ``contacts`` (the class as text), ``customers`` and their ``share`` in 0..1.
    """
    if not frame["customers"].sum():
        return nothing(NO_CUSTOMERS)
    classes = [safe(_words(name)) for name in frame["contacts"]]
    bars = {
        "type": "bar",
        "x": np.arange(len(frame)),
        "y": frame["customers"].to_numpy(),
        "marker": {"color": palette.OURS, "line": {"width": 0}},
        "text": texts(safe(percent(share, 1)) for share in frame["share"]),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": texts(
            f"<b>{name}</b><br>{safe(f'{count(customers)} customers, {percent(share, 1)}')}"
            for name, customers, share in zip(classes, frame["customers"], frame["share"], strict=True)
        ),
        "hoverinfo": "text",
    }
    xaxis = {
        "tickmode": "array",
        "tickvals": list(range(len(frame))),
        "ticktext": [safe(str(name).replace("-", "–")) for name in frame["contacts"]],
        "title": {"text": "contacts"},
        "showgrid": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
    }
    yaxis = count_axis(frame["customers"].max() * 1.1, title={"text": "customers"})
    return figure([bars], height=HEIGHT, xaxis=xaxis, yaxis=yaxis, bargap=0.35, showlegend=False)


def alt(frame: pd.DataFrame) -> str:
    """What the picture tells, in one sentence."""
    total = frame["customers"].sum()
    if not total:
        return "No customer ids in this period."
    once, often = frame["share"].iloc[0], frame["customers"].iloc[-2:].sum() / total
    said = f"{percent(once)} of {count(total)} customers made one contact, {percent(often)} made five or more"
    return f"{said}."


def _words(name: object) -> str:
    return "1 contact" if name == "1" else f"{str(name).replace('-', '–')} contacts"
