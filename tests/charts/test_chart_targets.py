from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.targets import MOST, alt, group, targets
from tests.charts.frames import NASTY, check, traces

WORDS = ("missed", "too close to call", "too few", "met", None, "too early")


def verdict_frame(names: tuple[str, ...] = ("a", "b", "c", "d", "e", "f")) -> pd.DataFrame:
    """A verdict of each kind; the last has no value."""
    value = [0.5, 0.7, 0.6, 0.9, 0.8, np.nan]
    frame = pd.DataFrame({"intent": names[:6], "value": value, "n": [900, 400, 40, 800, 700, 0]})
    frame["low"], frame["high"] = frame["value"] - 0.04, frame["value"] + 0.04
    frame["target"] = pd.Series([0.75, 0.72, 0.75, 0.85, None, 0.7], dtype=object)
    frame["verdict"] = pd.Series(WORDS, dtype=object)
    frame["n_needed"] = pd.Series([None, 2000, None, None, None, None], dtype=object)
    frame["reason"] = pd.Series([None] * 5 + ["no contacts in these weeks"], dtype=object)
    return frame.assign(**{"from": "2026-09-21", "to": "2026-10-18"})


def points(figure: Any, name: str) -> list[Any]:
    return [trace for trace in traces(figure, name) if "markers" in trace.mode]


def test_each_verdict_has_its_colour_and_what_cant_be_told_is_hollow() -> None:
    figure = targets(verdict_frame())
    check(figure)
    found = {name: points(figure, name)[0] for name in ("missed", "met", "can't tell", "no target")}
    assert {name: list(trace.ids) for name, trace in found.items()} == {
        "missed": ["a"],
        "met": ["d"],
        "can't tell": ["b", "c"],
        "no target": ["e"],
    }
    assert {name: (trace.marker.color, trace.marker.symbol) for name, trace in found.items()} == {
        "missed": (palette.MISSED, "circle"),
        "met": (palette.MET, "circle"),
        "can't tell": (palette.UNSURE, "circle-open"),
        "no target": (palette.OURS, "circle"),
    }
    assert found["can't tell"].y.tolist() == [1, 2]


def test_targets_are_diamonds_in_the_rows_that_have_one() -> None:
    (diamonds,) = points(targets(verdict_frame()), "target")
    assert diamonds.x.tolist() == [0.75, 0.72, 0.75, 0.85, 0.7]
    assert diamonds.y.tolist() == [0, 1, 2, 3, 5]
    assert diamonds.marker.symbol.startswith("diamond")


def test_intervals_are_lines_and_the_reason_stands_in_its_row() -> None:
    figure = targets(verdict_frame())
    (line,) = [t for t in figure.data if t.legendgroup == "missed" and t.mode == "lines"]
    assert line.x[:2].tolist() == pytest.approx([0.46, 0.54])
    (why,) = [t for t in figure.data if t.mode == "text"]
    assert (list(why.ids), why.y.tolist(), list(why.text)) == (["f"], [5], ["no contacts in these weeks"])


def test_the_hover_says_what_is_missing() -> None:
    (dots,) = points(targets(verdict_frame()), "can't tell")
    said = dots.hovertext[0].replace("\u202f", " ").replace("&#37;", "%")
    assert said == (
        "<b>b</b><br>70.0 %, likely 66.0 – 74.0 %<br>of 400 first contacts, 2026-09-21 to 2026-10-18"
        "<br>target 72 %: too close to call<br>about 1 600 more needed"
    )


def test_at_most_forty_rows_and_names_letter_by_letter() -> None:
    many = pd.concat([verdict_frame()] * 10, ignore_index=True)
    assert len(targets(many).layout.yaxis.ticktext) == MOST
    check(targets(verdict_frame((*NASTY, "last"))))


def test_nothing_and_alt() -> None:
    check(targets(verdict_frame().iloc[:0]))
    said = "Intents against their targets: 1 missed, 1 met, 3 can't tell, 1 no target"
    assert alt(verdict_frame()).replace("\u202f", " ") == f"{said}; most customers short at a with 50 % of 75 %."
    assert alt(verdict_frame().iloc[3:4]) == "Intents against their targets: 1 met."
    assert alt(verdict_frame().iloc[:0]) == "No intents to judge."
    assert [group(word) for word in WORDS] == ["missed", "can't tell", "can't tell", "met", "no target", "can't tell"]


def test_all_unknown_still_names_every_row() -> None:
    figure = targets(verdict_frame().iloc[[5]].assign(target=None))
    check(figure)
    assert list(figure.layout.yaxis.ticktext) == ["f"]
