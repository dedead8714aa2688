"""The Cost page as a script: its numbers are the metrics', its files the command line's, and it says what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.chart_data import CHARTS
from cx_metrics.metrics.costs.what_if import what_if
from cx_metrics.metrics.output import to_csv
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision, Rate, XUnits
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from pages.shared import format as write
from tests.pages.opening import open_app, run, settings_for
from tests.store.extracts import bring_in, row

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$"
FIRST, LAST = date(2026, 8, 3), date(2026, 10, 25)
DAYS = [FIRST + timedelta(days=at) for at in range((LAST - FIRST).days + 1)]
NOW = Slice(from_on=date(2026, 9, 28), to_on=LAST)
BEFORE = Slice(from_on=date(2026, 8, 31), to_on=date(2026, 9, 27))
ROWS = [
    row(
        f"{day}-{at}",
        f"{day} 10:0{at}",
        customer_id=f"c{(at + number) % 9}",
        channel=["phone", "phone", "Letter"][at],
        handle_minutes=str(5 + at + number % 4),
        intent=["Visit", "Billing", NASTY][(at + number) % 3],
    )
    for number, day in enumerate(DAYS)
    for at in range(3)
] + [row("last", f"{LAST + timedelta(days=1)} 10:00", channel="phone", handle_minutes="5")]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone="UTC", user="Ada")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Three contacts a day for twelve weeks, and nothing decided."""
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    opened = Home(Settings(home=tmp_path / "home", timezone="UTC", memory="500MB", user="Ada"))
    bring_in(opened, ROWS)
    bring_up_to_date(opened)
    return opened


@pytest.fixture
def home(bare: Home) -> Home:
    """With a rate for phone but none for letters, a downstream cost, and orders for each day."""
    with bare.session() as session:
        visit = IntentDecision(
            "Visit", category="Visits", owner="Dana", owner_email="d@x.org", downstream_cost=Decimal(9)
        )
        deciding.save_intents(session, [visit], actor="Ada")
        deciding.save_rates(session, [Rate("phone", date(2026, 1, 1), Decimal("1.10"), Decimal("0.5"))], actor="Ada")
    _enter(bare)
    return bare


def _enter(home: Home, *, name: str = "orders") -> None:
    with home.session() as session:
        deciding.save_x_units(session, [XUnits(name, day, Decimal(100)) for day in DAYS], actor="Ada")


def opened(**params: str) -> AppTest:
    return open_app("cost", **params)


def said(app: AppTest) -> str:
    texts = [element.value for element in [*app.header, *app.subheader, *app.markdown, *app.caption]]
    return "\n".join(texts).replace("\u202f", " ").replace("\u2060", "")


def links(app: AppTest) -> str:
    return " ".join(str(link.proto) for link in app.get("page_link"))


def test_cards_are_the_metric(home: Home) -> None:
    app = opened()
    mart = fresh_mart(home)
    row, before = (metric(mart, "cost", slice).iloc[0] for slice in (NOW, BEFORE))
    cards = {card.label: card.value for card in app.metric}
    assert cards["Cost of contacts"] == write.money_compact(row["value"], "EUR")
    assert cards["Of which downstream"] == write.percent(row["downstream"] / row["value"])
    assert cards["Of which repeats"] == write.percent(row["repeats"] / row["value"])
    assert cards["Per contact"] == write.price(row["direct"] / row["n"] + row["downstream"] / row["contacts"], "EUR")
    assert app.metric[0].delta == write.money_compact(row["value"] - before["value"], "EUR", signed=True)
    assert f"Contacts cost **{write.money(row['value'], 'EUR')}** in these four weeks" in app.header[0].value


def test_what_has_no_price_or_is_not_stated_is_in_sight(home: Home) -> None:
    app = opened()
    row = metric(fresh_mart(home), "cost", NOW).iloc[0]
    assert row["unpriced_contacts"] == 28
    assert "handling of 28 contacts in no sum, as they have no price" in said(app)
    assert "No price for contacts by *Letter* (28 contacts)" in said(app)
    assert "Enter rates in Settings" in links(app)
    assert "downstream not stated for" in said(app)


def test_files_are_what_the_command_line_prints(home: Home, downloads: dict[str, Callable[[], Any]]) -> None:
    opened(unit="orders")
    mart = fresh_mart(home)
    own = {key.removeprefix("csv_") for key in downloads}
    assert own >= {"costs", "cost_by_intent", "cost_change", "cost_by_category", "cost_by_channel", "cost_over_time"}
    assert own >= {"cost_pareto", "cpx_over_time", "cpx_split", "what_if"}
    for name in own & set(CHARTS):
        asked = Slice(NOW.from_on, NOW.to_on, grain="day" if name == "cost_over_time" else None)
        assert downloads[f"csv_{name}"]() == to_csv(CHARTS[name](mart, asked)), name


def test_contacts_per_unit_are_the_metric(home: Home) -> None:
    app = opened()
    row = metric(fresh_mart(home), "cpx", NOW).iloc[0]
    assert row["value"] == 0.03
    assert "**3.0 contacts per 100 orders**" in said(app)
    assert "Where does the change in contacts come from?" in said(app)


def test_another_unit_can_be_chosen(home: Home) -> None:
    _enter(home, name="active lines")
    app = opened(unit="orders")
    assert app.selectbox(key="unit").value == "orders"
    app.selectbox(key="unit").set_value("active lines")
    assert "contacts per 100 active lines" in said(run(app))


def test_wishes_are_worked_out_anew(home: Home) -> None:
    app = opened()
    intent = app.selectbox(key="what_if_intent").value
    app.slider(key="fewer").set_value(50)
    app.slider(key="more").set_value(10)
    run(app)
    saved = what_if(fresh_mart(home), NOW, str(intent), 0.5, 10.0)
    cards = {card.label: card.value for card in app.metric}
    assert cards["Both"] == write.money_compact(saved["money"].iloc[2], "EUR")
    assert "At marginal cost" in said(app)


def test_without_rates_the_page_says_which_is_missing_and_where_to_enter_it(bare: Home) -> None:
    _enter(bare)
    app = opened()
    assert "What contacts cost is not known" in said(app)
    assert "No rate for channels \\'Letter\\'\\, \\'phone\\' on these days" in said(app)
    assert "Enter rates in Settings" in links(app)
    assert "**3.0 contacts per 100 orders**" in said(app)
    assert not [card for card in app.metric if "€" in card.value]


def test_without_units_the_page_says_where_to_enter_them(bare: Home) -> None:
    app = opened()
    assert "No units to divide by were entered" in said(app)
    assert "Enter units in Settings" in links(app)


def test_without_a_comparison_nothing_is_said_about_change(home: Home) -> None:
    app = opened(compare="no comparison")
    assert app.metric[0].delta == ""
    assert "than before" not in said(app)


def test_names_from_the_data_stay_text(home: Home) -> None:
    app = opened(intent=NASTY)
    assert "<b>x</b>" not in said(app)
    assert "\\<b\\>x\\<\\/b\\> \\*y\\* \\$z\\$" in said(app)


def test_filters_that_leave_nothing_say_so(home: Home) -> None:
    days = {"period": "Chosen days", "from": "2026-08-03", "to": "2026-08-03"}
    assert "No contacts in this period" in said(opened(channel="Letter", intent="Visit", **days))
