"""The pages as scripts, without a browser: their numbers are the metrics' numbers, their text is plain text."""

from __future__ import annotations

import contextlib
import csv
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.cli import main as cli
from cx_metrics.config import Settings
from cx_metrics.metrics import output
from cx_metrics.metrics.catalogue import METRICS, metric
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import decided
from cx_metrics.store.marts.mart import Mart, open_mart
from pages.shared import format as write
from pages.shared.registry import PAGES, PageInfo
from pages.shared.registry import page as page_of
from pages.shared.text import plain
from pages.shared.view import BEFORE, DEFAULT_PERIOD, View, view
from tests.browser.homes import ZONE, demo_home, desk_home, desk_rows
from tests.pages.opening import open_app, settings_for

pytestmark = pytest.mark.xdist_group("pages")

EACH = pytest.mark.parametrize("info", PAGES, ids=lambda info: info.key)
NASTY = "<b>x</b> *y* $z$ :smile: [a](http://b.c)"
ROWS = {
    "Contacts": "volume",
    "Came back": "recontact_rate",
    "Solved first time": "fcr",
    "Repeats": "repeat_share",
}

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company in small; tests only read it."""
    return demo_home(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="tester")


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page of a home by its link."""

    def opened(home: Path, info: PageInfo, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home))
        return open_app(info.key, **params)

    return opened


def mart_of(home: Path) -> Mart:
    opened = Home(Settings(home=home))
    return open_mart(opened.mart, decisions=decided(opened))


def usual_view(mart: Mart) -> View:
    """What a page shows where its link asks for nothing."""
    return view(mart.facts, period=DEFAULT_PERIOD, comparison=BEFORE, chosen=None, where={})


def heaviest(mart: Mart, asked: Slice) -> Slice:
    """The slice of its most frequent intent, which the Intent page begins with."""
    volumes = metric(mart, "volume", replace(asked, by=("intent",)))
    first = volumes.sort_values(["value", "intent"], ascending=[False, True])["intent"].iloc[0]
    return replace(asked, where=(("intent", (first,)),))


def written(name: str, frame: pd.DataFrame) -> str:
    """A metric's one value as its unit is written."""
    value = frame["value"].iloc[0]
    if METRICS[name].unit == "share":
        return write.percent(value)
    return write.count(value) if name == "volume" else write.number(value, 2)


@EACH
def test_every_page_stands_with_its_title(info: PageInfo, demo: Path, open_page: Open) -> None:
    app = open_page(demo, info)
    assert [title.value for title in app.title] == [info.title]
    assert [error.value for error in app.error] == []
    assert [note.value for note in app.info] == []
    assert [said.value for said in app.caption if "is made up" in said.value]


@EACH
def test_every_page_stands_in_an_empty_home(info: PageInfo, tmp_path: Path, open_page: Open) -> None:
    app = open_page(tmp_path / "home", info)
    assert [title.value for title in app.title] == [info.title]
    assert [error.value for error in app.error] == []
    says_so = any("There is no data yet" in header.value for header in app.header)
    assert says_so or not info.filtered


def test_cards_show_the_metrics_values(demo: Path, open_page: Open) -> None:
    mart = mart_of(demo)
    asked = heaviest(mart, usual_view(mart).now)
    names = {**ROWS, "Per customer": "contacts_per_customer"}
    shown = {card.label: card.value for card in open_page(demo, page_of("intent")).metric}
    assert shown == {label: written(name, metric(mart, name, asked)) for label, name in names.items()}


def test_a_change_is_that_against_the_comparison_period(demo: Path, open_page: Open) -> None:
    mart = mart_of(demo)
    asked = usual_view(mart)
    assert asked.before is not None
    only = heaviest(mart, asked.now).where
    each = (replace(asked.now, where=only), replace(asked.before, where=only))
    now, before = (metric(mart, "volume", period)["value"].iloc[0] for period in each)
    shown = {card.label: card.delta for card in open_page(demo, page_of("intent")).metric}
    assert shown["Contacts"] == write.count(now - before, signed=True)


def test_filters_of_the_link_count(demo: Path, open_page: Open) -> None:
    mart = mart_of(demo)
    asked = view(mart.facts, period="Last 13 weeks", comparison=BEFORE, chosen=None, where={"channel": ["phone"]}).now
    app = open_page(demo, page_of("overview"), period="Last 13 weeks", channel="phone")
    shown = {card.label: card.value for card in app.metric}
    assert shown["Solved first time"] == written("fcr", metric(mart, "fcr", asked))
    assert shown["Cost of contacts"] == write.money_compact(metric(mart, "cost", asked)["value"].iloc[0], "EUR")


def test_an_unknown_filter_in_the_link_is_left_out_with_a_note(demo: Path, open_page: Open) -> None:
    usual = [card.value for card in open_page(demo, page_of("overview")).metric]
    app = open_page(demo, page_of("overview"), period="Last decade", channel="<b>fax</b>")
    assert len(app.info) == 2
    assert [card.value for card in app.metric] == usual
    assert not any("<b>fax" in note.value for note in app.info)


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], str]]:
    """What makes each file a page offers, by its button's key: a button makes it when it is clicked."""
    found: dict[str, Callable[[], str]] = {}
    draw = st.download_button

    def noted(label: str, data: Callable[[], str], **look: Any) -> bool:
        found[look["key"]] = data
        return draw(label, data, **look)

    monkeypatch.setattr(st, "download_button", noted)
    return found


def printed(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What the command line prints for a metric as CSV."""
    monkeypatch.setenv("CX_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["cx_metrics", "metric", *words, "--csv"])
    capsys.readouterr()
    with contextlib.suppress(SystemExit):
        cli.main()
    return capsys.readouterr().out


@pytest.mark.parametrize(("key", "button"), [("intents", "csv_recontact"), ("intent", "csv_rates")])
def test_a_charts_csv_is_what_the_command_line_prints(
    key: str,
    button: str,
    demo: Path,
    open_page: Open,
    downloads: dict[str, Callable[[], str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mart = mart_of(demo)
    asked = usual_view(mart).now
    by = "intent"
    where: tuple[str, ...] = ()
    if key == "intent":
        asked = heaviest(mart, asked)
        by = next(name for name in mart.facts.dimensions if name not in ("intent", "category"))
        where = ("--where", f"intent={asked.where[0][1][0]}")
    open_page(demo, page_of(key))
    text = downloads[button]()
    assert text == output.to_csv(metric(mart, "recontact_rate", replace(asked, by=(by,))))
    days = ("--from", str(asked.from_on), "--to", str(asked.to_on))
    assert text == printed(demo, capsys, monkeypatch, "recontact_rate", *days, "--by", by, *where)
    assert text.count("\n") > 2


def test_the_contacts_csv_has_every_contact_of_the_intent(
    demo: Path, open_page: Open, downloads: dict[str, Callable[[], str]]
) -> None:
    mart = mart_of(demo)
    asked = heaviest(mart, usual_view(mart).now)
    page = open_page(demo, page_of("intent"))
    assert "csv_contacts" not in downloads  # contacts are read when they are asked for
    page.session_state["contacts_open"] = True
    page.run()
    rows = list(csv.DictReader(io.StringIO(downloads["csv_contacts"]())))
    assert len(rows) == metric(mart, "volume", asked)["value"].iloc[0]
    assert {row["intent"] for row in rows} == set(asked.where[0][1])


@pytest.mark.parametrize("key", ["overview", "intents", "intent"])
def test_a_name_with_markup_is_plain_text(key: str, tmp_path: Path, open_page: Open) -> None:
    rows = [*desk_rows(20, prefix="a", intent=NASTY), *desk_rows(5, prefix="b")]
    app = open_page(desk_home(tmp_path / "home", rows), page_of(key), intent=NASTY)
    drawn = [*app.header, *app.subheader, *app.markdown, *app.caption, *app.info]
    read_as_markdown = [element.value for element in drawn]
    assert not any(NASTY in text for text in read_as_markdown)
    assert any(plain(NASTY) in text for text in read_as_markdown)


def test_the_upload_page_shows_the_ledger(tmp_path: Path, open_page: Open) -> None:
    app = open_page(desk_home(tmp_path / "home", desk_rows(3, prefix="a")), page_of("upload"))
    ledger = app.dataframe[0].value
    assert ledger[["load", "state", "source", "accepted"]].to_numpy().tolist() == [[1, "loaded", "desk", 3]]


def test_methods_shows_every_definition(demo: Path, open_page: Open) -> None:
    app = open_page(demo, page_of("methods"))
    titles = [heading.value for heading in app.subheader]
    assert titles[: len(METRICS)] == [info.title for info in METRICS.values()]
    assert [code.value for code in app.code] == [info.formula for info in METRICS.values()]
