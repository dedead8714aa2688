from __future__ import annotations

import numpy as np
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.rates import alt, is_sure, rates
from tests.charts.frames import NASTY, check, rates_frame, traces


def test_every_row_is_drawn_where_it_can_be_told_and_where_it_cannot() -> None:
    figure = rates(rates_frame(), first="highest")
    check(figure)
    (known,), (unsure,) = traces(figure, "observed"), traces(figure, "can't tell")
    assert dict(zip(known.ids, known.x, strict=True)) == {"a": 0.2, "d": 0.4}
    assert dict(zip(unsure.ids, unsure.x, strict=True)) == {"b": 0.5}
    (reason,) = [t for t in figure.data if t.mode == "text"]
    assert list(reason.ids) == ["c"]
    assert reason.text[0] == "too early: no contact is older than 7 days"
    assert reason.hovertext[0] == "<b>c</b><br>not known: too early: no contact is older than 7 days"


def test_hollow_and_grey_is_what_cannot_be_told() -> None:
    figure = rates(rates_frame(), first="highest")
    (known,), (unsure,) = traces(figure, "observed"), traces(figure, "can't tell")
    assert (known.marker.symbol, known.marker.color) == ("circle", palette.OURS)
    assert (unsure.marker.symbol, unsure.marker.color) == ("circle-open", palette.UNSURE)


def test_intervals_are_lines_from_low_to_high() -> None:
    figure = rates(rates_frame(), first="highest")
    (lines,) = [t for t in figure.data if t.mode == "lines" and t.legendgroup == "observed"]
    assert np.nan_to_num(lines.x).tolist() == [0.35, 0.45, 0, 0.18, 0.22, 0]
    assert np.nan_to_num(lines.y).tolist() == [1, 1, 0, 2, 2, 0]


@pytest.mark.parametrize(("first", "expected"), [("highest", ["b", "d", "a", "c"]), ("lowest", ["a", "d", "b", "c"])])
def test_rows_without_a_value_stand_below(first: str, expected: list[str]) -> None:
    axis = rates(rates_frame(), first="highest" if first == "highest" else "lowest").layout.yaxis
    assert list(axis.ticktext) == expected


def test_ten_points_to_each_side_are_still_told() -> None:
    frame = rates_frame().iloc[[0]].assign(low=0.1, high=0.3)
    assert is_sure(frame).tolist() == [True]
    assert is_sure(frame.assign(high=0.31)).tolist() == [False]
    assert is_sure(frame.assign(low=None, high=None)).tolist() == [True]  # a full count has no interval


def test_all_unknown_still_names_every_row() -> None:
    figure = rates(rates_frame().iloc[[2]], first="highest")
    check(figure)
    assert list(figure.layout.yaxis.ticktext) == ["c"]
    assert figure.layout.xaxis.range[0] <= 0
    assert figure.layout.xaxis.range[1] >= 1


def test_another_dimension_names_the_rows() -> None:
    figure = rates(rates_frame().rename(columns={"intent": "channel"}), first="highest", by="channel")
    assert list(figure.layout.yaxis.ticktext) == ["b", "d", "a", "c"]


def test_names_are_shown_letter_by_letter() -> None:
    figure = rates(rates_frame(NASTY[:4]), first="lowest")
    check(figure)
    said = traces(figure, "observed")[0].hovertext[0].replace("\u202f", " ")
    assert said == "<b>&lt;b&gt;x&lt;/b&gt;</b><br>20.0 &#37;, likely 18.0 – 22.0 &#37;<br>of 1 500"


def test_nothing_and_alt() -> None:
    empty = rates(rates_frame().iloc[:0], first="highest")
    check(empty)
    assert not empty.data
    ends = "Highest: d with 40 % (likely 35 – 45 %); lowest: a with 20 % (likely 18 – 22 %)"
    assert alt(rates_frame()).replace("\u202f", " ") == f"{ends}; 2 of 4 can't be told."
    assert alt(rates_frame().iloc[[2]]) == "1 of 1 can't be told."
    assert alt(rates_frame().iloc[:0]) == "No contacts to show."
