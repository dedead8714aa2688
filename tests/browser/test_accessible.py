"""No page breaks a rule of WCAG 2.2, level A or AA, that a program can check and that is ours to keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from pages.shared.registry import PAGES, PageInfo
from tests.browser.dashboard import Server, visit

pytestmark = pytest.mark.browser

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# How Streamlit builds its own navigation, the canvas of its tables and the small lines of its cards can't be changed
# from here.
NOT_OURS = [
    ["[data-testid=stSidebarNavItems]"],
    ["[data-testid=stDataFrameResizable] canvas"],
    ["[data-testid=stMetricChart]"],
]
EACH = pytest.mark.parametrize("info", PAGES, ids=lambda info: info.key)


@EACH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(info: PageInfo, scheme: str, page: Page, demo: Server) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visit(page, demo.link(info))
    assert violations(page) == []


def test_axe_finds_nothing_on_an_empty_home(page: Page, server: Callable[[Path], Server], tmp_path: Path) -> None:
    empty = server(tmp_path / "home")
    for info in PAGES:
        visit(page, empty.link(info))
        assert violations(page) == [], info.key


def test_axe_does_find_what_is_wrong(page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><h1>x</h1><img src='data:,'></html>")
    assert [found.partition(":")[0] for found in violations(page)] == ["image-alt"]


def violations(page: Page) -> list[str]:
    """Rule and element of everything axe objects to."""
    options = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
    found = Axe().run(page, context={"exclude": NOT_OURS}, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} ({(node['any'] + node['all'] + node['none'])[0]['message']})"
        for rule in found
        for node in rule["nodes"]
    ]
