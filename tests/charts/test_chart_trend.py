from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.trend import MOST_SERIES, NO_DATA, alt, trend
from tests.charts.frames import NASTY, check, traces, trend_frame


def days(values: Any) -> list[str]:
    return [str(day) for day in np.asarray(values, dtype="datetime64[D]")]


def points(figure: go.Figure, *names: str) -> dict[str, int]:
    """Counts by day over all traces of these names."""
    found: dict[str, int] = {}
    for name in names:
        for trace in traces(figure, name):
            found |= dict(zip(days(trace.x), trace.y.tolist(), strict=True))
    return found


def several(n: int) -> pd.DataFrame:
    parts = (trend_frame().assign(intent=f"i{at}", value=trend_frame()["value"] * (at + 1)) for at in range(n))
    frame: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return frame


def test_every_period_is_drawn_once_complete_or_not() -> None:
    frame = trend_frame()
    figure = trend(frame, grain="day")
    check(figure)
    expected = dict(zip(frame["period"], frame["value"], strict=True))
    assert points(figure, "contacts", "not complete yet") == expected
    (hollow,) = traces(figure, "not complete yet")
    assert days(hollow.x) == ["2025-11-07"]
    assert hollow.marker.symbol == "circle-open"
    assert hollow.showlegend


def test_the_open_period_hangs_on_a_dashed_line() -> None:
    dashed = [t for t in trend(trend_frame(), grain="day").data if t.line.dash == "dot"]
    assert len(dashed) == 1
    assert np.nan_to_num(dashed[0].y).tolist() == [0, 0, 0, 40, 50]


def test_a_first_period_cut_off_is_not_called_unfinished() -> None:
    frame = trend_frame()
    frame.loc[0, "complete"] = False
    figure = trend(frame, grain="day")
    assert [t.name for t in figure.data if t.marker.symbol == "circle-open"] == ["not complete"]


def test_the_band_is_a_closed_shape_where_there_is_one() -> None:
    frame = trend_frame()
    (band,) = traces(trend(frame, grain="day"), "expected")
    assert band.fill == "toself"
    inside = frame.iloc[1:4]
    assert days(band.x) == [*inside["period"], *inside["period"][::-1]]
    assert band.y.tolist() == [*inside["high"], *inside["low"][::-1]]


def test_a_band_with_a_gap_is_two_shapes() -> None:
    frame = trend_frame(7)
    frame.loc[3, ["low", "high"]] = np.nan
    (band,) = traces(trend(frame, grain="day"), "expected")
    assert np.isnan(band.y).sum() == 1
    assert np.isnat(band.x.astype("datetime64[ms]")).sum() == 1
    assert band.y.size == 2 * 2 + 1 + 2 * 2


def test_periods_outside_the_band_are_marked_by_shape_and_colour() -> None:
    figure = trend(trend_frame(), grain="day")
    (above,), (below,) = traces(figure, "above expected"), traces(figure, "below expected")
    assert (days(above.x), above.y.tolist()) == (["2025-11-05"], [30])
    assert (days(below.x), below.y.tolist()) == (["2025-11-06"], [40])
    assert (above.marker.symbol, above.marker.color) == ("triangle-up", palette.RISING)
    assert (below.marker.symbol, below.marker.color) == ("triangle-down", palette.FALLING)


def test_the_hover_says_where_a_period_lies() -> None:
    (line,) = traces(trend(trend_frame(), grain="day"), "contacts")
    words = [text.split("%{y:,d}")[1].split(" the")[0].split("<")[0] for text in line.hovertemplate]
    assert words == [", too early for a band", ", within", ", above", ", below"]
    assert line.customdata[1].tolist() == [17, 25]  # 16.5 and 24.5, half up


def test_volume_without_a_band_is_drawn_as_well() -> None:
    bare = trend_frame()[["period", "value", "complete"]]
    empty = bare.assign(low=None, high=None)
    for frame in (bare, empty):
        figure = trend(frame, grain="day")
        check(figure)
        assert [t.name for t in figure.data if t.name] == ["contacts", "not complete yet"]


@pytest.mark.parametrize(
    ("grain", "step", "before", "expected"),
    [
        ("day", 1, "2025-10-01", ["2025-11-03", "2025-11-04", "2025-11-05", "2025-11-06"]),
        ("week", 7, "2025-10-06", ["2025-11-03", "2025-11-10", "2025-11-17", "2025-11-24"]),
    ],
)
def test_the_time_before_is_aligned_by_position(grain: Any, step: int, before: str, expected: list[str]) -> None:
    earlier = trend_frame(4, start=before, step=step)
    figure = trend(trend_frame(4, step=step), grain=grain, compare=earlier)
    check(figure)
    (line,) = traces(figure, "before")
    assert days(line.x) == expected
    assert line.y.tolist() == earlier["value"].tolist()
    assert list(line.customdata) == earlier["period"].tolist()


def test_months_before_are_aligned_by_month() -> None:
    months = pd.DataFrame({"period": ["2025-01-01", "2025-02-01", "2025-03-01"], "value": 1, "complete": True})
    earlier = months.assign(period=["2024-10-01", "2024-11-01", "2024-12-01"])
    (line,) = traces(trend(months, grain="month", compare=earlier), "before")
    assert days(line.x) == ["2025-01-01", "2025-02-01", "2025-03-01"]


def test_several_intents_keep_every_point_and_have_a_letter_each() -> None:
    frame = several(MOST_SERIES)
    figure = trend(frame, grain="day", by="intent")
    check(figure)
    solid = [t for t in figure.data if t.name and t.name[0] in "ABCDEF"]
    assert [t.name for t in solid] == [
        f"{letter}  i{at}" for letter, at in zip("ABCDEF", range(5, -1, -1), strict=True)
    ]
    assert [t.line.color for t in solid] == list(palette.CATEGORIES)
    for trace in solid:
        part = frame[frame["intent"] == trace.name[3:]]
        hollow = [t for t in traces(figure, "not complete yet") if t.legendgroup == trace.legendgroup]
        assert [*trace.y, *hollow[0].y] == part["value"].tolist()
    assert [note.text for note in figure.layout.annotations] == [f"<b>{letter}</b>" for letter in "ABCDEF"]
    assert sum(bool(t.showlegend) for t in traces(figure, "not complete yet")) == 1


def test_letters_of_lines_that_end_together_stand_apart() -> None:
    parts = [trend_frame().assign(intent=name, value=[10, 20, 30, 40, 1000 + at]) for at, name in enumerate("abc")]
    notes = trend(pd.concat(parts), grain="day", by="intent").layout.annotations
    assert np.diff([note.yshift for note in notes]).max() <= -14


def test_seven_lines_are_refused_in_words() -> None:
    figure = trend(several(7), grain="day", by="intent")
    assert not figure.data
    assert "7 lines are too many" in figure.layout.annotations[0].text


def test_no_contacts_are_said() -> None:
    figure = trend(trend_frame().iloc[:0], grain="day")
    check(figure)
    assert figure.layout.annotations[0].text.lower() == NO_DATA


@pytest.mark.parametrize("name", NASTY)
def test_names_are_shown_letter_by_letter(name: str) -> None:
    check(trend(trend_frame().assign(intent=name), grain="day", by="intent"))


def test_one_period_alone_is_drawn() -> None:
    one = trend_frame().iloc[[4]]
    figure = trend(one, grain="day")
    check(figure)
    assert points(figure, "not complete yet") == {"2025-11-07": 50}
    json.loads(figure.to_json())


def test_alt_says_the_last_complete_period() -> None:
    said = alt(trend_frame(), grain="day").replace("\u202f", " ")
    assert said == (
        "40 contacts in the last complete day (Thu 06 Nov 2025), below the expected 41 – 45; "
        "2 of 3 days lie outside what was expected."
    )
    assert alt(trend_frame().iloc[:1], grain="week").endswith("too early for an expected band.")
    assert alt(trend_frame().iloc[4:], grain="week") == "No complete week to show."
    assert alt(several(2), grain="day", by="intent") == "Contacts in the last complete day: i1 80, i0 40."
