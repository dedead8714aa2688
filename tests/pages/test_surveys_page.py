"""Survey coverage as a script: its numbers are the metrics', reasons stand on every card, its list is worked off."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.chart_data import CHARTS, chart_data
from cx_metrics.metrics.heard.survey_doubt import csat_by_intent, what_it_could_be
from cx_metrics.metrics.output import to_csv
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from pages.shared import format as write
from pages.shared.follow_ups import mark
from pages.shared.text import plain
from pages.shared.view import BEFORE, DEFAULT_PERIOD, view
from tests.browser.homes import demo_home, desk_home, desk_rows
from tests.pages.opening import open_app, settings_for

pytestmark = pytest.mark.xdist_group("pages")

ZONE = "Europe/Berlin"
NASTY = "<b>x</b> *y* $z$ :smile:"
COLUMNS = (
    *("contact_id", "customer_id", "started_at", "ended_at", "intent", "channel", "survey_offered_at", "csat", "nps"),
    *("ces", "outcome", "feeling", "follow_up", "subject"),
)
LAST = datetime(2026, 3, 31, 21, 59)
Open = Callable[..., AppTest]


def contacts() -> list[dict[str, str]]:
    """900 contacts of 20 weeks: every third is asked, every third of these answers, mostly happy ones."""
    rows = []
    for n in range(900):
        at = LAST - timedelta(hours=3.7 * n)
        row = {
            "contact_id": f"{n}",
            "customer_id": f"c{n // 2}",
            "started_at": str(at),
            "ended_at": str(at + timedelta(minutes=20)),
            "intent": NASTY if n % 4 else "Visit",
            "channel": ("phone", "mail")[n % 8 == 0],
            "subject": f"subject of {n} {NASTY}",
        }
        if n % 3 == 0:
            row["survey_offered_at"] = row["ended_at"]
        if n % 9 == 0:
            happy = n % 27 > 0
            row |= {"csat": "5" if happy else "2", "nps": "9" if happy else "3", "ces": "6" if happy else "2"}
            row |= {"outcome": "5" if happy else "1", "feeling": "4" if happy else "2", "follow_up": str(not happy)}
        rows.append(row)
    return rows


def home_with(folder: Path, rows: list[dict[str, str]]) -> Path:
    home = Home(Settings(home=folder, timezone=ZONE, user="tester"))
    file = folder.with_suffix(".csv")
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    text = "name = 'surveyed'\ntimezone = 'UTC'\n[columns]\n" + "\n".join(f"{name} = '{name}'" for name in COLUMNS)
    load(home, file, source="desk", mapping=parse_mapping(text, origin="surveyed"), actor="tester")
    bring_up_to_date(home)
    return folder


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with surveys; tests only read it."""
    return home_with(tmp_path_factory.mktemp("surveyed") / "home", contacts())


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="tester")


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens Survey coverage in a home."""

    def opened(home: Path, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        return open_app("surveys", **params)

    return opened


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], str]]:
    """What makes each file the page offers, by the file's name."""
    found: dict[str, Callable[[], str]] = {}
    draw = st.download_button

    def noted(label: str, data: Callable[[], str], **look: Any) -> bool:
        found[look["file_name"]] = data
        return draw(label, data, **look)

    monkeypatch.setattr(st, "download_button", noted)
    return found


def asked_of(home: Path, period: str = DEFAULT_PERIOD) -> tuple[Any, Any]:
    mart = fresh_mart(Home(Settings(home=home, timezone=ZONE)))
    return mart, view(mart.facts, period=period, comparison=BEFORE, chosen=None, where={}).now


def test_cards_show_the_metrics_values(surveyed: Path, open_page: Open) -> None:
    mart, asked = asked_of(surveyed, "All data")
    shown = {card.label: card.value for card in open_page(surveyed, period="All data").metric}
    for label, name in (("Reach", "reach"), ("Coverage", "coverage"), ("Response", "response")):
        assert shown[label] == write.percent(metric(mart, name, asked)["value"].iloc[0])
    csat = metric(mart, "csat", asked).iloc[0]
    (label,) = [label for label in shown if label.startswith("CSAT")]
    assert shown[label] == write.percent(csat["value"])
    (label,) = [label for label in shown if label.startswith("NPS")]
    assert shown[label] == write.number(metric(mart, "nps", asked)["value"].iloc[0], signed=True)
    score = what_it_could_be(mart, asked).iloc[0]
    assert shown["Tipping point"] == write.percent(score["tipping"], 1)


def test_the_stories_of_the_demo_are_found_here(tmp_path: Path, open_page: Open) -> None:
    """Nobody is asked about "Cancel my contract" but the happy; and everywhere the unhappy stay silent."""
    folder = demo_home(tmp_path / "demo")
    said = open_page(folder, period="All data").header[0].value
    assert "came back less often than everybody" in said
    assert "We hear least about *Cancel my contract*" in said
    mart, asked = asked_of(folder, "All data")
    assert what_it_could_be(mart, asked).iloc[0]["quality"] == "cannot conclude"
    row = csat_by_intent(mart, asked).set_index("intent").loc["Cancel my contract"]
    assert row["reach"] < 0.03
    assert row["quality"] in (None, "cannot conclude")


def test_every_csv_is_the_chart_of_that_name(
    surveyed: Path, open_page: Open, downloads: dict[str, Callable[[], str]]
) -> None:
    open_page(surveyed, period="All data")
    mart, asked = asked_of(surveyed, "All data")
    names = [name for name in (file.removesuffix(".csv") for file in downloads) if name in CHARTS]
    assert sorted(names) == [
        *("answer_map", "answerers", "csat_by_intent", "feedback", "ladder", "response_weeks", "solved_and_felt"),
    ]
    for name in names:
        assert downloads[f"{name}.csv"]() == to_csv(chart_data(mart, name, asked))


def test_the_target_of_the_link_moves_the_tipping_point(surveyed: Path, open_page: Open) -> None:
    mart, asked = asked_of(surveyed, "All data")
    app = open_page(surveyed, period="All data", csat_target="60")
    shown = {card.label: card.value for card in app.metric}
    assert shown["Tipping point"] == write.percent(what_it_could_be(mart, asked, 0.6).iloc[0]["tipping"], 1)
    assert "target of 60" in app.header[0].value


def test_names_are_plain_text(surveyed: Path, open_page: Open) -> None:
    app = open_page(surveyed, period="All data")
    read_as_markdown = [e.value for e in [*app.header, *app.subheader, *app.markdown, *app.caption, *app.info]]
    assert not any(NASTY in text for text in read_as_markdown)
    mart, asked = asked_of(surveyed, "All data")
    intents = csat_by_intent(mart, asked)
    least = intents.iloc[int(intents["reach"].argmin())]["intent"]
    assert f"We hear least about *{plain(least)}*" in app.header[0].value


def test_data_without_surveys_says_so_on_every_card(tmp_path: Path, open_page: Open) -> None:
    app = open_page(desk_home(tmp_path / "home", desk_rows(60, prefix="a")))
    assert app.header[0].value == "What customers think is **not known**: no surveys in this data."
    shown = {card.label: card.value for card in app.metric}
    assert [shown[label] for label in ("Reach", "Coverage", "Response")] == ["not known"] * 3
    assert (shown["CSAT"], shown["Tipping point"]) == ("withheld", "not known")
    assert not any(value in ("0", "0\u202f%") for value in shown.values())
    said = " ".join(caption.value for caption in app.caption)
    assert said.count("no surveys in this data") >= 5


def test_one_contact_with_one_answer_is_withheld(tmp_path: Path, open_page: Open) -> None:
    only = contacts()[0] | {"started_at": "2026-03-01 10:00:00", "ended_at": "2026-03-01 11:00:00"}
    app = open_page(home_with(tmp_path / "home", [only]), period="All data")
    assert app.header[0].value.startswith("**We can't say how happy customers are**: fewer than 10 answers")
    shown = {card.label: card.value for card in app.metric}
    assert (shown["Reach"], shown["CSAT"]) == ("100\u202f%", "withheld")


def test_an_empty_slice_says_what_to_do(surveyed: Path, open_page: Open) -> None:
    app = open_page(surveyed, channel="mail", intent=NASTY)
    assert [title.value for title in app.title] == ["Survey coverage"]
    assert any("No contacts in this period" in header.value for header in app.header)
    assert not app.metric


def wishes_shown(app: AppTest) -> list[str]:
    frames = [frame.value for frame in app.dataframe]
    (found,) = [frame for frame in frames if "subject" in frame]
    return [str(name) for name in found["contact_id"]]


def test_wishes_are_worked_off_and_opened_again(tmp_path: Path, open_page: Open) -> None:
    folder = home_with(tmp_path / "home", contacts())
    app = open_page(folder, period="All data")
    app.session_state["follow_ups_open"] = True
    app.run()
    everything = wishes_shown(app)
    assert everything[:3] == ["0", "27", "54"]
    assert len(everything) == 34
    assert [button.disabled for button in app.button if "Mark as done" in button.label] == [True]
    assert mark(("desk", "27"), intent="Billing", done=True)
    app.run()
    assert wishes_shown(app) == [name for name in everything if name != "27"]
    app.session_state["follow_ups_state"] = "Done"
    app.run()
    assert wishes_shown(app) == ["27"]
    (done,) = [frame.value for frame in app.dataframe if "subject" in frame.value]
    assert done["done_by"].tolist() == ["tester"]
    assert mark(("desk", "27"), intent="Billing", done=False)
    app.session_state["follow_ups_state"] = "Open"
    app.run()
    assert wishes_shown(app) == everything
