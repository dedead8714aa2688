"""My intents as a script: it opens for who looks, its amounts are the statement's, and it stands without owners."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.metrics.costs.chargeback import statement
from cx_metrics.metrics.reasons.my_intents import my_intents
from cx_metrics.metrics.solved.standing import days_before, usual_period
from cx_metrics.store.decided import deciding, disputes
from cx_metrics.store.decided.decisions import IntentDecision, Rate
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from pages.shared import format as write
from pages.shared.text import plain
from tests.browser.homes import ZONE, desk_home, desk_rows
from tests.pages.opening import open_app, settings_for

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$ :smile: [a](http://b.c)"
OWNED = (
    IntentDecision("Billing", owner="Dana Okafor", owner_email="dana@example.com", fcr_target=0.9, expected_hours=24),
    IntentDecision(NASTY, owner="Dana Okafor", owner_email="dana@example.com", downstream_cost=Decimal("1.50")),
    IntentDecision("Visit", owner="Eli Brandt"),
)
RATES = (Rate("phone", date(2025, 1, 1), Decimal(1), Decimal("2.50"), Decimal(4)),)

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="tester")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy days: one contact a day about billing, for twenty days two more; Dana owns two intents, Eli one."""
    rows = [
        *desk_rows(70, prefix="a"),
        *desk_rows(20, prefix="b", intent=NASTY),
        *desk_rows(20, prefix="v", intent="Visit"),
    ]
    folder = desk_home(tmp_path_factory.mktemp("desk") / "home", rows)
    opened = Home(Settings(home=folder, timezone=ZONE))
    with opened.session() as session:
        deciding.save_intents(session, OWNED, actor="tester")
        deciding.save_rates(session, RATES, actor="tester")
    bill = statement(fresh_mart(opened), "2026-01")
    with opened.session() as session:
        disputes.dispute(session, bill, "Billing", reason="*not* mine", actor="dana@example.com")
    return folder


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the page of a home by its link."""

    def opened(home: Path, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        app = open_app("my_intents", **params)
        assert [error.value for error in app.error] == []
        return app

    return opened


def test_it_opens_for_who_looks(home: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_page(home).selectbox(key="owner").value == "Dana Okafor"
    assert open_page(home, owner="Eli Brandt").selectbox(key="owner").value == "Eli Brandt"
    monkeypatch.setenv("CX_USER", "Dana@Example.com")
    st.cache_resource.clear()
    assert open_page(home).selectbox(key="owner").value == "Dana Okafor"


def test_amounts_are_those_of_the_statements(home: Path, open_page: Open) -> None:
    mart = fresh_mart(Home(Settings(home=home, timezone=ZONE)))
    cards = {card.label: (card.value, card.delta) for card in open_page(home).metric}
    for month, label in (("2026-02", "February 2026 so far"), ("2026-01", "January 2026")):
        bill = statement(mart, month)
        mine = sum(line.total_cents for line in bill.lines if line.owner == "Dana Okafor")
        share = write.percent(mine / bill.total_cents)
        assert cards[label] == (write.money_compact(mine / 100, "EUR"), f"{share} of the bill")
    # February to the 20th: 20 contacts at 6.50 about billing, 20 at 8.00 about the other; Eli's 20 at 6.50.
    assert cards["February 2026 so far"] == ("€\u202f290", "69\u202f% of the bill")
    assert cards["Targets"] == ("0 met", "0 missed")


def test_the_answer_is_read_out(home: Path, open_page: Open) -> None:
    said = open_page(home, owner="Dana Okafor").header[0].value.replace("\u202f", " ")
    assert said == (
        "*Dana Okafor* answers for **2 intents**, which cost **€ 290** in February 2026 so far, **69 % of the bill**. "
        "**No target is met and none missed**; 1 can't be told yet."
    )
    eli = open_page(home, owner="Eli Brandt").header[0].value.replace("\u202f", " ")
    assert eli.endswith(
        "which cost **€ 130** in February 2026 so far, **31 % of the bill**. None of them has a target."
    )


def test_tables_are_the_owners_rows(home: Path, open_page: Open) -> None:
    mart = fresh_mart(Home(Settings(home=home, timezone=ZONE)))
    asked = usual_period(mart.facts)
    every = my_intents(mart, asked, days_before(mart.facts, asked))
    app = open_page(home, owner="Dana Okafor")
    mine = every[every["owner_key"] == "dana@example.com"]
    shown = app.dataframe[0].value
    assert list(shown["intent"]) == list(mine["intent"]) == ["Billing", NASTY]
    assert shown["cost"].tolist() == mine["cost"].tolist() == [182.0, 160.0]
    thin, assumed = app.dataframe[1].value, app.dataframe[2].value
    assert thin["intent"].tolist() == ["Billing"]
    assert assumed["downstream_cost"].tolist()[1] == 1.5
    assert assumed["window_decided"].tolist() == ["the usual one", "the usual one"]


def test_open_items_have_disputes_as_plain_text(home: Path, open_page: Open) -> None:
    items = "\n".join(element.value for element in open_page(home, owner="Dana Okafor").markdown)
    assert "The bill of January 2026 for *Billing* is disputed: " + plain("*not* mine") in items
    assert NASTY not in items
    other = "\n".join(element.value for element in open_page(home, owner="Eli Brandt").markdown)
    assert "No target is missed, and no line of a bill is disputed." in other


def test_where_nobody_owns_anything_it_says_where_to_change_that(tmp_path: Path, open_page: Open) -> None:
    app = open_page(desk_home(tmp_path / "home", desk_rows(5, prefix="a")))
    assert any("Nobody owns an intent yet" in header.value for header in app.header)
    assert len(app.metric) == 0


def test_owners_without_data_or_costs_have_their_page(tmp_path: Path, open_page: Open) -> None:
    empty = Home(Settings(home=tmp_path / "empty", timezone=ZONE))
    with empty.session() as session:
        deciding.save_intents(session, OWNED, actor="tester")
    assert any("There are no contacts yet" in header.value for header in open_page(tmp_path / "empty").header)
    st.cache_resource.clear()
    folder = desk_home(tmp_path / "home", desk_rows(5, prefix="a"))
    opened = Home(Settings(home=folder, timezone=ZONE))
    with opened.session() as session:
        deciding.save_intents(session, OWNED, actor="tester")
    said = open_page(folder, owner="Dana Okafor").header[0].value
    assert "What they cost is not known: no rate says it." in said
    never = open_page(folder, owner="Eli Brandt")
    assert [card.value for card in never.metric][-1] == write.UNKNOWN


def test_without_customer_ids_no_target_can_be_told(tmp_path: Path, open_page: Open) -> None:
    rows = [(number, "", *others) for number, _, *others in desk_rows(70, prefix="a")]
    folder = desk_home(tmp_path / "home", rows)
    opened = Home(Settings(home=folder, timezone=ZONE))
    with opened.session() as session:
        deciding.save_intents(session, OWNED[:1], actor="tester")
        deciding.save_rates(session, RATES, actor="tester")
    app = open_page(folder)
    assert "**No target is met and none missed**; 1 can't be told yet." in app.header[0].value
    assert app.dataframe[1].value["verdict"].tolist() == ["too early"]
