from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts.cohorts import alt, cohorts
from tests.charts.frames import check, traces

REASON = "not yet known: 3 of 40 issues are not yet 7 days old at the data cut-off"


def frame() -> pd.DataFrame:
    """Three weeks and two columns: known, few, young; the last of the second week has fewer than 10."""
    return pd.DataFrame(
        {
            "period": ["2026-09-07", "2026-09-07", "2026-09-14", "2026-09-14", "2026-09-21", "2026-09-21"],
            "days": [1, 7, 1, 7, 1, 7],
            "value": [0.1, 0.25, 0.2, np.nan, 0.15, np.nan],
            "low": [0.07, 0.2, 0.1, np.nan, 0.1, np.nan],
            "high": [0.14, 0.3, 0.35, np.nan, 0.2, np.nan],
            "n": [200, 200, 25, 9, 40, 40],
            "came_back": pd.array([20, 50, 5, None, 6, None], dtype="Int64"),
            "young": [0, 0, 0, 0, 1, 3],
            "known": [True, True, True, True, True, False],
            "few": [False, False, True, True, False, False],
            "reason": [None, None, None, "fewer than 10 new issues in this week", None, REASON],
        }
    )


def test_known_cells_are_coloured_and_few_are_grey() -> None:
    figure = cohorts(frame())
    check(figure)
    known, few = [trace for trace in figure.data if trace.type == "heatmap"]
    assert np.nan_to_num(known.z, nan=-1).tolist() == [[0.1, 0.25], [-1, -1], [0.15, -1]]
    assert np.nan_to_num(few.z, nan=-1).tolist() == [[-1, -1], [0.2, -1], [-1, -1]]
    said = known.hovertext[0][1].replace("\u202f", " ")
    assert said == (
        "<b>week from 7 Sep 26, within 7 days</b><br>25.0 &#37;, likely 20.0 – 30.0 &#37;<br>50 of 200 issues"
    )


def test_what_is_not_known_yet_is_hatched_and_never_numbered() -> None:
    figure = cohorts(frame())
    (hatched,) = traces(figure, "not yet known")
    assert (list(hatched.x), hatched.marker.pattern.shape) == ([1], "/")
    assert (hatched.base[0], hatched.base[0] + hatched.y[0]) == (1.54, 2.46)
    assert REASON in hatched.hovertext[0]
    words = {
        (x, y): text
        for trace in figure.data
        if trace.type == "scatter"
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True)
    }
    plain = {place: text.replace("\u202f&#37;", "") for place, text in words.items()}
    assert plain == {(0, 0): "10", (1, 0): "25", (0, 1): "20", (1, 1): "–", (0, 2): "15"}


def test_a_cell_says_how_many_of_its_issues_are_younger() -> None:
    (known, _) = [trace for trace in cohorts(frame()).data if trace.type == "heatmap"]
    assert known.hovertext[2][0].endswith("6 of 40 issues; 1 not yet that old count as far as they are known")


def test_a_week_without_issues_is_a_dash_and_not_hatched() -> None:
    figure = cohorts(
        frame().assign(n=[0, 0, 25, 9, 40, 40], value=[np.nan, np.nan, 0.2, np.nan, 0.15, np.nan], known=False)
    )
    (hatched,) = traces(figure, "not yet known")
    assert list(zip(hatched.x, hatched.base, strict=True)) == [(1, 0.54), (1, 1.54)]
    dashes = [
        (x, y) for t in figure.data if t.type == "scatter" for x, y, s in zip(t.x, t.y, t.text, strict=True) if s == "–"
    ]
    assert dashes == [(0, 0), (1, 0)]


def test_axes_name_weeks_with_their_issues_and_days() -> None:
    layout = cohorts(frame()).layout
    assert list(layout.xaxis.ticktext) == ["1 day", "7 days"]
    assert list(layout.yaxis.ticktext) == ["7 Sep 26 · 200", "14 Sep 26 · 25", "21 Sep 26 · 40"]
    assert layout.yaxis.range[0] > layout.yaxis.range[1]  # the oldest week stands on top


def test_all_young_still_shows_every_cell() -> None:
    young = frame().assign(value=np.nan, known=False, few=False, reason=REASON)
    figure = cohorts(young)
    check(figure)
    (hatched,) = traces(figure, "not yet known")
    assert len(hatched.x) == 6
    assert alt(young) == "No week is old enough, or has 10 issues, to know how many came back."


def test_nothing_and_alt() -> None:
    for empty in (frame().iloc[:0], frame().assign(n=0, value=np.nan, known=False)):
        figure = cohorts(empty)
        check(figure)
        assert not figure.data
    assert alt(frame()).replace("\u202f", " ") == (
        "Came back within 7 days: least 25 % of the week from 7 Sep 26, most 25 % of the week from 7 Sep 26; cells "
        "not yet known: 1."
    )
