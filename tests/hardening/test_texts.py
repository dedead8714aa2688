"""Texts from data on pages, in downloads and in filters: shown letter by letter, computed with as they are."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from cx_metrics.contacts.mapping import to_toml
from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.errors import CxError
from cx_metrics.metrics.catalogue import metric as compute
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.briefing import briefing
from cx_metrics.spreadsheet import FORMULA_STARTS, plain_cell
from cx_metrics.store.lake import mappings
from cx_metrics.store.marts.freshness import fresh_mart
from pages.shared.registry import PAGES, PageInfo, page
from tests.browser.homes import ZONE
from tests.hardening.poisoned import MARKUP, RAW, Poisoned, columns, poison, poisoned_home, rows
from tests.pages.opening import PROJECT, settings_for

pytestmark = pytest.mark.xdist_group("poisoned")

PATHS = ["../../etc/passwd", "/etc/passwd", "C:\\x.toml", "a\0b.toml", "x" * 5000, "~/x.toml", ""]
NOT_MARKDOWN = {
    "id", "elementId", "formId", "data", "spec", "figure", "arrowData", "value", "default", "rawValues", "rawValue",
    "options", "url", "config", "queryParamKey", "chartData", "alt", "pageScriptHash", "columns", "urlPathname", "icon",
}  # fmt: skip


_ESCAPED = re.compile(r"\\[^\w\s]")


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Poisoned:
    return poisoned_home(tmp_path_factory.mktemp("poisoned"))


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each download button of a page hands out, by the name of its file."""
    found: dict[str, Any] = {}
    draw = st.download_button

    def noted(label: str, data: Any, file_name: str, *args: Any, **look: Any) -> bool:
        found[file_name] = data
        return draw(label, data, file_name, *args, **look)

    monkeypatch.setattr(st, "download_button", noted)
    return found


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, poisoned: Poisoned) -> Iterator[None]:
    settings_for(monkeypatch, timezone=ZONE, user="tester", home=poisoned.home.folder)
    monkeypatch.chdir(PROJECT)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def opened(info: PageInfo, poisoned: Poisoned, **params: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120).run()
    app.switch_page(page(info.key).script)
    asked = {"intent": {"intent": poisoned.intents[0]}, "review": {"id": str(poisoned.review)}}.get(info.key, {})
    for name, value in {"period": "All data", **asked, **params}.items():
        app.query_params[name] = value
    return app.run()


def said(node: Any) -> Iterator[str]:
    """Every text of a page that the browser reads as Markdown."""
    proto = getattr(node, "proto", None)
    if proto is not None and not isinstance(node, str):
        yield from _texts(MessageToDict(proto))
    if isinstance(node, Block):
        for child in node.children.values():
            yield from said(child)


def _texts(found: Any, key: str = "") -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            yield from _texts(value, name)
    elif isinstance(found, list):
        for value in found:
            yield from _texts(value, key)
    elif isinstance(found, str) and key not in NOT_MARKDOWN:
        yield found


@pytest.mark.parametrize("info", PAGES, ids=lambda info: info.key)
def test_no_markup_from_data_is_left_on_a_page(info: PageInfo, poisoned: Poisoned, downloads: dict[str, Any]) -> None:
    app = opened(info, poisoned)
    assert not app.exception
    texts = [text for block in (app.main, app.sidebar) for text in said(block)]
    assert texts
    assert [text for text in texts if _is_raw(text)] == []
    for name, make in downloads.items():
        if name.endswith((".csv", ".xlsx")):
            assert_safe(make() if callable(make) else make)


def _is_raw(markdown: str) -> bool:
    """Whether a part of a poisoned text is left where no backslash takes its meaning."""
    bare = _ESCAPED.sub("", markdown)
    return any(raw in bare for raw in RAW)


def assert_safe(file: str | bytes) -> None:
    """No cell of a CSV starts a formula, no XLSX holds one."""
    if isinstance(file, bytes) and file.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(file)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert sheets
        assert not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet for sheet in sheets)
        return
    text = file.decode() if isinstance(file, bytes) else file
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not (cell.startswith(FORMULA_STARTS) and any(letter.isalpha() for letter in cell)), cell


@pytest.mark.parametrize("text", [f"{sign}SUM(A1)" for sign in FORMULA_STARTS], ids=range(len(FORMULA_STARTS)))
def test_a_formula_becomes_a_text(text: str) -> None:
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_filter_with_any_value_gives_what_counting_gives(poisoned: Poisoned, dimension: str) -> None:
    place = columns().index(dimension)
    counted = Counter(row[place] for row in rows(210))
    with fresh_mart(poisoned.home) as mart:
        for value, contacts in counted.items():
            asked = Slice.parse(where=[f"{dimension}={value}"])
            found = compute(mart, "volume", asked)
            assert found["value"].tolist() == [contacts], value
        grouped = compute(mart, "volume", Slice.parse(by=dimension))
    assert dict(zip(grouped[dimension], grouped["value"], strict=True)) == counted


@pytest.mark.parametrize("number", range(len(MARKUP)))
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_value_that_is_not_there_is_a_sentence_or_nothing(poisoned: Poisoned, dimension: str, number: int) -> None:
    wanted = f"{poison('nowhere', number)}') OR 1=1 --"
    with fresh_mart(poisoned.home) as mart, pytest.raises(CxError):
        compute(mart, "volume", Slice.parse(where=[f"{dimension}={wanted}"]))


@pytest.mark.parametrize(
    "name", ["from", "by", "grain", "window", "period", "compare", "days", *DIMENSIONS, "intent", "id"]
)
@pytest.mark.parametrize("number", [2, 6])
def test_an_address_with_anything_in_it_opens_a_page(poisoned: Poisoned, name: str, number: int) -> None:
    app = opened(page("intent"), poisoned, **{name: f"{MARKUP[number]}' OR 1=1"})
    assert not app.exception
    assert [text for text in said(app.main) if _is_raw(text)] == []


def test_a_mapping_of_any_name_is_found_by_it(poisoned: Poisoned) -> None:
    with poisoned.home.session() as session:
        (name,) = mappings.saved(session)
        assert name == poison("mapping", 1)
        assert mappings.find(session, name).name == name
        assert json.loads(json.dumps(to_toml(mappings.find(session, name))))


@pytest.mark.parametrize("name", PATHS)
def test_a_mapping_by_a_path_that_is_none_is_a_sentence(poisoned: Poisoned, name: str) -> None:
    with poisoned.home.session() as session, pytest.raises(CxError) as error:
        mappings.find(session, name)
    assert "root:" not in str(error.value)


def test_the_brief_says_names_as_they_are(poisoned: Poisoned) -> None:
    with fresh_mart(poisoned.home) as mart:
        told = str(briefing(mart, Slice()))
    assert "\x1b" not in told
    assert "\0" not in told


def test_nothing_was_made_outside_the_home(poisoned: Poisoned) -> None:
    outside = [path.name for path in Path(poisoned.home.folder).parent.iterdir()]
    assert len(outside) == 2
