"""The Repeat contacts page as a script: its numbers are the metrics', its files the command line's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.metrics.returning.cohorts import cohorts
from cx_metrics.metrics.returning.concentration import concentration
from cx_metrics.metrics.returning.curves import half_times
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import decided
from cx_metrics.store.marts.mart import Mart, open_mart
from pages.shared import format as write
from pages.shared.text import plain
from pages.shared.view import BEFORE, DEFAULT_PERIOD, View, view
from tests.browser.homes import ZONE, demo_home, desk_home, desk_rows
from tests.pages.opening import open_app, settings_for

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$ :smile:"
ROUTER = "Router won't connect"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company in small; tests only read it."""
    return demo_home(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="tester")


def opened(monkeypatch: pytest.MonkeyPatch, home: Path, *, shelf: bool = False, **params: str) -> AppTest:
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_app("repeats", **params)
    if shelf:
        app.session_state["drivers_open"] = True
        app.run()
    assert [error.value for error in app.exception] == []
    assert [error.value for error in app.error] == []
    return app


def mart_of(home: Path) -> Mart:
    opened_home = Home(Settings(home=home, timezone=ZONE))
    return open_mart(opened_home.mart, decisions=decided(opened_home))


def usual_view(mart: Mart) -> View:
    return view(mart.facts, period=DEFAULT_PERIOD, comparison=BEFORE, chosen=None, where={})


def said(app: AppTest) -> str:
    drawn = [*app.header, *app.subheader, *app.markdown, *app.caption]
    return "\n".join(element.value for element in drawn)


def test_cards_and_answer_are_the_metrics(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mart = mart_of(demo)
    asked = usual_view(mart).now
    app = opened(monkeypatch, demo)
    back = chart_data(mart, "came_back", asked)["value"].iloc[0]
    solved = metric(mart, "fcr", asked)["value"].iloc[0]
    assert back == pytest.approx(1 - solved)
    half = half_times(mart, asked)["value"].iloc[0]
    assert {card.label: card.value.replace("\u202f", " ") for card in app.metric} == {
        "Issues that came back": write.percent(back).replace("\u202f", " "),
        "Repeats": write.percent(metric(mart, "repeat_share", asked)["value"].iloc[0]).replace("\u202f", " "),
        "Half are back within": f"{half} days" if half > 1 else "1 day",
        "Per customer": write.number(metric(mart, "contacts_per_customer", asked)["value"].iloc[0], 2),
        r"Busiest 10 \% make": write.percent(concentration(mart, asked)["value"].iloc[1]).replace("\u202f", " "),
    }
    answer = app.header[0].value
    assert answer.startswith(f"Of 100 customers with a new issue, **{write.number(back * 100)} came back** about it")
    assert "the earlier period" in answer


def test_every_file_is_what_the_command_line_prints(
    demo: Path, monkeypatch: pytest.MonkeyPatch, downloads: dict[str, Callable[[], Any]]
) -> None:
    mart = mart_of(demo)
    asked = usual_view(mart).now
    app = opened(monkeypatch, demo, cohorts_of="All intents")
    assert "csv_drivers" not in downloads  # the model is fitted when it is asked for
    app.session_state["drivers_open"] = True
    app.run()
    names = ("cohorts", "curves", "distribution", "concentration", "split", "drivers", "chains", "returners")
    for name in names:
        text = downloads[f"csv_{name}"]()
        assert text == to_csv(chart_data(mart, name, asked)), name
        assert text.count("\n") > 1, name


def test_the_model_says_that_it_names_no_causes(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(opened(monkeypatch, demo, shelf=True))
    assert "These are associations, never causes" in text
    assert "One model with all attributes" in text


def test_bad_firmware_is_seen_in_the_cohorts(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who first asked between 14 September and 4 October came back far more often than before and after."""
    mart = mart_of(demo)
    asked = replace(usual_view(mart).now, where=(("intent", (ROUTER,)),))
    week = [row for row in rows(cohorts(mart, asked)) if row["days"] == 7 and row["known"]]
    bad = ["2026-09-14", "2026-09-21", "2026-09-28"]
    shown = [row for row in week if row["value"] is not None]
    rates = []
    for some in ([row for row in shown if row["period"] in bad], [row for row in shown if row["period"] not in bad]):
        assert len(some) >= 2
        rates.append(sum(row["came_back"] for row in some) / sum(row["n"] for row in some))
    assert rates[0] > rates[1] + 0.1
    app = opened(monkeypatch, demo, cohorts_of=ROUTER)
    assert app.selectbox(key="cohorts_of").value == ROUTER


@pytest.mark.parametrize("period", ["Last week", "Last 52 weeks", "All data"])
def test_every_period_stands(period: str, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(monkeypatch, demo, period=period)
    assert len(app.metric) == 5
    missing = "No comparison: the data starts on"
    assert (missing in said(app)) == (period != "Last week")


def test_without_a_comparison_nothing_is_said_about_change(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(monkeypatch, demo, compare="no comparison")
    assert "earlier period" not in app.header[0].value
    assert all(not card.delta for card in app.metric)
    assert "What changed: rates or mix?" in [heading.value for heading in app.subheader]


def test_without_customer_ids_it_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = [(contact, "", *rest) for contact, _, *rest in desk_rows(40, prefix="a")]
    app = opened(monkeypatch, desk_home(tmp_path / "home", nobody))
    assert app.header[0].value == (
        "How many customers come back **can't be known: these contacts have no customer ids**."
    )
    assert len(app.metric) == 0
    assert "all need to know that it is the same customer" in said(app)


def test_few_contacts_give_reasons_instead_of_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(monkeypatch, desk_home(tmp_path / "home", desk_rows(5, prefix="a")), shelf=True)
    text = said(app)
    assert "is **not known**: too early in the data" in text
    assert "What goes with coming back can't be told: fewer than 30 customers." in text
    shown = {card.label: card.value for card in app.metric}
    assert shown["Issues that came back"] == shown["Half are back within"] == "not known"


def test_a_period_without_contacts_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [*desk_rows(60, prefix="a"), *desk_rows(60, prefix="b", intent="Old")[40:]]
    app = opened(monkeypatch, desk_home(tmp_path / "home", many), period="Last week", intent="Old")
    assert any("No contacts in this period" in header.value for header in app.header)


def test_names_are_plain_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [*desk_rows(60, prefix="a", intent=NASTY), *desk_rows(60, prefix="b")]
    app = opened(monkeypatch, desk_home(tmp_path / "home", many), cohorts_of=NASTY)
    assert NASTY not in said(app)
    assert plain(NASTY) != NASTY


def test_a_link_to_an_unknown_intent_is_noted(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(monkeypatch, demo, cohorts_of="<b>fax</b>")
    assert [note.value for note in app.info] == [
        "The link asked for an intent that this data does not have; another one is shown."
    ]


def test_chosen_intents_are_compared(
    demo: Path, monkeypatch: pytest.MonkeyPatch, downloads: dict[str, Callable[[], Any]]
) -> None:
    mart = mart_of(demo)
    opened(monkeypatch, demo, curves_of=ROUTER)
    only = replace(usual_view(mart).now, where=(("intent", (ROUTER,)),))
    assert downloads["csv_curves"]() == to_csv(chart_data(mart, "curves", only))


def test_charts_need_no_open_end_but_for_changes(demo: Path) -> None:
    mart = mart_of(demo)
    june = Slice(from_on=date(2026, 6, 1), to_on=date(2026, 6, 30))
    assert len(chart_data(mart, "cohort_change", june)) == 1
    assert len(chart_data(mart, "half_times", replace(june, by=("channel",)))) >= 3
