from __future__ import annotations

import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.pareto import alt, bundled, pareto
from tests.charts.frames import NASTY, check, pareto_frame


def test_every_contact_is_drawn_largest_on_top() -> None:
    frame = pareto_frame([50, 30, 15, 5])
    figure = pareto(frame)
    check(figure)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [x for bar in bars for x in bar.x] == [50, 30, 15, 5]
    assert [y for bar in bars for y in bar.y] == [0, 1, 2, 3]
    assert [name for bar in bars for name in bar.ids] == list(frame["intent"])
    assert figure.layout.yaxis.range == (3.5, -0.5)


def test_blue_bars_bring_80_percent() -> None:
    heavy, rest, _ = pareto(pareto_frame([50, 30, 15, 5])).data
    assert (list(heavy.x), heavy.marker.color) == ([50, 30], palette.OURS)
    assert (list(rest.x), rest.marker.color) == ([15, 5], palette.UNSURE)


def test_the_mark_lies_below_the_row_that_reaches_80_percent() -> None:
    (mark,) = pareto(pareto_frame([50, 29, 16, 5])).layout.shapes
    assert mark.y0 == mark.y1 == 2.5
    assert not pareto(pareto_frame([10] * 4)).layout.shapes  # reached in the last row only


def test_sums_stand_beside_the_bars() -> None:
    sums = pareto(pareto_frame([50, 30, 15, 5])).data[-1]
    assert [text.replace("\u202f", " ") for text in sums.text] == [
        "50 &#37;",
        "80 &#37;",
        "95 &#37;",
        "100 &#37;",
    ]


def test_intents_beyond_the_most_stand_together() -> None:
    frame = pareto_frame(list(range(40, 0, -1)))
    rows = bundled(frame, 12)
    assert rows["intent"].iloc[-1] == "28 others"
    assert rows["contacts"].sum() == frame["contacts"].sum()
    assert rows["cumulative_share"].iloc[-1] == pytest.approx(1)
    assert sum(sum(bar.x) for bar in pareto(frame).data[:-1]) == frame["contacts"].sum()


def test_a_single_other_stays_itself() -> None:
    assert bundled(pareto_frame([3, 2, 1]), 2)["intent"].tolist() == ["i0", "i1", "i2"]


def test_one_intent_and_none() -> None:
    check(pareto(pareto_frame([7])))
    empty = pareto(pareto_frame([]))
    check(empty)
    assert empty.layout.annotations[0].text == "No contacts in this period"


def test_names_are_shown_letter_by_letter() -> None:
    figure = pareto(pareto_frame([5, 4, 3, 2, 1], NASTY))
    check(figure)
    assert "<b>&lt;b&gt;x&lt;/b&gt;</b><br>5 contacts" in figure.data[0].hovertext[0]
    assert figure.layout.yaxis.ticktext[:2] == ("&lt;b&gt;x&lt;/b&gt;", "A &amp; B")


def test_alt_says_the_heaviest_and_how_few_make_most() -> None:
    said = alt(pareto_frame([5000, 2900, 1600, 500])).replace("\u202f", " ")
    assert said == "i0 brings most contacts: 5 000, 50 % of all; 3 of 4 intents make up 80 %."
    assert alt(pareto_frame([])) == "No contacts to show."


def test_a_last_row_on_both_sides_of_the_mark_belongs_to_neither() -> None:
    """30 alike: the twelve named bring 40 %, and the mark lies inside the 18 others."""
    figure = pareto(pareto_frame([10] * 30))
    assert [trace.name for trace in figure.data[:2]] == ["the 12 largest", "the rest"]
    assert list(figure.data[1].x) == [180]
    assert not figure.layout.shapes
