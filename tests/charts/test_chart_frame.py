from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.charts.frame import (
    MOST_CHARACTERS,
    MOST_POINTS,
    count_axis,
    figure,
    heading,
    label,
    nothing,
    row_axis,
    safe,
    share_axis,
    short,
)
from tests.charts.frames import NASTY, check


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("A & B", "A &amp; B"),
        ("&lt;", "&amp;lt;"),
        ("%{y}", "&#37;{y}"),
        ("$x$", "&#36;x&#36;"),
        ("#000001", "&#35;000001"),
        ("Why \"so\" 'high'?", "Why \"so\" 'high'?"),
    ],
)
def test_safe_text_is_shown_letter_by_letter(text: str, expected: str) -> None:
    assert safe(text) == expected


@given(st.text())
def test_safe_text_reads_as_what_it_was(text: str) -> None:
    escaped = safe(text)
    assert html.unescape(escaped) == html.unescape(html.escape(text, quote=False))
    assert not set(escaped) & set("<>%$")


def test_long_text_is_cut_at_34_characters() -> None:
    assert short("a" * MOST_CHARACTERS) == "a" * MOST_CHARACTERS
    assert short("a" * (MOST_CHARACTERS + 1)) == "a" * (MOST_CHARACTERS - 1) + "…"
    assert short("two\n lines\t") == "two lines"


@given(st.text(alphabet="ab &<é ", max_size=80))
def test_labels_have_at_most_two_lines_and_lose_no_letter_before_the_cut(text: str) -> None:
    lines = label(text).split("<br>")
    assert len(lines) <= 2
    assert html.unescape("".join(lines)).replace(" ", "") == short(text).replace(" ", "")


def test_headings_keep_a_long_name_in_full_on_several_lines() -> None:
    name = "I want to know what happened with the order I placed three weeks ago"
    lines = heading(name).removeprefix("<b>").removesuffix("</b><br>").split("<br>")
    assert " ".join(lines) == name
    assert max(map(len, lines)) <= 48


def test_rows_with_the_same_label_stay_apart() -> None:
    names = ["x" * 60, "x" * 50, "x"]
    axis, _ = row_axis(names)
    assert axis["tickvals"] == [0, 1, 2]
    assert axis["ticktext"][0] == axis["ticktext"][1]
    assert axis["range"] == [2.5, -0.5]


def test_share_axis_ends_at_round_shares_around_the_values() -> None:
    axis = share_axis(0.573, 0.958)
    assert axis["tickvals"] == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert [text[:-2] for text in axis["ticktext"]] == ["50", "60", "70", "80", "90", "100"]
    assert share_axis(0.1, 0.3)["tickvals"] == pytest.approx([0.1, 0.15, 0.2, 0.25, 0.3])


@given(st.floats(0, 1), st.floats(0, 1))
def test_share_axis_holds_both_values_and_few_ticks(one: float, other: float) -> None:
    low, high = sorted((one, other))
    axis = share_axis(low, high)
    assert axis["range"][0] <= low <= high <= axis["range"][1]
    assert 2 <= len(axis["tickvals"]) <= 8
    assert len(set(axis["ticktext"])) == len(axis["ticktext"])


def test_small_counts_have_whole_ticks() -> None:
    assert count_axis(3)["dtick"] == 1
    assert "dtick" not in count_axis(50)
    assert count_axis(0)["range"] == [0, pytest.approx(1.08)]


def test_too_many_points_are_said_not_drawn() -> None:
    line = {"type": "scatter", "x": np.arange(MOST_POINTS), "y": np.arange(MOST_POINTS)}
    assert len(figure([line], height=100).data) == 1
    drawn = figure([line, {"type": "scatter", "x": np.arange(1), "y": np.arange(1)}], height=100)
    assert not drawn.data
    assert drawn.layout.annotations[0].text.startswith("10\u202f001 points are too many to read")


def test_nothing_says_why() -> None:
    drawn = nothing("<b>no</b> data")
    check(drawn)
    assert drawn.layout.annotations[0].text == "&lt;b&gt;no&lt;/b&gt; data"
    assert nothing("no customer ids").layout.annotations[0].text == "No customer ids"


def test_figures_are_the_same_whatever_plotly_has_as_its_default_look() -> None:
    assert figure([], height=100).layout.template == go.layout.Template()


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_are_changed_by_safe(text: str) -> None:
    assert text not in safe(text)
