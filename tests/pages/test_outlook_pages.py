"""The forecast's cards and the Priorities page as scripts: their numbers, their reasons, plain text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.output import to_csv
from cx_metrics.metrics.reasons.forecasts import forecast_cost, forecast_weeks, open_forecasts
from cx_metrics.metrics.reasons.priorities import QUADRANTS, priorities, quadrant_sums
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision, Rate
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.marts.mart import Mart
from pages.shared import forecast_sentences, priorities_sentences
from pages.shared import format as write
from pages.shared.text import plain
from pages.shared.view import BEFORE, DEFAULT_PERIOD, view
from tests.pages.opening import open_app, settings_for
from tests.store.extracts import Row, bring_in, row

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$"
FIRST = date(2026, 1, 1)
DECIDED = [
    IntentDecision(NASTY, owner=f"Ann {NASTY}", value_to_customer="low", value_to_company="low"),
    IntentDecision("Delivery", value_to_customer="high", value_to_company="low"),
]
PHONE = Rate("phone", date(2025, 1, 1), Decimal("1.10"), Decimal("0.50"), Decimal(6))

Open = Callable[..., AppTest]


def tickets(days: int) -> list[Row]:
    """Four contacts a day about NASTY, two about Delivery, one about something not scored; an old reason at first."""
    return [
        row(f"{n}-{k}", f"{FIRST + timedelta(days=n)} {9 + k:02}:00:00", intent=intent, channel="phone")
        for n in range(days)
        for k, intent in enumerate([NASTY] * 4 + ["Delivery"] * 2 + ["Other"] + ["Old"] * (n < 9))
    ]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone="UTC", user="Ada")


def opened(folder: Path) -> Home:
    return Home(Settings(home=folder, timezone="UTC", memory="500MB", user="Ada"))


def home_of(folder: Path, *, days: int, decided: list[IntentDecision], rates: list[Rate]) -> Path:
    home = opened(folder)
    bring_in(home, tickets(days))
    with home.session() as session:
        deciding.save_intents(session, decided, actor="Ada")
        deciding.save_rates(session, rates, actor="Ada")
    bring_up_to_date(home)
    return folder


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """245 days with two of three intents scored and a rate; tests only read it."""
    return home_of(tmp_path_factory.mktemp("decided") / "home", days=245, decided=DECIDED, rates=[PHONE])


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days, nothing decided."""
    return home_of(tmp_path_factory.mktemp("bare") / "home", days=40, decided=[], rates=[])


def mart_of(folder: Path) -> Mart:
    return fresh_mart(opened(folder))


def usual(mart: Mart) -> Slice:
    return view(mart.facts, period=DEFAULT_PERIOD, comparison=BEFORE, chosen=None, where={}).now


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def open_it(home: Path, key: str, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        app = open_app(key, **params)
        assert [error.value for error in app.error] == []
        return app

    return open_it


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The text of each CSV that a page offers, by the key of its button."""
    found: dict[str, str] = {}
    draw = st.download_button

    def noted(label: str, data: Callable[[], str], **look: Any) -> bool:
        found[look["key"]] = data()
        return draw(label, data, **look)

    monkeypatch.setattr(st, "download_button", noted)
    return found


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.header, *app.markdown, *app.caption, *app.subheader))


def test_the_card_says_the_forecast_of_all_or_of_the_one_intent(
    decided: Path, open_page: Open, files: dict[str, str]
) -> None:
    forecasts = open_forecasts(opened(decided).forecast)
    everything = open_page(decided, "intents")
    assert files["csv_forecast"] == to_csv(forecast_weeks(forecasts))
    assert forecast_sentences.outlook(forecast_weeks(forecasts)) in said(everything)
    one = open_page(decided, "intents", intent="Delivery")
    assert files["csv_forecast"] == to_csv(forecast_weeks(forecasts, "Delivery"))
    assert "Of all contacts about *Delivery*" in said(one)
    open_page(decided, "intents", lines="Delivery")
    assert files["csv_forecast"] == to_csv(forecast_weeks(forecasts, "Delivery"))
    intent = open_page(decided, "intent", about=NASTY)
    assert files["csv_forecast"] == to_csv(forecast_weeks(forecasts, NASTY))
    assert "Checked on 1 stretch of 4 weeks" in said(intent)
    assert NASTY not in said(intent)


def test_too_little_data_is_a_reason_on_the_card(bare: Path, open_page: Open, files: dict[str, str]) -> None:
    app = open_page(bare, "intents")
    assert "learning: 5 weeks of data" in files["csv_forecast"]
    assert "Next 4 weeks" not in said(app)


def test_the_cost_card_is_the_forecast_in_money(
    decided: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    monkeypatch.setenv("CX_HOME", str(decided))

    def script() -> None:
        from pages.shared.forecast_card import forecast_cost_card

        forecast_cost_card()

    app = AppTest.from_function(script, default_timeout=60).run()
    assert [error.value for error in app.exception] == []
    money = forecast_cost(mart_of(decided), open_forecasts(opened(decided).forecast))
    assert files["csv_forecast_cost"] == to_csv(money)
    assert forecast_sentences.outlook(money, currency="EUR") in said(app)
    # Six assumed minutes at 1.10 and 0.50 a contact.
    assert f"Contacts forecast x {write.price(7.10, 'EUR')}" in said(app)


def test_priorities_are_the_metrics(decided: Path, open_page: Open, files: dict[str, str]) -> None:
    mart = mart_of(decided)
    asked = usual(mart)
    app = open_page(decided, "priorities")
    sums = quadrant_sums(mart, asked)
    rows = priorities(mart, asked)
    assert [head.value for head in app.header] == [priorities_sentences.priorities(rows, sums, currency="EUR")]
    shown = {card.label: card.value for card in app.metric}
    assert shown == {
        "Automate": write.money_compact(56 * 7.10, "EUR"),
        "Eliminate": write.money_compact(112 * 7.10, "EUR"),
        "Not scored": write.money_compact(28 * 7.10, "EUR"),
    }
    for name in ("priorities", "taxonomy", *(q.name for q in QUADRANTS)):
        assert files[f"csv_{name}"] == to_csv(chart_data(mart, name, asked)), name
    assert "1 intent with 28 contacts: not scored yet" in said(app)
    assert NASTY not in said(app)
    assert plain(NASTY) in said(app)


def test_nothing_decided_is_said_and_leads_to_settings(bare: Path, open_page: Open, files: dict[str, str]) -> None:
    app = open_page(bare, "priorities")
    assert app.header[0].value.startswith("**None of 3 intents is scored yet**")
    assert {card.label: card.value for card in app.metric} == {"Not scored": "196"}
    assert "Contacts, as no cost is known," in said(app)
    assert "csv_eliminate" not in files
    assert "- **Intents nobody owns**: " in said(app)


def test_a_period_without_contacts_is_an_empty_state(decided: Path, open_page: Open) -> None:
    app = open_page(decided, "priorities", intent="Old")
    assert not app.metric
    assert any("No contacts in this period" in head.value for head in app.header)


def test_filters_of_the_link_count(decided: Path, open_page: Open) -> None:
    app = open_page(decided, "priorities", intent="Delivery", period="Last week")
    assert {card.label: card.value for card in app.metric} == {"Automate": write.money_compact(14 * 7.10, "EUR")}
