"""The pages on first contact resolution and expectations as scripts: their numbers, their reasons, plain text."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.output import to_csv
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.marts.mart import Mart
from pages.shared import format as write
from pages.shared import resolution_sentences as say
from pages.shared.text import plain
from pages.shared.view import BEFORE, DEFAULT_PERIOD, view
from tests.pages.opening import open_app, settings_for
from tests.store.extracts import Row, row

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$"
LAST = datetime(2026, 3, 31, 22)
KEYS = ("resolution", "expectations")
COLUMNS = (
    *("contact_id", "customer_id", "started_at", "ended_at", "intent", "channel", "team", "urgency"),
    *("resolved", "confirmed"),
)
EACH = pytest.mark.parametrize("key", KEYS)


def contacts(**without: str | None) -> list[Row]:
    """Seventeen weeks of two intents: of NASTY every third customer is back in two days, of Visit every twelfth."""
    rows = []
    for n in range(1100):
        at = LAST - timedelta(hours=2.5 * n)
        intent, customer = (NASTY, f"c{n // 2}") if n % 2 else ("Visit", f"d{n // 2}")
        back = n % 3 == 0 if n % 2 else n % 12 == 0
        rows.append(_contact(f"{n}", at, customer, intent, n, **without))
        if back and at + timedelta(days=2) < LAST:
            rows.append(_contact(f"{n}b", at + timedelta(days=2), customer, intent, n, **without))
    return rows


def _contact(name: str, at: datetime, customer: str, intent: str, n: int, **without: str | None) -> Row:
    values = {
        "customer_id": customer,
        "intent": intent,
        "channel": ("phone", "mail")[n % 4 == 0],
        "ended_at": str(at + timedelta(hours=20 if n % 4 == 0 else 1)),
        "resolved": "true",
        "confirmed": "true" if n % 5 == 0 else None,
        "urgency": ("high", "low")[n % 2],
        "team": ("East", "West")[n % 7 == 0],
    }
    return row(name, str(at), **{key: value for key, value in (values | without).items() if value is not None})


DECIDED = [
    IntentDecision(NASTY, owner="Dana", fcr_target=0.80, expected_hours=4.0),
    IntentDecision("Visit", fcr_target=0.70),
]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone="UTC", user="Ada")


def home_of(folder: Path, rows: list[Row], decided: list[IntentDecision]) -> Path:
    opened = Home(Settings(home=folder, timezone="UTC", memory="500MB", user="Ada"))
    _load(opened, rows)
    with opened.session() as session:
        deciding.save_intents(session, decided, actor="Ada")
    bring_up_to_date(opened)
    return folder


def _load(home: Home, rows: list[Row]) -> None:
    """Only the columns that hold anything, as an extract that lacks the others."""
    held = [name for name in COLUMNS if any(name in row for row in rows)]
    path = home.folder / "extract.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, held, restval="")
        writer.writeheader()
        writer.writerows(rows)
    listed = "\n".join(f"{name} = '{name}'" for name in held)
    mapping = parse_mapping(f"name = 'desk'\ntimezone = 'UTC'\n[columns]\n{listed}", origin="desk")
    load(home, path, source="desk", mapping=mapping, actor="Ada")


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with targets and one expectation; tests only read it."""
    return home_of(tmp_path_factory.mktemp("decided") / "home", contacts(), DECIDED)


def mart_of(home: Path) -> Mart:
    return fresh_mart(Home(Settings(home=home, timezone="UTC", memory="500MB", user="Ada")))


def usual(mart: Mart) -> Slice:
    return view(mart.facts, period=DEFAULT_PERIOD, comparison=BEFORE, chosen=None, where={}).now


Open = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(home: Path, key: str, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        app = open_app(key, **params)
        assert [error.value for error in app.error] == []
        return app

    return opened


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


def test_the_answer_and_the_cards_are_the_metrics(decided: Path, open_page: Open) -> None:
    app = open_page(decided, "resolution")
    mart = mart_of(decided)
    fcr = metric(mart, "fcr", usual(mart))
    judged = verdicts(mart)
    assert list(judged["verdict"]) == ["missed", "met"]
    assert [head.value for head in app.header] == [say.answer(judged, fcr)]
    assert f"**1 of 2 intents misses its target**, 1 meets it, 0 can't be told yet. *{plain(NASTY)}*" in say.answer(
        judged, fcr
    )
    shown = {card.label: card.value for card in app.metric}
    assert shown["Solved first time"] == write.percent(fcr["value"].iloc[0])
    assert shown["Missed · met · unclear"] == "1 · 1 · 0"
    assert shown["Too young to know"] == write.count(fcr["immature"].iloc[0])
    assert int(fcr["immature"].iloc[0]) > 0
    assert shown["Without customer id"] == write.percent(0.0, 1)


def test_every_csv_is_what_the_command_line_prints(decided: Path, open_page: Open, files: dict[str, str]) -> None:
    mart = mart_of(decided)
    asked = usual(mart)
    open_page(decided, "resolution", process="Visit")
    for name in ("verdicts", "claims", "strip", "overclaims"):
        assert files[f"csv_{name}"] == to_csv(chart_data(mart, name, asked)), name
    weeks = to_csv(chart_data(mart, "fcr_weeks", replace(asked, where=(("intent", ("Visit",)),))))
    assert files["csv_fcr_weeks"] == weeks
    assert weeks.count("too young") == 2
    open_page(decided, "expectations")
    for name in ("hours", "kept_weeks", "urgent"):
        assert files[f"csv_{name}"] == to_csv(chart_data(mart, name, asked)), name


def test_filters_count_for_the_verdicts_too(decided: Path, open_page: Open) -> None:
    app = open_page(decided, "resolution", intent="Visit")
    assert app.header[0].value.startswith("**None of 1 intent misses its target**, 1 meets it")


def test_expectations_are_the_metric(decided: Path, open_page: Open) -> None:
    app = open_page(decided, "expectations")
    mart = mart_of(decided)
    kept = metric(mart, "kept", usual(mart))
    shown = {card.label: card.value for card in app.metric}
    assert shown["Expectation kept"] == write.percent(kept["value"].iloc[0])
    assert shown["Without expectation"] == write.count(kept["without_expectation"].iloc[0]) != "0"
    assert "by mail wait 20" in app.header[0].value
    assert app.multiselect(key="urgent").value == ["high"]


@EACH
def test_names_are_plain_text(key: str, decided: Path, open_page: Open) -> None:
    app = open_page(decided, key)
    shown = [element.value for element in (*app.header, *app.subheader, *app.markdown, *app.caption)]
    assert not any(NASTY in text for text in shown)


def test_nothing_decided_shows_what_is_observed(tmp_path: Path, open_page: Open) -> None:
    home = home_of(tmp_path / "home", contacts(), [])
    app = open_page(home, "resolution")
    assert "**No intent has a target yet**" in app.header[0].value
    assert any("Targets are decided per intent" in text.value for text in app.markdown)
    assert {card.label: card.value for card in app.metric}["Missed · met · unclear"] == "0 · 0 · 0"
    app = open_page(home, "expectations")
    assert "no hours to be solved within are decided" in app.header[0].value
    assert {card.label: card.value for card in app.metric}["Expectation kept"] == write.UNKNOWN


def test_without_customer_ids_it_says_why_nothing_is_known(tmp_path: Path, open_page: Open) -> None:
    home = home_of(tmp_path / "home", contacts(customer_id=None), DECIDED)
    app = open_page(home, "resolution")
    assert any("these contacts have no customer ids" in head.value for head in app.header)
    assert not app.metric
    assert "by mail wait 20" in open_page(home, "expectations").header[0].value


def test_without_claims_answers_ends_teams_or_urgency(tmp_path: Path, open_page: Open) -> None:
    without = dict.fromkeys(("resolved", "confirmed", "ended_at", "team", "urgency"))
    home = home_of(tmp_path / "home", contacts(**without), DECIDED)
    app = open_page(home, "resolution")
    assert {card.label: card.value for card in app.metric}["Marked solved"] == write.UNKNOWN
    assert any("This data names no teams" in text.value for text in app.caption)
    app = open_page(home, "expectations")
    assert "no contact here is known to have ended" in app.header[0].value
    assert any("does not say how urgent" in text.value for text in app.caption)


@EACH
def test_a_filter_without_contacts_says_so(key: str, decided: Path, open_page: Open) -> None:
    app = open_page(decided, key, channel="mail", intent=NASTY)
    assert any("No contacts in this period with these filters" in head.value for head in app.header)
    assert not app.metric


def test_an_unknown_intent_in_the_link_is_left_out_with_a_note(decided: Path, open_page: Open) -> None:
    app = open_page(decided, "resolution", process="<b>none</b>")
    assert [note.value for note in app.info if "<b>" in note.value] == []
    assert app.selectbox(key="process").value == NASTY
