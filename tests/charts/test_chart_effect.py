from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.effect import ACTUAL, EXPECTED, WASHOUT, alt, effect
from tests.charts.frames import check, traces

PLAIN = str.maketrans({"\u202f": " "})


def effect_frame(n_after: int = 14) -> pd.DataFrame:
    """56 days of 20 before, 7 of washout, then 10 a day where 20 were expected, 8 to 30."""
    n = 56 + 7 + n_after
    days = np.datetime64("2026-04-20") + np.arange(n)
    phases = ["before"] * 56 + ["washout"] * 7 + ["after"] * n_after
    frame = pd.DataFrame({"day": days.astype(str), "phase": phases, "contacts": [20] * 56 + [10] * (n - 56)})
    frame[["expected", "low", "high"]] = np.where((np.arange(n) >= 56)[:, None], [20.0, 8.0, 30.0], np.nan)
    return frame


def test_the_line_the_counterfactual_the_fix_and_the_washout() -> None:
    figure = effect(effect_frame())
    check(figure)
    (actual,), (expected,), (washout,) = (traces(figure, name) for name in (ACTUAL, EXPECTED, WASHOUT))
    assert (actual.line.color, len(actual.x)) == (palette.OURS, 77)
    assert expected.y.tolist() == [20.0] * 21
    assert (expected.line.dash, expected.line.color) == ("dash", palette.UNSURE)
    assert washout.x.astype("datetime64[D]").astype(str).tolist() == [f"2026-06-{day}" for day in range(15, 22)]
    assert washout.marker.pattern.shape == "/"
    assert set(washout.y.tolist()) == {figure.layout.yaxis.range[1]}
    (line,), (name,) = figure.layout.shapes, figure.layout.annotations
    assert line.x0 == line.x1 == name.x == "2026-06-14T12"
    assert name.text == "fix on 15 Jun"
    said = actual.hovertext[-1].replace("\u202f", " ").replace("&#37;", "%")
    assert said == "Sun 5 Jul 2026<br>10 contacts<br>expected 20.0, 95 % of days 8 – 30"


def test_the_band_closes_around_the_range() -> None:
    (band,) = traces(effect(effect_frame()), "95 &#37; of days")
    assert sorted(set(band.y.tolist())) == [8.0, 30.0]
    assert (len(band.x), band.fillcolor) == (42, palette.BAND)


def test_a_pause_is_called_one() -> None:
    assert effect(effect_frame(), what="pause").layout.annotations[0].text == "pause on 15 Jun"


def test_without_a_counterfactual_only_what_came() -> None:
    frame = effect_frame().assign(expected=np.nan, low=np.nan, high=np.nan)
    figure = effect(frame)
    check(figure)
    assert {trace.name for trace in figure.data} == {ACTUAL, WASHOUT}
    assert alt(frame).translate(PLAIN) == (
        "140 contacts in the 14 days judged; what there would have been without it can't be told."
    )


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (
            effect_frame(),
            (
                "140 contacts in the 14 days judged: 10.0 a day, where 20.0 were to be expected; "
                "14 of 14 days lie in the expected range."
            ),
        ),
        (effect_frame(0), "No day after the washout is known in full."),
        (effect_frame().head(0), "No day after the washout is known in full."),
    ],
    ids=["after", "washout", "empty"],
)
def test_alt(frame: pd.DataFrame, said: str) -> None:
    assert alt(frame).translate(PLAIN) == said


def test_nothing_to_draw_and_a_fix_to_come() -> None:
    assert effect(effect_frame().head(0)).layout.annotations[0].text == "No day around the fix is known in full"
    before = effect(effect_frame().head(40))
    check(before)
    assert len(before.layout.shapes) == 0
