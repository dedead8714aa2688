"""The Chargeback page as a script: its amounts are the statement's, a closed month stays, a line can be disputed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.metrics.costs.bills import line_table, payer_table
from cx_metrics.metrics.costs.chargeback import statement
from cx_metrics.metrics.output import to_csv
from cx_metrics.store.decided import closing, deciding, disputes
from cx_metrics.store.decided.decisions import IntentDecision, Rate
from cx_metrics.store.decided.statements import Statement
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.records import Dispute
from tests.pages.opening import open_app, run, settings_for
from tests.store.extracts import bring_in, row

pytestmark = pytest.mark.xdist_group("pages")

OCTOBER = "2026-10"
NASTY = "<b>x</b> *y* $z$"
ROWS = [
    row("1", "2026-10-05 10:00", channel="phone", handle_minutes="2000", intent="Visit", customer_id="a"),
    row("2", "2026-10-06 10:00", channel="phone", handle_minutes="1000", intent="Visit", customer_id="a"),
    row("3", "2026-10-07 10:00", channel="phone", handle_minutes="500", intent=NASTY),
    row("4", "2026-11-02 10:00", channel="phone", handle_minutes="10", intent="Visit"),
]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone="UTC", user="Ada")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """October: Visit costs 3,300 and is Dana's, another intent costs 550 and is nobody's; one contact in November."""
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    opened = Home(Settings(home=tmp_path / "home", timezone="UTC", memory="500MB", user="Ada"))
    bring_in(opened, ROWS)
    with opened.session() as session:
        owned = IntentDecision("Visit", owner="Dana", owner_email="d@x.org", department="Dispatch")
        deciding.save_intents(session, [owned], actor="Ada")
        deciding.save_rates(session, [Rate("phone", date(2026, 1, 1), Decimal("1.10"), Decimal(0))], actor="Ada")
    bring_up_to_date(opened)
    return opened


def october(home: Home) -> Statement:
    return statement(fresh_mart(home), OCTOBER)


def closed_october(home: Home) -> Statement | None:
    with home.session() as session:
        return closing.closed_statement(session, OCTOBER)


def all_disputes(home: Home) -> list[Dispute]:
    with home.session() as session:
        return list(disputes.disputes(session))


def opened(**params: str) -> AppTest:
    return open_app("chargeback", **params)


def pick(app: AppTest, table: str, at: int) -> AppTest:
    """Chooses a row of a table, as a click on it does."""
    app.session_state[table] = {"selection": {"rows": [at], "columns": [], "cells": []}}
    return run(app)


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.header, *app.subheader, *app.markdown, *app.caption])


def button(app: AppTest, label: str) -> Any:
    return next(each for each in app.button if each.label == label)


def test_the_page_opens_on_the_newest_full_month_with_its_amounts(home: Home) -> None:
    app = opened()
    assert app.selectbox(key="month").value == OCTOBER
    assert app.header[0].value == (
        "Contacts cost **€\u202f3\u202f850** in October 2026. *Dana* pays most: **€\u202f3\u202f300** (86\u202f%). "
        "**€\u202f550** is nobody's (14\u202f%)."
    )
    assert {card.label: card.value for card in app.metric} == {
        "Total": "€\u202f3\u202f850",
        "Handling": "€\u202f3\u202f850",
        "Downstream": "€\u202f0",
        "Repeats": "€\u202f1\u202f100",
        "Without owner": "€\u202f550",
    }
    assert "Open: a preview" in said(app)
    assert "1 intent without an owner" in " ".join(str(link.proto) for link in app.get("page_link"))
    lines = app.dataframe[0].value
    assert list(zip(lines["owner"], lines["total"], strict=True)) == [("Dana", 3300.0), ("(unowned)", 550.0)]


def test_an_owner_in_the_link_sees_their_own_bill(home: Home) -> None:
    app = opened(month=OCTOBER, owner="Dana")
    assert app.header[0].value.startswith("*Dana* pays **€\u202f3\u202f300** for October 2026, 86\u202f% of the whole")
    assert list(app.dataframe[0].value["intent"]) == ["Visit"]
    assert {card.label: card.value for card in app.metric}["Total"] == "€\u202f3\u202f300"


def test_what_the_link_asks_wrongly_is_left_out(home: Home) -> None:
    app = opened(month="2099-01", owner="Nobody at all")
    assert (app.selectbox(key="month").value, app.selectbox(key="owner").value) == (OCTOBER, "Everyone")


def test_files_are_the_statements(home: Home, downloads: dict[str, Callable[[], Any]]) -> None:
    made = october(home)
    opened()
    assert downloads["csv_statement-2026-10"]() == to_csv(line_table(made))
    assert downloads["csv_owners"]() == to_csv(payer_table(made))
    book = CalamineWorkbook.from_filelike(io.BytesIO(downloads["xlsx_statement"]()))
    assert book.sheet_names == ["Cover", "Lines"]
    assert book.get_sheet_by_name("Lines").to_python()[-1][0] == "Total"


def test_a_line_shows_the_contacts_behind_it(home: Home, downloads: dict[str, Callable[[], Any]]) -> None:
    app = pick(opened(), "statement_lines", 0)
    assert (
        "2 contacts: €\u202f3\u202f300.00 handling and €\u202f0.00 downstream. €\u202f1\u202f100.00 of it are"
        in said(app)
    )
    assert "csv_contacts" not in downloads
    app.session_state["line_contacts"] = True
    run(app)
    rows = list(csv.DictReader(io.StringIO(downloads["csv_contacts"]())))
    assert sorted(row["contact_id"] for row in rows) == ["1", "2"]


def test_a_month_is_closed_with_a_second_click_and_stays(home: Home) -> None:
    made = october(home)
    app = opened()
    assert "Once closed, the statement stays as it is" in said(app)
    assert closed_october(home) is None
    button(app, "Close it for good").click()
    run(app)
    closed = closed_october(home)
    assert closed is not None
    assert (closed.lines, closed.closed_by) == (made.lines, "Ada")
    assert "**Closed** by Ada on" in said(app)
    assert [each.label for each in app.button if "Close" in each.label] == []
    with home.session() as session:
        deciding.save_rates(session, [Rate("phone", date(2026, 1, 1), Decimal(2), Decimal(0))], actor="Ada")
    app = opened()
    assert {card.label: card.value for card in app.metric}["Total"] == "€\u202f3\u202f850"
    assert "With today's data, rates and owners the month would cost **€\u202f3\u202f150.00 more**; 2 lines" in said(
        app
    )


def test_a_month_that_is_not_complete_says_why_it_stays_open(home: Home) -> None:
    app = opened(month="2026-11")
    assert "the data is complete to 2026\\-11\\-01 only" in said(app)
    assert [each.label for each in app.button if "Close" in each.label] == []


def test_a_line_is_disputed_and_answered(home: Home) -> None:
    app = pick(opened(), "statement_lines", 1)
    button(app, "Dispute it").click()
    run(app)
    assert [error.value for error in app.error] == [r"a reason is needed\: say in a sentence why\."]
    assert all_disputes(home) == []
    app.text_area(key="dispute_reason").set_value("Our own test.")
    button(app, "Dispute it").click()
    app = pick(run(app), "statement_lines", 1)
    (row,) = all_disputes(home)
    assert (row.intent, row.reason, row.state, row.total_cents) == (NASTY, "Our own test.", "open", 55_000)
    assert "Disputed by Ada, answer it below: *Our own test" in said(app)
    assert [each.label for each in app.button if each.label == "Dispute it"] == []
    app = pick(app, "disputes", 0)
    app.radio(key="answer_state").set_value("rejected")
    app.text_area(key="answer_note").set_value("The contact is real.")
    button(app, "Answer").click()
    run(app)
    (row,) = all_disputes(home)
    assert (row.state, row.note, row.answered_by) == ("rejected", "The contact is real.", "Ada")
    assert "0 open disputes of 1" in said(app)


def test_text_from_the_data_is_plain(home: Home) -> None:
    with home.session() as session:
        deciding.save_intents(session, [IntentDecision(NASTY, owner=NASTY, owner_email="n@x.org")], actor="Ada")
    for app in (pick(opened(), "statement_lines", 1), opened(month=OCTOBER, owner=NASTY)):
        assert NASTY not in said(app)
        assert r"\<b\>x\<\/b\>" in said(app)


def test_without_rates_nothing_is_free(home: Home) -> None:
    with home.session() as session:
        gone = [("rates", ("phone", date(2026, 1, 1)))]
        deciding.save(session, [], actor="Ada", gone=gone)  # type: ignore[arg-type]
    app = opened()
    assert app.header[0].value == "What the contacts of October 2026 cost is **not known**: no rate says it."
    shown = {card.label: card.value for card in app.metric}
    assert (shown["Total"], shown["Handling"], shown["Repeats"]) == ("not known", "not known", "not known")


def test_no_owner_at_all_and_no_customer_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path / "bare"))
    opened_home = Home(Settings(home=tmp_path / "bare", timezone="UTC", memory="500MB"))
    bring_in(opened_home, [{**each, "customer_id": ""} for each in ROWS])
    with opened_home.session() as session:
        deciding.save_rates(session, [Rate("phone", date(2026, 1, 1), Decimal("1.10"), Decimal(0))], actor="Ada")
    bring_up_to_date(opened_home)
    app = opened()
    assert app.header[0].value.endswith("**Nobody owns any of it.**")
    assert "repeats are not known: no customer ids" in said(app)
    assert {card.label: card.value for card in app.metric}["Repeats"] == "not known"


def test_an_empty_home_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path / "empty"))
    app = opened()
    assert "There is nothing to bill yet" in app.header[0].value


def test_a_month_without_contacts_is_said(home: Home) -> None:
    bring_in(home, [row("0", "2026-08-05 10:00", channel="phone", intent="Visit")], name="august.csv")
    bring_up_to_date(home)
    app = opened(month="2026-09")
    assert "No contacts in this month" in app.header[0].value
    assert replace(october(home), lines=()).total_cents == 0
