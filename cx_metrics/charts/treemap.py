"""Where the money goes: categories as fields, intents as fields in them, each as large as its cost."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import figure, heading, nothing, safe, short, texts
from cx_metrics.charts.numbers import count, money, money_compact, percent

NO_DATA = "no cost is known in this period"
HEIGHT = 380
MOST_NAME = 40
_LEAST_TEXT = 11
# White reaches 4.5:1 on both, whatever the page around them is.
_ON_FIELD, _FIELD, _HEAD = "#FFFFFF", palette.OURS, "#495057"


def treemap(frame: pd.DataFrame, *, currency: str) -> go.Figure:
    """Fields for categories and in them for intents; where lies what is said by words, not by colours.

    Args:
        frame: ``category``, ``intent``, ``cost`` in money, above 0, ``cost_share`` in 0..1, ``category_cost`` and
            ``contacts``.
        currency: ISO 4217 code of the amounts.
    """
    if frame.empty:
        return nothing(NO_DATA)
    total = float(frame["cost"].sum())
    heads = frame.drop_duplicates("category")
    n_heads = len(heads)
    names = [*heads["category"], *frame["intent"]]
    costs = [*heads["category_cost"], *frame["cost"]]
    contacts = [*heads["category"].map(frame.groupby("category")["contacts"].sum()), *frame["contacts"]]
    numbers = {name: f"category {at}" for at, name in enumerate(heads["category"])}
    keys = [*numbers.values(), *(f"intent {at}" for at in range(len(frame)))]
    trace = {
        "type": "treemap",
        "branchvalues": "remainder",
        "ids": texts(keys),
        "labels": texts(safe(short(name, MOST_NAME)) for name in names),
        "parents": texts([*[""] * n_heads, *frame["category"].map(numbers)]),
        # Fields of categories are as large as what is in them.
        "values": [0.0] * n_heads + [float(cost) for cost in frame["cost"]],
        "text": texts(safe(f"{money_compact(cost, currency)} · {percent(cost / total)}") for cost in costs),
        "textinfo": "label+text",
        "textfont": {"color": _ON_FIELD},
        "marker": {"colors": [_HEAD] * n_heads + [_FIELD] * len(frame), "line": {"width": 1}},
        "pathbar": {"visible": False},
        "tiling": {"pad": 2},
        "hovertext": texts(
            f"{heading(name)}{safe(f'{money(cost, currency)}, {percent(cost / total, 1)} of all')}"
            f"<br>{safe(f'{count(n)} contacts')}"
            for name, cost, n in zip(names, costs, contacts, strict=True)
        ),
        "hoverinfo": "text",
    }
    return figure([trace], height=HEIGHT, uniformtext={"minsize": _LEAST_TEXT, "mode": "hide"})


def alt(frame: pd.DataFrame, *, currency: str) -> str:
    """What the picture tells, in one sentence."""
    if frame.empty:
        return "No cost is known."
    total = frame["cost"].sum()
    heads = frame.drop_duplicates("category")
    said = [
        f"{row['category']} {money(row['category_cost'], currency)} ({percent(row['category_cost'] / total)})"
        for _, row in heads.head(5).iterrows()
    ]
    more = f" and {count(len(heads) - 5)} more categories" if len(heads) > 5 else ""
    return f"Cost by category: {', '.join(said)}{more}."
