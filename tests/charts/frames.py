"""Frames as the metrics give them, made up, and what every figure must hold to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

NASTY = ("<b>x</b>", "A & B", "%{y} 100%", "$x^2$", "#000001")


def trend_frame(n: int = 5, *, start: str = "2025-11-03", step: int = 1) -> pd.DataFrame:
    """Counts 10, 20, ... of 4 periods or more: no band at both ends, the third above, the fourth below."""
    days = np.datetime64(start) + step * np.arange(n)
    frame = pd.DataFrame({"period": days.astype(str), "value": 10 * np.arange(1, n + 1)})
    frame["complete"] = np.arange(n) < n - 1
    frame["low"], frame["high"] = frame["value"] - 3.5, frame["value"] + 4.5
    frame.loc[2, "high"] = 29.0
    frame.loc[3, "low"] = 41.0
    frame.loc[[0, n - 1], ["low", "high"]] = np.nan
    return frame


def pareto_frame(contacts: Sequence[int], names: Sequence[str] | None = None) -> pd.DataFrame:
    """Intents named i0, i1, ... or as given, with these contacts."""
    frame = pd.DataFrame({"intent": names or [f"i{at}" for at in range(len(contacts))], "contacts": contacts})
    frame["share"] = frame["contacts"] / max(frame["contacts"].sum(), 1)
    return frame.assign(cumulative_share=frame["share"].cumsum())


def movers_frame(
    changes: Sequence[int], beyond: Sequence[bool | None], names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Intents of 100 contacts before, with these changes."""
    frame = pd.DataFrame({"intent": names or [f"i{at}" for at in range(len(changes))], "change": changes})
    frame["before"], frame["contacts"] = 100, 100 + frame["change"]
    return frame.assign(beyond=pd.Series(beyond, dtype=object), reason=None)


def rates_frame(names: Sequence[str] = ("a", "b", "c", "d")) -> pd.DataFrame:
    """Known, known with a wide interval, without a value, known."""
    return pd.DataFrame(
        {
            "intent": names,
            "value": [0.2, 0.5, np.nan, 0.4],
            "low": [0.18, 0.38, np.nan, 0.35],
            "high": [0.22, 0.62, np.nan, 0.45],
            "n": [1500, 60, 0, 370],
            "reason": [None, None, "too early: no contact is older than 7 days", None],
        }
    )


def traces(figure: go.Figure, name: str) -> list[Any]:
    """The traces of that name in the legend."""
    return [trace for trace in figure.data if trace.name == name]


def strings(value: object) -> Iterator[str]:
    """Every text in a figure's dictionary, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype.kind in "OU"):
        for part in value:
            yield from strings(part)


def check(figure: go.Figure) -> None:
    """Plotly accepts every property, the shared layout holds, and no text can be taken for markup."""
    drawn = figure.to_dict()
    go.Figure(drawn)
    layout = figure.layout
    assert [layout.margin[side] for side in "ltb"] == [8, 8, 8]
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.dragmode is False
    assert layout.font.to_plotly_json() == {}
    assert layout.title.text is None
    for trace in figure.data:
        assert trace.hoverinfo in {"text", "skip"} or not len(trace.x) or "<extra></extra>" in str(trace.hovertemplate)
    # An id is never shown: it is the intent as it stands in the data.
    shown = [{key: part for key, part in trace.items() if key != "ids"} for trace in drawn["data"]]
    assert not [text for text in strings([shown, drawn["layout"]]) for nasty in NASTY if nasty in text]
