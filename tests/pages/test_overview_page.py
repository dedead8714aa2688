"""The Overview as a script: its sentences are the brief's, its cards the metrics', and it stands without decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.costs.intents_by_cost import intents_by_cost
from cx_metrics.metrics.reasons.attention import attention
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.standing import days_before, standing, usual_period
from cx_metrics.reports.briefing import briefing
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.marts.mart import Mart
from pages.shared import brief_sentences
from pages.shared import format as write
from pages.shared.registry import page
from pages.shared.text import amount, plain
from pages.shared.view import BEFORE, DEFAULT_PERIOD, view
from tests.browser.homes import ZONE, demo_home, desk_home, desk_rows
from tests.pages.opening import open_app, settings_for

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$ :smile: [a](http://b.c)"

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company in small, with what it decided; tests only read it."""
    return demo_home(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="tester")


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the page of a home by its link."""

    def opened(home: Path, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        app = open_app("overview", **params)
        assert [error.value for error in app.error] == []
        return app

    return opened


def mart_of(home: Path) -> Mart:
    return fresh_mart(Home(Settings(home=home, timezone=ZONE)))


def periods(mart: Mart) -> tuple[Slice, Slice | None]:
    """What the page shows where its link asks for nothing."""
    asked = view(mart.facts, period=DEFAULT_PERIOD, comparison=BEFORE, chosen=None, where={})
    return asked.now, asked.before


def test_it_says_what_the_command_line_says(demo: Path, open_page: Open) -> None:
    mart = mart_of(demo)
    told = briefing(mart, Slice())
    assert (told.slice, told.compare) == periods(mart)
    assert (usual_period(mart.facts), days_before(mart.facts, told.slice)) == periods(mart)
    app = open_page(demo)
    assert app.header[0].value == brief_sentences.headline(told.sentences)
    shown = [*app.header, *app.markdown, *app.caption]
    for sentence in told.sentences:
        assert any(brief_sentences.markdown(sentence) in element.value for element in shown), str(sentence)


def test_cards_are_the_metrics(demo: Path, open_page: Open) -> None:
    mart = mart_of(demo)
    stands = standing(mart, *periods(mart))
    shown = {card.label: (card.value, card.delta) for card in open_page(demo).metric}
    cost = metric(mart, "cost", stands.slice)["value"].iloc[0]
    fcr = metric(mart, "fcr", stands.slice)["value"].iloc[0]
    assert shown["Cost of contacts"][0] == write.money_compact(cost, "EUR")
    assert shown["Solved first time"][0] == write.percent(fcr)
    verdicts = list(stands.intents["verdict"])
    assert shown["Targets"] == (f"{verdicts.count('met')} met", f"{verdicts.count('missed')} missed")
    unit = metric(mart, "cpx", stands.cpx.asked).iloc[0]
    assert shown[f"Per 100 {unit['unit']}"][0] == write.number(unit["value"] * 100, 1)
    heard = metric(mart, "reach", stands.slice)["value"].iloc[0]
    assert shown["We heard from"][0] == f"{write.number(heard * 100)} of 100"


def test_tables_and_decisions_are_the_frames(demo: Path, open_page: Open) -> None:
    mart = mart_of(demo)
    asked, before = periods(mart)
    app = open_page(demo)
    table = intents_by_cost(mart, asked, before)
    assert list(app.dataframe[0].value["intent"]) == list(table["intent"])
    assert app.dataframe[0].value["cost"].tolist() == table["cost"].tolist()
    needed = attention(mart, asked, before).head(5)
    assert len(needed)
    assert [button.label for button in app.button if button.key and button.key.startswith("decide_")] == [
        f"**{plain(intent)}**" for intent in needed["intent"]
    ]
    orange = [element.value for element in app.markdown if element.value.startswith(":orange[")]
    assert len(orange) == len(needed)
    money = amount(write.money(needed["money"].iloc[0], "EUR"))
    assert money in orange[0]


def test_a_decision_opens_its_intent(demo: Path, open_page: Open) -> None:
    app = open_page(demo)
    button = next(button for button in app.button if button.key == "decide_0")
    mart = mart_of(demo)
    name = attention(mart, *periods(mart))["intent"].iloc[0]
    button.click().run()
    assert [title.value for title in app.title] == [page("intent").title]
    assert app.selectbox(key="about").value == name


def test_without_decisions_it_tells_of_contacts_and_says_where_to_decide(tmp_path: Path, open_page: Open) -> None:
    app = open_page(desk_home(tmp_path / "home", desk_rows(70, prefix="a")))
    assert app.header[0].value.startswith("Customers contacted us **28 times**")
    assert [card.label for card in app.metric] == ["Contacts", "Came back", "Repeats", "Per customer"]
    assert app.metric[0].value == "28"
    captions = [caption.value for caption in app.caption]
    assert any(
        "Not decided yet: rates, so no cost; units of X, so no contacts per unit; targets; owners." in text
        for text in captions
    )
    assert any(heading.value == "Intents by contacts" for heading in app.subheader)
    assert any("No rate" in text or "no rate" in text for text in captions)


def test_without_a_comparison_or_contacts_it_says_so(tmp_path: Path, open_page: Open) -> None:
    home = desk_home(tmp_path / "home", desk_rows(20, prefix="a"))
    app = open_page(home)
    assert any("There is no earlier period to compare with." in caption.value for caption in app.caption)
    empty = open_page(home, period="Chosen days", **{"from": "2026-02-02", "to": "2026-02-02", "channel": "phone"})
    assert empty.title[0].value == page("overview").title


def test_names_with_markup_stay_text(tmp_path: Path, open_page: Open) -> None:
    rows = [*desk_rows(10, prefix="b"), *desk_rows(70, prefix="a", intent=NASTY)]
    app = open_page(desk_home(tmp_path / "home", rows))
    drawn = [*app.header, *app.subheader, *app.markdown, *app.caption]
    assert not any(NASTY in element.value for element in drawn)
    assert not any(NASTY in button.label for button in app.button)


def test_without_customer_ids_the_rest_is_told(tmp_path: Path, open_page: Open) -> None:
    rows = [(number, "", *others) for number, _, *others in desk_rows(70, prefix="a")]
    app = open_page(desk_home(tmp_path / "home", rows))
    assert app.header[0].value.startswith("Customers contacted us **28 times**")
    assert [card.value for card in app.metric] == ["28", write.UNKNOWN, write.UNKNOWN, write.UNKNOWN]
    assert any("no customer ids in this data" in caption.value for caption in app.caption)
