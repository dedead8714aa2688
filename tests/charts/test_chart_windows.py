from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts.windows import alt, windows
from tests.charts.frames import check, traces

FRAME = pd.DataFrame(
    {
        "window": [1, 3, 7, 14, 30],
        "value": [0.86, 0.79, 0.71, 0.66, np.nan],
        "low": [0.85, 0.78, 0.69, 0.63, np.nan],
        "high": [0.87, 0.80, 0.73, 0.69, np.nan],
        "n": [9000, 8800, 8000, 7000, 0],
        "reason": [None, None, None, None, "too early: no first contact is older than 30 days"],
    }
)


def test_every_window_has_its_dot_and_its_interval() -> None:
    figure = windows(FRAME)
    check(figure)
    (dots,), (lines,) = traces(figure, "solved at first contact"), traces(figure, "95 % interval")
    assert dots.y.tolist() == FRAME["value"].tolist()[:4]
    assert dots.x.tolist() == [0, 1, 2, 3]
    assert np.nan_to_num(lines.y).reshape(-1, 3)[:, :2].tolist() == FRAME[["low", "high"]].iloc[:4].to_numpy().tolist()
    assert list(figure.layout.xaxis.ticktext) == ["1 day", "3 days", "7 days", "14 days", "30 days"]


def test_a_window_without_a_value_says_so_and_why() -> None:
    (unknown,) = [t for t in windows(FRAME).data if t.mode == "text"]
    assert (unknown.x.tolist(), list(unknown.text)) == ([4], ["can't tell"])
    assert unknown.hovertext[0] == "not known: too early: no first contact is older than 30 days"


def test_the_hover_says_share_interval_and_n() -> None:
    (dots,) = traces(windows(FRAME), "solved at first contact")
    said = dots.hovertext[2].replace("\u202f", " ")
    assert said == "<b>within 7 days</b><br>71.0 &#37;, likely 69.0 – 73.0 &#37;<br>of 8 000 first contacts"


def test_nothing_known_says_why() -> None:
    figure = windows(FRAME.iloc[[4]])
    check(figure)
    assert figure.layout.annotations[0].text == "Not known: too early: no first contact is older than 30 days"
    assert windows(FRAME.iloc[:0]).layout.annotations[0].text == "No contacts in this period"


def test_alt_reads_the_strip() -> None:
    said = alt(FRAME).replace("\u202f", " ")
    shares = "86 % within 1 day, 79 % within 3 days, 71 % within 7 days, 66 % within 14 days"
    assert said == f"Solved at first contact: {shares}."
    assert alt(FRAME.iloc[[4]]) == "Not known: too early: no first contact is older than 30 days."
    assert alt(FRAME.iloc[:0]) == "No contacts to show."
