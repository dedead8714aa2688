from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts.drivers import effects, effects_alt, split, split_alt
from tests.charts.frames import NASTY, check, traces

MODEL = pd.DataFrame(
    {
        "attribute": ["product", "product", "product", "product", "channel"],
        "level": ["Fiber", "Cable", "Mobile", "other levels", "phone"],
        "n": [1000, 700, 300, 40, 2040],
        "came_back": [200, 210, 40, 9, 459],
        "effect": [0.0, 0.08, -0.06, 0.02, 0.0],
        "low": [np.nan, 0.04, -0.1, -0.1, np.nan],
        "high": [np.nan, 0.12, -0.02, 0.14, np.nan],
    }
)
CHANGE = pd.DataFrame(
    {
        "intent": ["Router", "Bill"],
        "n": [100, 300],
        "n_before": [150, 250],
        "rate": [0.25, 0.2],
        "rate_before": [0.45, 0.18],
        "rate_effect": [-0.06, 0.012],
        "mix_effect": [-0.01, -0.002],
    }
)


def test_levels_stand_from_most_to_least_each_with_what_can_be_said() -> None:
    figure = effects(MODEL, attribute="product")
    check(figure)
    assert list(figure.layout.yaxis.ticktext) == ["Cable", "other levels", "Fiber", "Mobile"]
    kinds = {
        name: dict(zip(trace.ids, trace.x, strict=True))
        for name in ("comes back more", "comes back less", "can't tell", "compared with")
        for trace in traces(figure, name)
    }
    assert kinds == {
        "comes back more": {"Cable": 0.08},
        "comes back less": {"Mobile": -0.06},
        "can't tell": {"other levels": 0.02},
        "compared with": {"Fiber": 0.0},
    }
    (hollow,) = traces(figure, "can't tell")
    assert hollow.marker.symbol == "circle-open"


def test_hovers_say_points_with_interval_and_counts() -> None:
    figure = effects(MODEL, attribute="product")
    (more,), (base,) = traces(figure, "comes back more"), traces(figure, "compared with")
    assert more.hovertext[0].replace("\u202f", " ") == (
        "<b>Cable</b><br>all else alike +8.0 pts, likely +4.0 pts to +12.0 pts<br>210 of 700 issues: 30.0 &#37;"
    )
    assert base.hovertext[0].replace("\u202f", " ") == (
        "<b>Fiber</b><br>the others are compared with it<br>200 of 1 000 issues: 20.0 &#37;"
    )


def test_zero_is_on_the_axis() -> None:
    figure = effects(MODEL.iloc[[0, 1]], attribute="product")
    ticks = dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
    assert ticks[0].replace("\u202f", " ") == "0 pts"
    assert figure.layout.xaxis.range[1] >= 0.12


def test_bars_are_rate_and_mix_of_each_level() -> None:
    figure = split(CHANGE, by="intent", most=5)
    check(figure)
    rate, mix = figure.data
    assert (rate.name, mix.name) == ("comes back more or less often", "more or fewer of these contacts")
    assert (rate.x.tolist(), mix.x.tolist()) == ([-0.06, 0.012], [-0.01, -0.002])
    assert rate.marker.color != mix.marker.color
    assert rate.hovertext[0].replace("\u202f", " ") == (
        "<b>Router</b><br>came back: 45.0 &#37; before, 25.0 &#37; now: -6.0 pts<br>"
        "issues: 150 before, 100 now: -1.0 pts"
    )
    assert len(split(CHANGE, by="intent", most=1).data[0].x) == 1


def test_names_are_shown_letter_by_letter() -> None:
    check(effects(MODEL.assign(attribute="product", level=NASTY), attribute="product"))
    check(split(CHANGE.assign(intent=NASTY[:2]), by="intent"))


@pytest.mark.parametrize("name", ["effects", "split"])
def test_nothing(name: str) -> None:
    figure = effects(MODEL, attribute="team") if name == "effects" else split(CHANGE.iloc[:0], by="intent")
    check(figure)
    assert not figure.data


def test_alt() -> None:
    assert effects_alt(MODEL, attribute="product").replace("\u202f", " ") == (
        "Against Fiber, all else alike: 1 come back more, 1 less; most: Cable with +8 pts, least: Mobile with -6 pts."
    )
    assert split_alt(CHANGE, by="intent").replace("\u202f", " ") == (
        "Rates brought -4.8 pts, the mix -1.2 pts; most by Router: -6.0 pts and -1.0 pts."
    )
    assert effects_alt(MODEL, attribute="team") == split_alt(CHANGE.iloc[:0], by="intent")
