"""A fishbone: what may have led to an effect, cause by cause on the bones of a spine; wide, or as a list for phones."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts import palette
from cx_metrics.charts.frame import Parts, figure, heading, safe, short, texts
from cx_metrics.charts.numbers import count, is_known

CONFIRMED, SUSPECTED, RULED_OUT = "confirmed", "suspected", "ruled out"
STATES = (CONFIRMED, SUSPECTED, RULED_OUT)
MOST_ON_BONE = 8
"""So many causes of a bone are drawn, confirmed ones first; the bone says how many there are beyond."""
MOST_BONES = 8
_SYMBOLS = {CONFIRMED: "circle", SUSPECTED: "circle-open", RULED_OUT: "x-thin-open"}
_COLOURS = {CONFIRMED: palette.OURS, SUSPECTED: palette.OURS, RULED_OUT: palette.UNSURE}
_ROW, _FIRST_ABOVE, _FIRST_BELOW, _TIP, _NAME = 44, 16, 44, 46, 30
_SPINE_END, _SLANT = 84.0, 4.0
_LINE_HEIGHT, _LIST_LINE, _LIST_TEXT = 16, 44, 120
_CHARACTERS = 105
"""So many characters of the causes stand beside each other, on all columns of bones together."""
_LEGEND = 48
_JOINED = "\u00a0"


class _Spot(NamedTuple):
    """Where a cause is drawn: its mark, the end of its line, and what is written."""

    x: float
    y: float
    to_x: float
    lines: tuple[str, ...]


def fishbone(frame: pd.DataFrame, *, effect: str, bones: Sequence[str]) -> go.Figure:
    """The causes on their bones, above and below a spine that ends in the effect; of about 1,000 pixels' width.

    A filled mark is a confirmed cause, a hollow one a suspected one; what was ruled out is pale and struck through.

    Args:
        frame: ``bone``, ``cause``, ``n`` contacts (missing where nobody counted), ``state`` (``confirmed``,
            ``suspected``, ``ruled out``) and ``whys`` as one text.
        effect: What the causes lead to.
        bones: Bones that are drawn even without causes, in their order; others come after them.
    """
    rows, names = _sorted(frame), _bones(frame, bones)
    n_columns = max(-(-len(names) // 2), 1)
    width = _SPINE_END / n_columns
    parts = [rows[rows["bone"] == name].head(MOST_ON_BONE) for name in names]
    deepest = [max((len(part) for part in parts[side::2]), default=0) for side in (0, 1)]
    most = [max(each, 2) for each in deepest]
    tips = [
        _FIRST_ABOVE + (most[0] - 1) * _ROW + _TIP,
        -(_FIRST_BELOW + (most[1] - 1) * _ROW + _TIP - _FIRST_ABOVE),
    ]
    shapes, notes, spots = [_line(0, 0, _SPINE_END + 1, 0, width=4)], [_effect(effect)], []
    for at, (name, part) in enumerate(zip(names, parts, strict=True)):
        foot, tip = (at // 2 + 1) * width, tips[at % 2]
        shapes.append(_line(foot - _SLANT, tip, foot, 0, width=2))
        notes.append(_bone_name(name, foot - _SLANT, tip, int((rows["bone"] == name).sum()) - len(part)))
        for place, cause in enumerate(part.itertuples()):
            y = _height(place, len(part), most[at % 2], above=at % 2 == 0)
            to_x = foot - _SLANT * y / tip
            spots.append(
                _Spot(to_x - 0.9 * width, y, to_x, _wrapped(cause.cause, cause.n, _CHARACTERS // n_columns, 2))
            )
    drawn = pd.concat(parts) if parts else rows
    shapes += [_line(spot.x, spot.y, spot.to_x, spot.y, width=1) for spot in spots]
    notes += [_cause_text(spot, state) for spot, state in zip(spots, drawn["state"], strict=True)]
    low, high = tips[1] - _NAME, tips[0] + _NAME
    return _picture(drawn, spots, shapes, notes, height=high - low, y=[low, high], head=True)


def fishbone_list(frame: pd.DataFrame, *, effect: str, bones: Sequence[str]) -> go.Figure:
    """The same causes bone by bone, from top to bottom: for narrow screens. Bones without causes are left out.

    Args:
        frame: As for the drawn fishbone.
        effect: What the causes lead to.
        bones: The order of the bones; others come after them.
    """
    rows = _sorted(frame)
    title = textwrap.wrap(short(effect, _LIST_TEXT), _LIST_LINE, break_long_words=True)
    y = -_LINE_HEIGHT * max(len(title), 1) - 16
    notes, spots, parts = [_listed(title, 0, 0, bold=True)], [], [rows.head(0)]
    for name in (each for each in _bones(frame, bones) if (rows["bone"] == each).any()):
        part = rows[rows["bone"] == name]
        notes.append(_listed([short(name)], 0, y, bold=True))
        y -= _LINE_HEIGHT + 8
        for cause in part.itertuples():
            lines = _wrapped(cause.cause, cause.n, _LIST_LINE - 4, 3)
            spots.append(_Spot(4, y - _LINE_HEIGHT / 2 - 3, 4, lines))
            notes.append(_listed(lines, 8, y, struck=bool(cause.state == RULED_OUT)))
            y -= _LINE_HEIGHT * len(lines) + 8
        y -= 8
        parts.append(part)
    if not spots:
        notes.append(_listed(["No cause was noted yet."], 0, y))
        y -= _LINE_HEIGHT + 8
    return _picture(pd.concat(parts), spots, [], notes, height=-int(y), y=[y, 4], head=False)


def fishbone_alt(frame: pd.DataFrame, *, effect: str) -> str:
    """What the fishbone tells, in one sentence or two."""
    if frame.empty:
        return f"Fishbone of {effect}: no cause was noted yet."
    counts = [(state, int((frame["state"] == state).sum())) for state in STATES]
    told = ", ".join(f"{n} {state}" for state, n in counts if n)
    n_bones = frame["bone"].nunique()
    n_causes = f"{len(frame)} cause{'s' if len(frame) > 1 else ''} on {n_bones} bone{'s' if n_bones > 1 else ''}"
    sure = frame.loc[frame["state"] == CONFIRMED, ["bone", "cause"]]
    named = "; ".join(f"{short(cause, 80)} ({bone})" for bone, cause in sure.itertuples(index=False))
    return f"Fishbone of {effect}: {n_causes}, {told}." + (f" Confirmed: {named}." if named else "")


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """Confirmed causes first, and of those the ones with most contacts."""
    n = pd.to_numeric(frame["n"], errors="coerce").fillna(-1)
    keys = frame.assign(_state=frame["state"].map(STATES.index), _n=-n)
    order = keys.sort_values(["_state", "_n"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _bones(frame: pd.DataFrame, usual: Sequence[str]) -> list[str]:
    """The usual bones, then the others; where they are too many, empty ones make place."""
    names = list(dict.fromkeys([*usual, *frame["bone"]]))
    used = set(frame["bone"])
    return names if len(names) <= MOST_BONES else [name for name in names if name in used]


def _height(place: int, n: int, most: int, *, above: bool) -> float:
    """Where the twig of a cause leaves its bone: the first at the top, all of them evenly spread."""
    step = (n - 1 - place if above else place) + 0.5
    at = (step * most / n - 0.5) * _ROW
    return at + _FIRST_ABOVE if above else -(at + _FIRST_BELOW)


def _wrapped(text: object, n: object, characters: int, most_lines: int) -> tuple[str, ...]:
    """The cause's words on so many lines at most, with its count of contacts at the end; not yet safe."""
    counted = f"{_JOINED}·{_JOINED}{count(n)}" if is_known(n) else ""  # type: ignore[arg-type]
    rest = f"{_JOINED}…{counted}"
    words = " ".join(str(text).split()) or "?"
    return tuple(textwrap.wrap(words + counted, max(characters, len(rest) + 8), max_lines=most_lines, placeholder=rest))


def _line(x: float, y: float, to_x: float, to_y: float, *, width: int) -> Parts:
    return {
        "type": "line",
        "x0": x,
        "y0": y,
        "x1": to_x,
        "y1": to_y,
        "layer": "below",
        "line": {"color": palette.UNSURE, "width": width},
    }


def _note(lines: Iterable[str], x: float, y: float, *, across: str, down: str, **font: object) -> Parts:
    return {
        "text": "<br>".join(map(safe, lines)),
        "x": x,
        "y": y,
        "xanchor": across,
        "yanchor": down,
        "align": across,
        "showarrow": False,
        "borderpad": 2,
        "font": {"size": 12} | font,
    }


def _effect(effect: str) -> Parts:
    lines = textwrap.wrap(short(effect, 90), 18, break_long_words=True) or [""]
    box = {"bordercolor": palette.UNSURE, "borderwidth": 1, "borderpad": 6}
    return _note(lines, _SPINE_END + 2.5, 0, across="left", down="middle", weight=600, size=13) | box


def _bone_name(name: str, x: float, tip: float, n_more: int) -> Parts:
    text = short(name, 24) + (f" (and {n_more} more)" if n_more else "")
    return _note([text], x, tip, across="center", down="bottom" if tip > 0 else "top", weight=600, size=13)


def _cause_text(spot: _Spot, state: str) -> Parts:
    note = _note(spot.lines, spot.x + 1, spot.y + 1, across="left", down="bottom", **_struck(state == RULED_OUT))
    return note | ({"opacity": 0.7} if state == RULED_OUT else {})


def _listed(lines: Sequence[str], x: float, y: float, *, bold: bool = False, struck: bool = False) -> Parts:
    font = _struck(struck) | ({"weight": 600, "size": 13} if bold else {})
    return _note(lines, x, y, across="left", down="top", **font) | ({"opacity": 0.7} if struck else {})


def _struck(struck: bool) -> dict[str, object]:
    return {"lineposition": "through"} if struck else {}


def _marks(rows: pd.DataFrame, spots: Sequence[_Spot], state: str) -> Parts:
    chosen = [int(at) for at in np.flatnonzero((rows["state"] == state).to_numpy())]
    some = rows.iloc[chosen]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": state,
        "x": np.array([spots[at].x for at in chosen], dtype=float),
        "y": np.array([spots[at].y for at in chosen], dtype=float),
        "ids": texts(some["cause"].astype(str)),
        "marker": {
            "symbol": _SYMBOLS[state],
            "color": _COLOURS[state],
            "size": 11,
            "line": {"color": _COLOURS[state], "width": 2},
        },
        "hovertext": texts(map(_hover, some["cause"], some["bone"], some["n"], some["whys"])),
        "hoverinfo": "text",
    }


def _hover(cause: object, bone: object, n: object, whys: object) -> str:
    counted = f"<br>{count(n)} contacts" if is_known(n) else ""  # type: ignore[arg-type]
    chain = "".join(f"<br>{safe(line)}" for line in textwrap.wrap(f"Why? {whys}", 60)) if whys else ""
    return f"{heading(cause)}{safe(bone)}{counted}{chain}"


def _picture(
    rows: pd.DataFrame,
    spots: Sequence[_Spot],
    shapes: list[Parts],
    notes: list[Parts],
    *,
    height: int,
    y: list[float],
    head: bool,
) -> go.Figure:
    marks = [_marks(rows, spots, state) for state in STATES if (rows["state"] == state).any()]
    arrow = {
        "type": "scatter",
        "mode": "markers",
        "x": np.array([_SPINE_END + 1.2 if head else 0.0]),
        "y": np.array([0.0]),
        "marker": {"symbol": "triangle-right", "size": 14, "color": palette.UNSURE, "opacity": 1 if head else 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    hidden = {"visible": False, "fixedrange": True}
    return figure(
        [arrow, *marks],
        height=height + _LEGEND,
        shapes=shapes,
        annotations=notes,
        xaxis=hidden | {"range": [-2, 100]},
        yaxis=hidden | {"range": y},
    )
