from __future__ import annotations

import pandas as pd

from cx_metrics.charts import palette
from cx_metrics.charts.movers import alt, movers
from tests.charts.frames import NASTY, check, movers_frame, traces

FRAME = movers_frame([-30, 20, 8, -5, 0], [True, True, False, None, False])


def test_every_change_is_drawn_from_rise_to_fall() -> None:
    figure = movers(FRAME)
    check(figure)
    drawn = sorted((y, x, name) for bar in figure.data for y, x, name in zip(bar.y, bar.x, bar.ids, strict=True))
    assert drawn == [(0, 20, "i1"), (1, 8, "i2"), (2, 0, "i4"), (3, -5, "i3"), (4, -30, "i0")]


def test_colour_word_and_fill_tell_the_kinds_apart() -> None:
    figure = movers(FRAME)
    (rising,), (falling,) = traces(figure, "rising"), traces(figure, "falling")
    (usual,), (unjudged,) = (
        traces(figure, "within what is usual"),
        traces(figure, "can't tell yet what is usual"),
    )
    assert (list(rising.x), rising.marker.color, list(rising.text)) == ([20], palette.RISING, ["+20"])
    assert (list(falling.x), falling.marker.color, list(falling.text)) == ([-30], palette.FALLING, ["-30"])
    assert (list(usual.x), usual.marker.color) == ([8, 0], palette.pale(palette.UNSURE))
    assert list(unjudged.x) == [-5]
    assert {bar.marker.line.width for bar in (usual, unjudged)} == {1}


def test_the_rest_stands_below_as_its_net_change() -> None:
    changes = [100 - at if at % 2 else at - 100 for at in range(40)]
    frame = movers_frame(changes, [True] * 40)
    figure = movers(frame, most=10)
    (rest,) = traces(figure, "the rest, net")
    assert (list(rest.y), list(rest.ids)) == ([10], ["30 others"])
    assert sum(x for bar in figure.data for x in bar.x) == sum(changes)
    assert list(rest.x) == [sum(changes[10:])]


def test_there_is_room_for_the_number_beyond_the_longest_bar() -> None:
    low, high = movers(FRAME).layout.xaxis.range
    assert low < -30 - 0.15 * 50
    assert high > 20 + 0.15 * 50
    assert movers(movers_frame([5], [True])).layout.xaxis.range[0] == 0


def test_no_comparison_says_why() -> None:
    frame = FRAME.assign(change=None, before=None, beyond=None, reason="the data knows no day of the period in full")
    figure = movers(frame)
    assert not figure.data
    assert figure.layout.annotations[0].text == ("No comparison: the data knows no day of the period in full")
    assert alt(frame) == "No comparison: the data knows no day of the period in full."


def test_names_are_shown_letter_by_letter_and_hovers_say_both_counts() -> None:
    figure = movers(movers_frame([5, 4, 3, 2, 1], [True] * 5, NASTY))
    check(figure)
    said = figure.data[0].hovertext[1].replace("\u202f", " ")
    assert said == "<b>A &amp; B</b><br>100 before, 104 now: +4, +4 &#37;<br>rising"


def test_an_intent_that_is_new_has_no_rate() -> None:
    figure = movers(movers_frame([9], [True]).assign(before=0))
    assert "&#37;" not in figure.data[0].hovertext[0]


def test_nothing_and_alt() -> None:
    empty = movers(FRAME.iloc[:0])
    check(empty)
    assert empty.layout.annotations[0].text == "No contacts in either period"
    assert alt(FRAME.iloc[:0]) == "No contacts to compare."
    assert alt(FRAME) == "i1 rose most (+20) and i0 fell most (-30); 2 of 4 changes are more than usual."
    assert alt(movers_frame([3], [None])) == "i0 rose most (+3); it is too early to tell what is usual."
    assert alt(movers_frame([0], [False])) == "No intent changed."


def test_pandas_missing_values_count_as_unjudged() -> None:
    figure = movers(FRAME.assign(beyond=pd.array([True, True, None, None, None], dtype="boolean")))
    assert list(traces(figure, "can't tell yet what is usual")[0].x) == [8, 0, -5]
