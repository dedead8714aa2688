from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.control import alt, control
from tests.charts.frames import check, traces


def weeks_frame(n: int = 10) -> pd.DataFrame:
    """Weeks around 80 %: the fourth far below, the sixth far above, the last two not known."""
    days = np.datetime64("2026-08-03") + 7 * np.arange(n)
    frame = pd.DataFrame({"period": days.astype(str), "value": 0.8, "n": 300, "centre": 0.8})
    frame["limit_low"], frame["limit_high"] = 0.75, 0.85
    frame["signal"] = pd.Series([None] * n, dtype=object)
    frame["reason"] = pd.Series([None] * n, dtype=object)
    for at, value in ((3, 0.5), (5, 0.9)):
        frame.loc[at, "value"] = value
        frame.loc[at, "signal"] = "outside the limits"
    frame.loc[n - 2 :, ["value", "limit_low", "limit_high"]] = np.nan
    frame.loc[n - 2 :, "n"] = 0
    frame.loc[n - 2 :, "reason"] = "too young: <b>x</b>"
    return frame


def test_known_weeks_are_a_line_and_young_ones_hatched() -> None:
    figure = control(weeks_frame())
    check(figure)
    (line,), (young,) = traces(figure, "observed"), traces(figure, "too young")
    assert line.y.tolist() == [0.8, 0.8, 0.8, 0.5, 0.8, 0.9, 0.8, 0.8]
    assert young.x.astype("datetime64[D]").astype(str).tolist() == ["2026-09-28", "2026-10-05"]
    assert young.marker.pattern.shape == "/"
    assert young.base[0] == pytest.approx(figure.layout.yaxis.range[0])
    assert "&lt;b&gt;" in young.hovertext[0]


def test_signals_say_by_shape_and_colour_which_way() -> None:
    figure = control(weeks_frame())
    (worse,), (better,) = traces(figure, "out of the ordinary, worse"), traces(figure, "out of the ordinary, better")
    assert (worse.y.tolist(), worse.marker.color, worse.marker.symbol) == ([0.5], palette.MISSED, "triangle-down")
    assert (better.y.tolist(), better.marker.color, better.marker.symbol) == ([0.9], palette.MET, "triangle-up")
    said = worse.hovertext[0].replace("\u202f", " ").replace("&#37;", "%")
    assert said == "week from 2026-08-24<br>50.0 % of 300<br>usual 75.0 – 85.0 %<br>outside the limits"


def test_limits_go_on_over_weeks_not_yet_known() -> None:
    (band,) = traces(control(weeks_frame()), "expected")
    assert len(band.x) == 20
    assert set(band.y.tolist()) == {0.75, 0.85}


def test_without_limits_only_the_line() -> None:
    frame = weeks_frame().assign(centre=np.nan, limit_low=np.nan, limit_high=np.nan, signal=None)
    figure = control(frame)
    check(figure)
    assert {trace.name for trace in figure.data} == {"observed", "too young"}
    assert alt(frame).endswith("in the last known week, from 2026-09-21; too few weeks for limits.")


def test_nothing_and_alt() -> None:
    for frame in (weeks_frame().iloc[:0], weeks_frame().iloc[-2:]):
        check(control(frame))
        assert not control(frame).data
        assert alt(frame) == "No week is known in full."
    said = alt(weeks_frame()).replace("\u202f", " ")
    usual = "usual 75 – 85 %; 2 of 8 weeks are out of the ordinary."
    assert said == f"80 % in the last known week, from 2026-09-21; {usual}"
