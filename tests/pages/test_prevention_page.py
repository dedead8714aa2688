"""The Prevention page as a script: its numbers are the metrics', its forms write what they say, its text is plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.output import to_csv
from cx_metrics.metrics.prevented.alerts import alerts
from cx_metrics.metrics.prevented.channel_fit import channel_fit
from cx_metrics.metrics.prevented.self_help import NOT_IN_DATA, self_help, self_help_total
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import Alert, Rate
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.marts.mart import Mart
from pages.shared import format as write
from pages.shared import prevention_sentences
from pages.shared.registry import page
from pages.shared.view import BEFORE, DEFAULT_PERIOD, view

pytestmark = pytest.mark.xdist_group("pages")

PROJECT = Path(__file__).resolve().parents[2]
NASTY = "<b>x</b> *y* $z$"
FIRST = date(2026, 1, 1)
DAYS = 120
NAMES = ("contact_id", "customer_id", "started_at", "intent", "channel", "self_help")
MAIL = Alert(
    f"Mail {NASTY}", NASTY, datetime(2026, 3, 10, 8), 1000, n_held_out=500, contacted_sent=160, contacted_held_out=40
)
RATE = Rate("phone", FIRST, Decimal("1.10"), Decimal("0.50"), Decimal(6))
SPIKES = (40, 55, 71, 85, 95, 105)

Open = Callable[..., AppTest]


def bring_in(home: Home, *, with_articles: bool) -> None:
    """Three contacts a day about one intent, thirty on days with a spike; every third tried something first."""
    names = NAMES if with_articles else NAMES[:-1]
    columns = "\n".join(f"{name} = '{name}'" for name in names)
    mapping = parse_mapping(f"name = 'plain'\ntimezone = 'UTC'\n[columns]\n{columns}", origin="plain")
    lines = [",".join(names)]
    for day in range(DAYS):
        for n in range(30 if day in SPIKES else 3):
            article = f'"Read {NASTY}"' if n % 3 == 0 else ""
            at = f"{FIRST + timedelta(days=day)} {8 + n % 9:02}:00:00"
            cells = [f"{day}-{n}", f"c{(day * 7 + n) % 50}", at, f'"{NASTY}"', "phone" if n % 2 else "chat", article]
            lines.append(",".join(cells[: len(names)]))
    path = home.folder / "extract.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    load(home, path, source="desk", mapping=mapping, actor="Ada")


def opened(folder: Path) -> Home:
    return Home(Settings(home=folder, timezone="UTC", memory="500MB", user="Ada"))


def home_of(folder: Path, *, with_articles: bool, entries: list[Alert], rates: list[Rate]) -> Path:
    home = opened(folder)
    bring_in(home, with_articles=with_articles)
    with home.session() as session:
        deciding.save_alerts(session, entries, actor="Ada")
        deciding.save_rates(session, rates, actor="Ada")
    bring_up_to_date(home)
    return folder


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-help, rates, an alert that harmed and one without a control group for each later spike; only read."""
    sent = [datetime.combine(FIRST + timedelta(days=day), datetime.min.time()) for day in SPIKES[3:]]
    later = [Alert(f"Spike {n}", NASTY, at, 10) for n, at in enumerate(sent)]
    folder = tmp_path_factory.mktemp("told") / "home"
    return home_of(folder, with_articles=True, entries=[MAIL, *later], rates=[RATE])


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Contacts, and nothing else."""
    return home_of(tmp_path / "home", with_articles=False, entries=[], rates=[])


@pytest.fixture(autouse=True)
def _fresh_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {"TIMEZONE": "UTC", "USER": "Ada", "MEMORY": "500MB"}.items():
        monkeypatch.setenv(f"CX_{name}", value)
    monkeypatch.chdir(PROJECT)
    _forget()
    yield
    _forget()


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def open_it(home: Path, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        for name, value in params.items():
            app.query_params[name] = value
        app.switch_page(page("prevention").file)
        app.run()
        assert [error.value for error in app.exception] == []
        return app

    return open_it


def usual(mart: Mart) -> Slice:
    return view(mart.facts, period=DEFAULT_PERIOD, comparison=BEFORE, chosen=None, where={}).now


def said_by(app: AppTest) -> str:
    parts: list[Any] = [*app.header, *app.caption, *app.markdown]
    return " ".join(part.value for part in parts)


def test_cards_and_the_answer_are_the_metrics(told: Path, open_page: Open) -> None:
    mart = fresh_mart(opened(told))
    app = open_page(told)
    total = self_help_total(mart, usual(mart)).iloc[0]
    shown = {card.label.replace("\\", ""): card.value for card in app.metric}
    assert shown == {
        "Failed self-help costs": write.money_compact(total["cost"], "EUR"),
        "Tried self-help first": write.percent(total["share"]),
        "Alerts that helped": "0",
        "Alerts that harmed": "1",
        "Channel moves save": "none found",
    }
    answer = app.header[0].value
    assert write.money(total["cost"], "EUR") in answer
    assert "**brought more contacts**, not fewer" in answer
    assert "all spikes are of one size" in said_by(app)


def test_every_table_has_the_rows_that_the_command_line_prints(told: Path, open_page: Open) -> None:
    mart = fresh_mart(opened(told))
    app, asked = open_page(told), usual(mart)
    tables = [frame.value for frame in app.dataframe]
    assert [len(table) for table in tables] == [
        len(alerts(mart, Slice())),
        len(self_help(mart, asked)),
        len(channel_fit(mart, asked)),
    ]
    assert tables[0]["name"].tolist() == chart_data(mart, "alerts", Slice())["name"].tolist()
    assert tables[1]["cost"].tolist() == self_help(mart, asked)["cost"].tolist()
    assert to_csv(chart_data(mart, "self_help", asked)) == to_csv(self_help(mart, asked))


def test_names_from_the_data_are_plain_text(told: Path, open_page: Open) -> None:
    app = open_page(told)
    for text in (*app.header, *app.caption, *app.markdown):
        assert "<b>x</b>" not in text.value
        assert " *y* " not in text.value
        assert "$z$" not in text.value


def test_without_anything_decided_it_says_what_is_not_known(bare: Path, open_page: Open) -> None:
    app = open_page(bare)
    assert [error.value for error in app.error] == []
    shown = {card.label.replace("\\", ""): card.value for card in app.metric}
    assert (shown["Failed self-help costs"], shown["Tried self-help first"]) == ("not known", "not known")
    assert "is not in this data" in app.header[0].value
    said = said_by(app)
    assert "No alert is noted yet" in said
    assert NOT_IN_DATA in said.replace("\\", "")


def test_an_alert_is_noted_by_the_form(bare: Path, open_page: Open) -> None:
    app = open_page(bare)
    fields = {field.label: field for field in app.text_input}
    fields["Name"].input("Storm")
    fields["To whom"].input("The coast")
    (box,) = [box for box in app.selectbox if box.label == "Intent"]
    box.select(NASTY)
    app.date_input[-1].set_value(date(2026, 3, 1))
    numbers = {field.label: field for field in app.number_input}
    numbers["Customers it was sent to"].set_value(70)
    (button,) = [button for button in app.button if button.label == "Note it"]
    button.click().run()
    assert [error.value for error in app.error] == []
    assert any("is noted" in said.value for said in app.success)
    with opened(bare).session() as session:
        (noted,) = deciding.decisions(session, currency="EUR").alerts
    assert noted == Alert("Storm", NASTY, datetime(2026, 3, 1, 9), 70, audience="The coast")


def test_a_form_without_its_day_is_refused_in_a_sentence(bare: Path, open_page: Open) -> None:
    app = open_page(bare)
    (button,) = [button for button in app.button if button.label == "Note it"]
    button.click().run()
    assert "an alert needs a name" in app.error[0].value


def effect_row(**values: Any) -> dict[str, Any]:
    row = {"intent": "Outage", "reason": None, "verdict": "fewer contacts", "value": -0.48, "low": -0.63, "high": -0.27}
    row |= {"events_with": 6, "events_without": 11, "lift_with": 2.6, "lift_without": 5.3}
    return row | {"avoided": 296.0, "avoided_low": 120.0, "avoided_high": 541.0, "money": 2289.0} | values


def test_sentences_of_an_effect() -> None:
    said = prevention_sentences.effect(effect_row(), currency="EUR").replace("\u202f", " ")
    assert "**-48 %** (likely -63 % to -27 %; 6 spikes with an alert, 11 without)" in said
    assert "about 296 contacts avoided (120 – 541), € 2 289 at marginal cost" in said
    assert "*Before and after, no control group*" in said
    unknown = effect_row(verdict=None, reason="fewer than 3 spikes with or without an alert")
    assert "can't tell, fewer than 3 spikes" in prevention_sentences.effect(unknown, currency="EUR")


def test_sentences_of_a_trial_say_harm_plainly() -> None:
    row = effect_row(
        verdict="more contacts", value=0.0099, low=0.0016, high=0.017, rate_sent=0.048, rate_held_out=0.038
    )
    row |= {"avoided": -244.0, "avoided_low": -419.0, "avoided_high": -40.0, "money": -2785.0}
    said = prevention_sentences.trial(row, currency="EUR").replace("\u202f", " ")
    assert said == (
        "4.8 % of those told contacted us, 3.8 % of those held out: **+1.0 pts** (likely +0.2 pts to +1.7 pts), **it "
        "brought more contacts, not fewer**: about 244 contacts brought (40 – 419), € 2 785 at marginal cost."
    )
    unclear = prevention_sentences.trial(row | {"verdict": "can't tell"}, currency="EUR")
    assert unclear.endswith("which may be chance.")
