"""Contacts per period, with the band in which they were expected."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, count_axis, figure, nothing, safe, short
from cx_metrics.charts.numbers import count, is_known
from cx_metrics.charts.trend_lines import ABOVE, BELOW, HOVER_DATE, Grain, band, before, line, outside, place

MOST_SERIES = len(palette.CATEGORIES)
HEIGHT, TALL = 340, 400
NO_DATA = "no contacts in this period"
_LETTERS = "ABCDEF"
_LETTER_HEIGHT, _AROUND_LINES = 15, 120
_LEGEND_CHARACTERS = 24
_WHEN = {"day": "%a %d %b %Y", "week": "from %d %b %Y", "month": "%B %Y"}


def trend(
    frame: pd.DataFrame, *, grain: Grain, by: str | None = None, compare: pd.DataFrame | None = None
) -> go.Figure:
    """Contacts per period as lines: one with its expected band, or up to six without bands.

    Periods that aren't complete are hollow, after a dashed line. Points outside the band are triangles.

    Args:
        frame: ``period``, ``value``, ``complete`` in the order of time, as the trend metric gives them;
            ``low`` and ``high`` are missing while a band is being learnt.
        grain: What a period is.
        by: The column that names the line, where there are several.
        compare: ``period`` and ``value`` of an earlier time, thin and grey from the same first position.
    """
    if frame.empty:
        return nothing(NO_DATA)
    if by is not None:
        return _several(frame, grain, by)
    traces = band(frame)
    if compare is not None and len(compare):
        traces.append(before(frame, compare, grain))
    traces += line(frame, "contacts", colour=palette.OURS, judged=True, legend=True)
    return figure(traces, height=HEIGHT, **_layout(grain, _top(frame, compare)))


def alt(frame: pd.DataFrame, *, grain: Grain, by: str | None = None) -> str:
    """What the picture tells, in one sentence."""
    complete = frame[frame["complete"].astype(bool)] if len(frame) else frame
    if complete.empty:
        return f"No complete {grain} to show."
    if by is not None:
        ends = complete.drop_duplicates(by, keep="last").sort_values("value", ascending=False)
        said = [f"{name} {count(value)}" for name, value in zip(ends[by], ends["value"], strict=True)]
        return f"Contacts in the last complete {grain}: {', '.join(said)}."
    last = complete.to_dict("records")[-1]
    when = pd.Timestamp(str(last["period"])).strftime(_WHEN[grain])
    ending = f"{count(last['value'])} contacts in the last complete {grain} ({when})"
    if not is_known(last.get("low")):
        return f"{ending}; too early for an expected band."
    n_judged = complete["low"].notna().sum()
    n_outside = sum(outside(complete, side).sum() for side in (ABOVE, BELOW))
    where = place(last["value"], last["low"], last["high"])
    return f"{ending}, {where}; {count(n_outside)} of {count(n_judged)} {grain}s lie outside what was expected."


def _several(frame: pd.DataFrame, grain: Grain, by: str) -> go.Figure:
    """Lines without bands, each ending in the letter that the legend explains, largest last value first."""
    lines = [(str(name), part) for name, part in frame.groupby(by, sort=False)]
    if len(lines) > MOST_SERIES:
        return nothing(f"{len(lines)} lines are too many to tell apart: choose up to {MOST_SERIES}")
    lines.sort(key=lambda named: -float(named[1]["value"].iloc[-1]))
    top = _top(frame, None)
    traces: list[Parts] = []
    for at, (name, part) in enumerate(lines):
        title = f"{_LETTERS[at]}  {safe(short(name, _LEGEND_CHARACTERS))}"
        # Hollow marks are explained once, by the first line that has some.
        legend = not any("not complete" in str(trace.get("name")) for trace in traces)
        traces += line(part, title, colour=palette.CATEGORIES[at], judged=False, legend=legend)
    return figure(traces, height=TALL, **_layout(grain, top, _letters([part for _, part in lines], top)))


def _letters(lines: list[pd.DataFrame], top: float) -> list[Parts]:
    """The letter at the end of each line, moved apart where lines end close together."""
    pixels = (TALL - _AROUND_LINES) / max(top, 1)
    notes: list[Parts] = []
    ceiling = float("inf")
    for letter, part in zip(_LETTERS, lines, strict=False):
        period, value = part["period"].iloc[-1], float(part["value"].iloc[-1])
        placed = min(value * pixels, ceiling - _LETTER_HEIGHT)
        ceiling = placed
        note = {"x": period, "y": value, "yshift": placed - value * pixels, "text": f"<b>{letter}</b>"}
        notes.append(note | {"xshift": 6, "xanchor": "left", "showarrow": False})
    return notes


def _top(frame: pd.DataFrame, compare: pd.DataFrame | None) -> float:
    columns = [frame["value"], frame.get("high"), None if compare is None else compare["value"]]
    return max(float(column.max()) for column in columns if column is not None and column.notna().any())


def _layout(grain: Grain, top: float, notes: list[Parts] | None = None) -> Parts:
    return {
        "hovermode": "x unified",
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "automargin": True,
            "tickangle": 0,
            "showgrid": False,
            "hoverformat": HOVER_DATE[grain],
            "tickformat": "%b\n%Y" if grain == "month" else "%-d %b\n%Y",
        },
        "yaxis": count_axis(top),
        "annotations": notes or [],
        "margin": {"l": 8, "r": 24 if notes else 8, "t": 8, "b": 8},
    }
