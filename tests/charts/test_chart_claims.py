from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts import palette
from cx_metrics.charts.claims import alt, by_gap, claims
from tests.charts.frames import NASTY, check, traces


def claims_frame(names: tuple[str, ...] = ("a", "b", "c", "d")) -> pd.DataFrame:
    """Gaps of 10 and 35 points, one without claims, one where nothing is observed."""
    return pd.DataFrame(
        {
            "intent": names[:4],
            "n": [900, 800, 50, 0],
            "claims_known": [900, 800, 0, 0],
            "answers": [60, 70, 3, 0],
            "claimed": [0.9, 0.95, np.nan, np.nan],
            "observed": [0.8, 0.6, 0.7, np.nan],
            "observed_low": [0.78, 0.57, 0.6, np.nan],
            "observed_high": [0.82, 0.63, 0.8, np.nan],
            "confirmed": [0.7, 0.55, np.nan, np.nan],
            "confirmed_low": [0.6, 0.45, np.nan, np.nan],
            "confirmed_high": [0.8, 0.65, np.nan, np.nan],
            "range_low": [0.5, 0.4, np.nan, np.nan],
            "range_high": [0.8, 0.6, 0.7, np.nan],
        }
    )


def test_three_bars_per_intent_the_widest_gap_on_top() -> None:
    figure = claims(claims_frame())
    check(figure)
    assert list(figure.layout.yaxis.ticktext) == ["b", "a", "c"]
    bars = {name: traces(figure, name)[0] for name in ("claimed", "observed", "confirmed")}
    assert {name: np.nan_to_num(bar.x, nan=-1).tolist() for name, bar in bars.items()} == {
        "claimed": [0.95, 0.9, -1],
        "observed": [0.6, 0.8, 0.7],
        "confirmed": [0.55, 0.7, -1],
    }
    assert bars["observed"].marker.color == palette.OURS
    assert len({bar.marker.color for bar in bars.values()} | {palette.MET, palette.MISSED}) == 5
    assert [text.replace("\u202f", " ") for text in bars["confirmed"].text] == ["55 &#37;", "70 &#37;", ""]


def test_the_honest_range_is_a_line_from_its_lower_end_to_the_observed() -> None:
    (line,) = traces(claims(claims_frame()), "honest range")
    assert np.nan_to_num(line.x, nan=-1).tolist() == [0.4, 0.6, -1, 0.5, 0.8, -1]
    assert line.hovertext[0].replace("\u202f", " ") == "<b>b</b><br>really solved: 40 – 60 &#37;"


def test_bars_of_one_intent_do_not_overlap() -> None:
    figure = claims(claims_frame())
    places = sorted(float(bar.y[0]) for bar in figure.data if bar.type == "bar")
    width = next(bar.width for bar in figure.data if bar.type == "bar")
    assert np.diff(places).min() >= width
    assert places[0] - width / 2 > -0.5


def test_hover_names_interval_and_n() -> None:
    (bar,) = traces(claims(claims_frame(), most=1), "confirmed")
    said = bar.hovertext[0].replace("\u202f", " ").replace("&#37;", "%")
    assert said == "<b>b</b><br>confirmed: 55.0 %, likely 45.0 – 65.0 %<br>of 70"
    assert len(bar.x) == 1


def test_nothing_names_and_alt() -> None:
    check(claims(claims_frame(NASTY[:4])))
    check(claims(claims_frame().iloc[3:]))
    check(claims(claims_frame().iloc[:0]))
    assert not claims(claims_frame().iloc[3:]).data
    assert list(by_gap(claims_frame())["intent"]) == ["b", "a", "c"]
    said = alt(claims_frame()).replace("\u202f", " ")
    assert said == "Widest gap at b: claimed 95 %, observed 60 %, confirmed 55 %"
    assert alt(claims_frame().iloc[2:3]).replace("\u202f", " ") == "Widest gap at c: observed 70 %"
    assert alt(claims_frame().iloc[:0]) == "No first contacts old enough to know."
