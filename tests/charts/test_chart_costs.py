"""The pictures of money, on their specification."""

from __future__ import annotations

import numpy as np
import pytest

from cx_metrics.charts import cost_pareto, palette, periods, stacked, treemap, waterfall
from cx_metrics.charts.money import money_axis
from tests.charts.cost_frames import categories_frame, changes_frame, costs_frame, periods_frame, ranked_frame
from tests.charts.frames import NASTY, check, traces

EUR = "EUR"


def plain(texts: object) -> list[str]:
    """Texts with ordinary spaces and without what keeps Plotly from reading them."""
    assert isinstance(texts, np.ndarray)
    said = [str(text).replace("\u202f", " ").replace("&#37;", "%").replace("&#36;", "$") for text in texts]
    return [text.strip() for text in said]


def test_bars_hold_handling_and_downstream_end_to_end() -> None:
    figure = stacked.stacked(costs_frame(), currency=EUR)
    check(figure)
    (direct,), (downstream,) = traces(figure, "handling"), traces(figure, "downstream")
    assert (direct.x.tolist(), downstream.x.tolist()) == ([22_000, 900, 0], [20_000, 0, 30])
    assert (direct.marker.color, downstream.marker.color) == (palette.OURS, palette.CATEGORIES[1])
    assert figure.layout.barmode == "stack"
    assert list(figure.layout.yaxis.ticktext) == ["a", "b", "c", "d"]


def test_the_end_of_a_bar_says_the_sum_or_why_there_is_none() -> None:
    (words,) = [
        trace
        for trace in stacked.stacked(costs_frame(), currency=EUR).data
        if trace.type == "scatter" and trace.mode == "text"
    ]
    assert plain(words.text) == [
        "€ 42.0k · 25 % repeats",
        "€ 900",
        "€ 30 · handling not known",
        "no rate for channel 'letter' on these days, and no…",
    ]
    assert plain(words.hovertext)[0] == (
        "<b>a</b><br>€ 42 000 for 1 000 contacts<br>€ 22 000 handling, € 20 000 downstream<br>€ 10 500 of it repeats"
        "<br>€ 42.00 a contact"
    )
    assert plain(words.hovertext)[3].startswith("<b>d</b><br>not known: no rate")
    assert plain(words.hovertext)[1].endswith("<br>12 contacts have no price")


def test_the_cheaper_ones_stand_together() -> None:
    rows = stacked.bundled(costs_frame(), "intent", 2)
    assert rows["intent"].tolist() == ["a", "b", "2 others"]
    assert rows["cost"].tolist() == [42_000, 900, 30]
    assert stacked.bundled(costs_frame(), "intent", 3)["intent"].tolist() == ["a", "b", "c", "d"]
    check(stacked.stacked(costs_frame(), currency=EUR, most=1))


def test_costs_in_words() -> None:
    said = stacked.alt(costs_frame(by="channel"), currency=EUR, by="channel").replace("\u202f", " ")
    assert said == "a costs most: € 42 000, 98 % of € 42 930; 47 % of all is downstream; the cost of 1 is not known."
    assert stacked.alt(costs_frame().iloc[[3]], currency=EUR) == "No cost is known."
    assert stacked.alt(costs_frame().iloc[:0], currency=EUR) == "No contacts to show."


def test_a_waterfall_goes_from_rises_to_falls_each_where_the_last_ended() -> None:
    figure = waterfall.waterfall(changes_frame([500, -300, 200, None]), currency=EUR)
    check(figure)
    (dearer,), (cheaper,) = traces(figure, "dearer"), traces(figure, "cheaper")
    assert list(figure.layout.yaxis.ticktext) == ["i0", "i2", "i1", "all together"]
    assert (dearer.base.tolist(), dearer.x.tolist()) == ([0, 500, 0], [500, 200, 400])
    assert (cheaper.base.tolist(), cheaper.x.tolist()) == ([700], [-300])
    assert (dearer.marker.color, cheaper.marker.color) == (palette.RISING, palette.FALLING)
    (words,) = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]
    assert plain(words.text) == ["+€ 500", "+€ 200", "-€ 300", "+€ 400"]
    assert plain(dearer.hovertext)[1] == "<b>i2</b><br>€ 1 000 before, € 1 200 now: +€ 200"


def test_small_changes_stand_together_and_nothing_is_lost() -> None:
    changes = [-900, 800, -70, 60, 50, 40, 30, 20, 10, 5, -4]
    figure = waterfall.waterfall(changes_frame(changes), currency=EUR, most=3)
    assert list(figure.layout.yaxis.ticktext) == ["i1", "i2", "i0", "8 others", "all together"]
    moved = {trace.name: trace for trace in figure.data if trace.type == "bar"}
    assert sum(float(trace.x.sum()) for trace in moved.values()) == 2 * sum(changes)


def test_changes_in_words() -> None:
    said = waterfall.alt(changes_frame([500, -300, None]), currency=EUR).replace("\u202f", " ")
    assert said == "Together +€ 200; i0 rose most (+€ 500); i1 fell most (-€ 300); 1 can't be compared."
    assert waterfall.alt(changes_frame([None]), currency=EUR) == "No change in cost is known."


def test_fields_are_as_large_as_their_cost_within_their_category() -> None:
    figure = treemap.treemap(categories_frame(), currency=EUR)
    check(figure)
    (trace,) = figure.data
    assert trace.ids.tolist() == ["category 0", "category 1", "intent 0", "intent 1", "intent 2"]
    assert plain(trace.labels) == ["Visits", "p", "p", "q", "r"]
    assert trace.parents.tolist() == ["", "", "category 0", "category 0", "category 1"]
    assert list(trace["values"]) == [0, 0, 600, 150, 250]
    assert plain(trace.text) == ["€ 750 · 75 %", "€ 250 · 25 %", "€ 600 · 60 %", "€ 150 · 15 %", "€ 250 · 25 %"]
    assert plain(trace.hovertext)[0] == "<b>Visits</b><br>€ 750, 75.0 % of all<br>65 contacts"
    said = treemap.alt(categories_frame(), currency=EUR).replace("\u202f", " ")
    assert said == "Cost by category: Visits € 750 (75 %), p € 250 (25 %)."


@pytest.mark.parametrize("colour", [treemap._FIELD, treemap._HEAD])
def test_words_on_fields_can_be_read(colour: str) -> None:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_pareto_colours_what_brings_eighty_per_cent_and_says_ranks() -> None:
    frame = ranked_frame([500, 310, 100, 90])
    figure = cost_pareto.cost_pareto(frame, currency=EUR)
    check(figure)
    (heavy,), (rest,) = traces(figure, "bring 80 &#37; of the cost"), traces(figure, "the rest")
    assert (heavy.ids.tolist(), rest.ids.tolist()) == (["i0", "i1"], ["i2", "i3"])
    assert plain(heavy.text) == ["€ 500 · rank 1 – 2", "€ 310 · rank 2 – 3"]
    assert plain(figure.data[-1].text) == ["50 %", "81 %", "91 %", "100 %"]
    assert plain(heavy.hovertext)[0] == "<b>i0</b><br>€ 500, 50.0 % of all<br>now rank 1, likely rank 1 – 2"
    said = cost_pareto.alt(frame, currency=EUR).replace("\u202f", " ")
    assert said == "i0 costs most, € 500; 2 of 4 intents make up 80 % of the cost."


def test_exactly_eighty_per_cent_is_enough() -> None:
    assert cost_pareto.n_heavy(ranked_frame([70, 10, 10, 10])) == 2
    assert cost_pareto.n_heavy(ranked_frame([5])) == 1
    check(cost_pareto.cost_pareto(ranked_frame([1.0] * 40), currency=EUR))


def test_costs_over_time_are_pale_while_a_period_is_not_complete() -> None:
    figure = periods.cost_bars(periods_frame(), grain="week", currency=EUR)
    check(figure)
    (direct,), (downstream,) = traces(figure, "handling"), traces(figure, "downstream")
    assert (direct.y.tolist(), downstream.y.tolist()) == ([700, 900, 300], [300, 600, 100])
    assert direct.marker.opacity.tolist() == [1, 1, 0.45]
    said = periods.cost_alt(periods_frame(), grain="week", currency=EUR).replace("\u202f", " ")
    assert said == "Contacts cost € 1 500 in the last complete week; half of 2 weeks cost more than € 1 250."


def test_a_rate_has_its_band_and_hollow_marks() -> None:
    figure = periods.rate_line(periods_frame(), grain="week", per=100)
    check(figure)
    (band,), (line,), (hollow,) = (traces(figure, n) for n in ("likely", "contacts per unit", "not complete"))
    assert band.y.tolist() == pytest.approx([5.6, 6.6, 5.5, 4.5])
    assert (line.y.tolist(), hollow.y.tolist()) == (pytest.approx([5, 6]), pytest.approx([4]))
    assert hollow.marker.symbol == "circle-open"
    said = periods.rate_alt(periods_frame(), grain="week", unit="orders", per=100).replace("\u202f", " ")
    assert said == "6.0 contacts per 100 orders in the last complete week (likely 5.5 – 6.6)."


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0.0, ["€ 0", "€ 0", "€ 0", "€ 1", "€ 1", "€ 1"]),
        (42_000.0, ["€ 0", "€ 10.0k", "€ 20.0k", "€ 30.0k", "€ 40.0k"]),
        (10.0, ["€ 0", "€ 2", "€ 4", "€ 6", "€ 8", "€ 10"]),
    ],
    ids=str,
)
def test_an_axis_of_money_has_round_amounts(highest: float, ticks: list[str]) -> None:
    axis = money_axis(highest, EUR)
    assert [text.replace("\u202f", " ") for text in axis["ticktext"]] == ticks
    assert axis["range"][1] > highest


def test_names_are_shown_letter_by_letter() -> None:
    names = NASTY[:4]
    check(stacked.stacked(costs_frame(names), currency="USD"))
    check(waterfall.waterfall(changes_frame([4, 3, -2, -1], names), currency="USD"))
    check(treemap.treemap(categories_frame(names[:3]), currency="USD"))
    check(cost_pareto.cost_pareto(ranked_frame([4, 3, 2, 1], names), currency="USD"))


def test_nothing_to_draw_says_so() -> None:
    empty = [
        stacked.stacked(costs_frame().iloc[:0], currency=EUR),
        waterfall.waterfall(changes_frame([None]), currency=EUR),
        waterfall.waterfall(changes_frame([]), currency=EUR),
        treemap.treemap(categories_frame().iloc[:0], currency=EUR),
        cost_pareto.cost_pareto(ranked_frame([1]).iloc[:0], currency=EUR),
        periods.cost_bars(periods_frame().iloc[:0], grain="week", currency=EUR),
        periods.cost_bars(periods_frame().assign(cost=np.nan), grain="week", currency=EUR),
        periods.rate_line(periods_frame().assign(value=np.nan), grain="week", per=100),
    ]
    for figure in empty:
        check(figure)
        assert not figure.data
        assert figure.layout.annotations[0].text
