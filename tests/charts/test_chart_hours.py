from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts.hours import alt, hours
from tests.charts.frames import NASTY, check, traces


def hours_frame(names: tuple[str, ...] = ("a", "b", "c")) -> pd.DataFrame:
    """An hour to ten, no time at all to ten hours, and one not known."""
    return pd.DataFrame(
        {
            "intent": names[:3],
            "contacts": [100, 90, 4],
            "ended": [90, 90, 0],
            "not_ended": [10, 0, 4],
            "median_hours": [1.0, 0.0, np.nan],
            "p90_hours": [10.0, 10.0, np.nan],
            "expected_hours": [24.0, np.nan, 8.0],
            "kept": [0.95, np.nan, np.nan],
            "reason": pd.Series([None, None, "none is known to have ended"], dtype=object),
        }
    )


def test_dots_stand_on_a_logarithmic_scale() -> None:
    figure = hours(hours_frame())
    check(figure)
    (dots,), (rings,) = traces(figure, "half are solved by"), traces(figure, "9 of 10 are solved by")
    assert dots.x.tolist() == pytest.approx([0.0, np.log10(1 / 60)])  # nothing is drawn as a minute
    assert rings.x.tolist() == pytest.approx([1.0, 1.0])
    assert rings.marker.symbol == "circle-open"
    ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert ticks["1\u202fh"] == 0.0
    assert ticks["24\u202fh"] == pytest.approx(np.log10(24))


def test_what_was_promised_is_an_upright_line_in_its_row() -> None:
    (ticks,) = traces(hours(hours_frame()), "promised")
    assert ticks.x.tolist() == pytest.approx([np.log10(24), np.log10(8)])
    assert ticks.y.tolist() == [0, 2]
    said = ticks.hovertext[0].replace("\u202f", " ").replace("&#37;", "%")
    assert said == (
        "<b>a</b><br>half within 1 h, 9 of 10 within 10 h<br>promised within 24 h: kept for 95 %"
        "<br>90 ended, 10 not ended"
    )


def test_a_reason_stands_where_nothing_is_known() -> None:
    (why,) = [trace for trace in hours(hours_frame()).data if trace.mode == "text"]
    assert (list(why.ids), list(why.text)) == (["c"], ["none is known to have ended"])


def test_channels_without_a_promise() -> None:
    frame = hours_frame(NASTY[:3]).rename(columns={"intent": "channel"}).drop(columns=["expected_hours", "kept"])
    figure = hours(frame, by="channel")
    check(figure)
    assert not traces(figure, "promised")


def test_nothing_and_alt() -> None:
    check(hours(hours_frame().iloc[:0]))
    check(hours(hours_frame().iloc[2:]))
    said = alt(hours_frame()).replace("\u202f", " ")
    ends = "Longest: a with a median of 1 h (9 of 10 within 10 h); shortest: b with a median of under 1 min"
    assert said == f"{ends} (9 of 10 within 10 h)."
    assert alt(hours_frame().iloc[2:]) == "No contacts known to have ended."
