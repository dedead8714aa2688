from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts import alerts as alerts_chart
from cx_metrics.charts import channel_fit as fit_chart
from cx_metrics.charts import palette
from cx_metrics.charts import self_help as self_help_chart
from tests.charts.frames import NASTY, check, traces


def alerts_frame(names: tuple[str, ...] = ("a", "b", "c", "d")) -> pd.DataFrame:
    """One that helped, one that harmed, one unclear, one not measured."""
    values = np.array([-0.04, 0.02, 0.0, np.nan])
    return pd.DataFrame(
        {
            "name": names[:4],
            "intent": names[0],
            "value": values,
            "low": values - 0.01,
            "high": values + 0.01,
            "verdict": ["fewer contacts", "more contacts", "can't tell", None],
            "rate_sent": 0.04,
            "rate_held_out": 0.08,
            "n_sent": 1000,
            "n_held_out": 500,
        }
    )


def events_frame(intent: str = "Outage", alert: str = "Told") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "intent": intent,
            "day": ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05"],
            "contacts": [100, 80, 60, 40],
            "usual": 10.0,
            "lift": [9.0, 7.0, 5.0, 3.0],
            "alert": pd.Series([None, None, alert, alert], dtype=object),
        }
    )


def test_alerts_that_helped_stand_left_and_green_and_those_that_harmed_right_and_orange() -> None:
    figure = alerts_chart.held_out(alerts_frame())
    check(figure)
    for name, x, y, colour in (
        ("fewer contacts", -0.04, 0, palette.FALLING),
        ("can't tell", 0.0, 1, palette.UNSURE),
        ("more contacts", 0.02, 2, palette.RISING),
    ):
        (dots,) = traces(figure, name)
        assert (dots.x.tolist(), dots.y.tolist(), dots.marker.color) == ([x], [y], colour)
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.legendgroup == "fewer contacts"]
    assert np.nan_to_num(lines[0].x, nan=9).tolist() == pytest.approx([-0.05, -0.03, 9])
    assert alerts_chart.held_out_alt(alerts_frame()).startswith("Customers told against customers held out: a -4.0")


def test_spikes_told_beforehand_are_full_and_means_are_dotted() -> None:
    figure = alerts_chart.events(events_frame())
    check(figure)
    (told,), (untold,) = traces(figure, "told beforehand"), traces(figure, "not told")
    assert (told.y.tolist(), untold.y.tolist()) == ([5.0, 3.0], [9.0, 7.0])
    means = [trace.y.tolist() for trace in figure.data if trace.mode == "lines"]
    assert means == [[8.0, 8.0], [4.0, 4.0]]
    assert alerts_chart.events_alt(events_frame()) == (
        "2 spikes told beforehand brought 4.0 times a usual day on top, 2 others 8.0 times."
    )


def self_help_frame(names: tuple[str, ...] = ("p", "q", "r", "s")) -> pd.DataFrame:
    """More than chance, less than chance, unclear, not known."""
    values = np.array([0.5, 0.1, 0.3, np.nan])
    return pd.DataFrame(
        {
            "intent": names[:4],
            "article": names[:4],
            "contacts": [40, 30, 20, 1],
            "value": values,
            "low": values - 0.05,
            "high": values + 0.05,
            "rest_value": 0.3,
            "difference": values - 0.3,
            "beyond": pd.Series([True, True, False, None], dtype=object),
        }
    )


def test_articles_stand_dearest_first_with_the_others_as_a_line() -> None:
    figure = self_help_chart.self_help(self_help_frame())
    check(figure)
    for name, x, y in (("comes back more", 0.5, 0), ("comes back less", 0.1, 1), ("can't tell", 0.3, 2)):
        (dots,) = traces(figure, name)
        assert (dots.x.tolist(), dots.y.tolist()) == ([x], [y])
    (rest,) = traces(figure, self_help_chart.REST)
    assert rest.x.tolist() == [0.3] * 3
    said = self_help_chart.alt(self_help_frame()).replace("\u202f", " ")
    assert said.startswith("After p failed, 50 % came back about p, 30 % of its others; of 3 shown, 1 come back more")


def fit_frame(names: tuple[str, ...] = ("phone", "chat", "mail", "web")) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "channel": names[:4],
            "contacts": [400, 300, 20, 5],
            "value": [0.6, 0.8, np.nan, 0.7],
            "low": [0.55, 0.75, np.nan, 0.5],
            "high": [0.65, 0.85, np.nan, 0.9],
            "n": [300, 200, 0, 4],
            "per_contact": [11.5, 5.25, 4.0, np.nan],
            "unnamed": 0.05,
            "median_hours": [1.0, 2.0, np.nan, np.nan],
        }
    )


def test_channels_stand_at_their_cost_and_what_they_solve() -> None:
    figure = fit_chart.channel_fit(fit_frame(), currency="EUR")
    check(figure)
    (dots,) = [trace for trace in figure.data if trace.mode == "markers+text"]
    assert (dots.x.tolist(), dots.y.tolist()) == ([11.5, 5.25], [0.6, 0.8])
    assert figure.layout.xaxis.range[1] >= 11.5
    said = fit_chart.alt(fit_frame(), currency="EUR").replace("\u202f", " ")
    assert said == "Solved at first contact and cost of a contact: phone 60 % at € 11.50, chat 80 % at € 5.25."


def test_nothing_to_draw_is_said() -> None:
    nothing = [
        (alerts_chart.held_out(alerts_frame().iloc[3:]), alerts_chart.held_out_alt(alerts_frame().iloc[3:])),
        (alerts_chart.events(events_frame().iloc[:0]), alerts_chart.events_alt(events_frame().iloc[:0])),
        (self_help_chart.self_help(self_help_frame().iloc[3:]), self_help_chart.alt(self_help_frame().iloc[:0])),
        (fit_chart.channel_fit(fit_frame().iloc[2:], currency="EUR"), fit_chart.alt(fit_frame()[2:], currency="EUR")),
    ]
    for figure, said in nothing:
        check(figure)
        assert not figure.data
        assert said.endswith(".")


def test_names_from_the_data_stay_text() -> None:
    check(alerts_chart.held_out(alerts_frame(NASTY)))
    check(alerts_chart.events(events_frame(NASTY[0], NASTY[2])))
    check(self_help_chart.self_help(self_help_frame(NASTY)))
    check(fit_chart.channel_fit(fit_frame(NASTY), currency="USD"))
