from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts.strip import alt, strip
from tests.charts.frames import check, traces


def strip_frame() -> pd.DataFrame:
    """Three windows for each scope; the longest is not known."""
    frame = pd.DataFrame({"scope": ["same intent"] * 3 + ["any intent"] * 3, "window": [1, 7, 30] * 2})
    frame["value"] = [0.9, 0.8, np.nan, 0.85, 0.7, np.nan]
    frame["low"], frame["high"], frame["n"] = frame["value"] - 0.01, frame["value"] + 0.01, 500
    return frame.assign(reason=pd.Series([None, None, "too early", None, None, "too early"], dtype=object))


def test_two_dots_beside_each_other_in_every_window() -> None:
    figure = strip(strip_frame())
    check(figure)
    (same,) = [t for t in traces(figure, "same intent") if "markers" in t.mode]
    (other,) = [t for t in traces(figure, "any intent") if "markers" in t.mode]
    assert (same.y.tolist(), other.y.tolist()) == ([0.9, 0.8], [0.85, 0.7])
    assert np.round(same.x).tolist() == np.round(other.x).tolist() == [0, 1]
    assert (other.x - same.x > 0.2).all()
    assert (same.marker.symbol, other.marker.symbol) == ("circle", "square")
    assert list(figure.layout.xaxis.ticktext) == ["1 day", "7 days", "30 days<br>can't tell"]


def test_nothing_and_alt() -> None:
    for frame in (strip_frame().iloc[:0], strip_frame().iloc[2:3]):
        check(strip(frame))
        assert not strip(frame).data
    said = alt(strip_frame()).replace("\u202f", " ")
    same, other = (
        "same intent: 90 % within 1 day, 80 % within 7 days",
        "any intent: 85 % within 1 day, 70 % within 7 days",
    )
    assert said == f"Solved at first contact, {same}; {other}."
    assert alt(strip_frame().iloc[2:3]) == "Not known: too early."
    assert alt(strip_frame().iloc[:0]) == "No contacts to show."
