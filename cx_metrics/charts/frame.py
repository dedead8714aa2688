"""What every picture shares: the layout, axes with names or shares, and text that stays text."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cx_metrics.charts.numbers import THIN, count, percent

Parts = dict[str, Any]
"""A trace or a piece of layout in Plotly's words: ten times faster to check than its objects."""

MOST_POINTS = 10_000
MOST_CHARACTERS = 34
_LINE_CHARACTERS = 20
_HOVER_CHARACTERS, _HOVER_LINE = 240, 48
_ROW, _TALL_ROW, _AROUND_ROWS = 26, 36, 64
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_TICKS = 6
# & < > are Plotly's HTML, % starts a placeholder, $ a formula, # a colour Streamlit may swap for another.
_MARKUP = str.maketrans({"%": "&#37;", "$": "&#36;"})

LAYOUT: Parts = {
    # Whatever draws the figure brings its own; Plotly would copy its default one into every figure.
    "template": {},
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "separators": f".{THIN}",
    "dragmode": False,
    "hovermode": "closest",
    "hoverlabel": {"align": "left", "namelength": -1},
    "legend": {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "traceorder": "normal",
    },
}


def figure(traces: Sequence[Parts], *, height: int, **layout: Any) -> go.Figure:
    """The traces in the shared layout; too many points are said instead of drawn.

    Args:
        traces: As Plotly's dictionaries, numbers as arrays.
        height: In pixels.
        **layout: What this picture adds to the shared layout.
    """
    n_points = sum(len(trace["x"] if "x" in trace else trace["ids"]) for trace in traces)
    if n_points > MOST_POINTS:
        return nothing(f"{count(n_points)} points are too many to read: choose fewer lines or longer periods")
    # Checking takes Plotly five times as long as drawing; the tests check every kind of figure instead.
    return go.Figure(data=list(traces), layout=LAYOUT | {"height": height} | layout, _validate=False)


def nothing(reason: str) -> go.Figure:
    """An empty picture that says why there is nothing to see."""
    hidden = {"visible": False, "fixedrange": True}
    note = {
        "text": safe(reason[:1].upper() + reason[1:]).replace("\n", "<br>"),
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
    }
    return go.Figure(layout=LAYOUT | {"height": 120, "xaxis": hidden, "yaxis": hidden, "annotations": [note]})


def safe(text: object) -> str:
    """Text from data as Plotly shows it letter by letter: no markup, no placeholder, no colour of a theme."""
    escaped = html.escape(str(text), quote=False).replace("#", "&#35;")
    return escaped.translate(_MARKUP)


def short(text: object, most: int = MOST_CHARACTERS) -> str:
    """Text on one line, cut with ``…`` where it is longer than ``most`` characters; not yet safe."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def label(text: object) -> str:
    """A name for an axis: safe, shortened, on at most two lines."""
    lines = textwrap.wrap(short(text), _LINE_CHARACTERS, break_long_words=True) or [""]
    kept = lines if len(lines) <= 2 else [lines[0], " ".join(lines[1:])]
    return "<br>".join(map(safe, kept))


def heading(text: object) -> str:
    """A name at the top of a hover: safe, bold, in full up to a few lines."""
    lines = textwrap.wrap(short(text, _HOVER_CHARACTERS), _HOVER_LINE) or [""]
    return f"<b>{'<br>'.join(map(safe, lines))}</b><br>"


def texts(items: Iterable[str]) -> np.ndarray:
    """Texts as Plotly takes and copies them fastest."""
    return np.array(list(items), dtype=str)


def row_axis(names: Iterable[object]) -> tuple[Parts, int]:
    """A vertical axis with one named row each, from the top, and the height such a figure needs.

    Rows stand at 0, 1, 2, ..., so that two intents whose shortened names are alike stay two.
    """
    labels = [label(name) for name in names]
    axis = {
        "range": [len(labels) - 0.5, -0.5],
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }
    row = _TALL_ROW if any("<br>" in text for text in labels) else _ROW
    return axis, row * len(labels) + _AROUND_ROWS


def share_axis(lowest: float, highest: float, **more: Any) -> Parts:
    """An axis for shares in 0..1 whose ends are the round shares around the values given."""
    span = max(highest - lowest, 0.02)
    step = next((s for s in _STEPS if span / s <= _MOST_TICKS - 1), _STEPS[-1])
    # A trifle of tolerance, so that 0.3 / 0.1 is 3 steps.
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    ticks = [step * at for at in range(max(first, 0), max(last, first + 1) + 1)]
    return {
        "range": [ticks[0] - step / 5, ticks[-1] + step / 5],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [percent(tick) for tick in ticks],
        "fixedrange": True,
        "zeroline": False,
        "automargin": True,
        "tickangle": 0,
    } | more


def count_axis(highest: float, **more: Any) -> Parts:
    """An axis for counts from 0 to a little above the highest."""
    few = {"dtick": 1} if highest < 5 else {}
    return (
        {
            "range": [0, max(highest, 1) * 1.08],
            "tickformat": ",d",
            "nticks": 6,
            "fixedrange": True,
            "zeroline": False,
            "automargin": True,
        }
        | few
        | more
    )
