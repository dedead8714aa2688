"""Every page by its link, on a server that has just started, on an empty home, and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.shared.registry import PAGES, PageInfo
from tests.browser.dashboard import Server, serving, settled, visit

pytestmark = pytest.mark.browser

# What stands on a page once it has said something: a picture, but for these.
CONTENT = {
    "reviews": "stButton",
    "review": "stHeading",
    "upload": "stFileUploader",
    "settings": "stDataFrame",
    "audit": "stDataFrame",
    "methods": "stCode",
}
PICTURE = "stPlotlyChart"
EACH = pytest.mark.parametrize("info", PAGES, ids=lambda info: info.key)
FILTERED = [info for info in PAGES if info.filtered]


@EACH
def test_a_link_opens_its_page_on_a_server_that_has_just_started(
    info: PageInfo, page: Page, demo_home: Path, tmp_path: Path
) -> None:
    with serving(demo_home, log=tmp_path / "server.log") as started:
        visit(page, started.link(info))
        expect(page.locator("h1")).to_have_text(info.title)
        named = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
        assert [name.split("\n")[-1] for name in named] == [each.title for each in PAGES]
        expect(page.get_by_test_id(CONTENT.get(info.key, PICTURE)).first).to_be_visible()
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        expect(page.get_by_text("is made up.")).to_be_visible()


@EACH
def test_a_telephone_shows_the_page_without_scrolling_sideways(
    info: PageInfo, page: Page, demo: Server, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, demo.link(info))
    expect(page.get_by_test_id(CONTENT.get(info.key, PICTURE)).first).to_be_attached()
    page.screenshot(path=tmp_path / f"{info.key}.png")
    for part in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        assert page.evaluate(f"{part}.scrollWidth") <= 390
    title = page.locator("h1").bounding_box()
    assert title is not None
    assert title["x"] >= 0
    assert title["x"] + title["width"] <= 390


def test_an_empty_home_says_what_to_do(page: Page, server: Callable[[Path], Server], tmp_path: Path) -> None:
    home = tmp_path / "home"
    empty = server(home)
    for info in FILTERED:
        visit(page, empty.link(info))
        expect(page.locator("h1")).to_have_text(info.title)
        expect(page.get_by_role("heading", name="There is no data yet")).to_be_visible()
        expect(page.get_by_text(f"this page will answer: {info.question}")).to_be_visible()
        expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    page.get_by_role("link", name="Load an extract").click()
    expect(page.locator("h1")).to_have_text("Upload")
    settled(page)
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    expect(page.get_by_text("None yet.")).to_be_visible()
