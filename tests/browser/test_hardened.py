"""Every page of a home whose texts all attempt something, in a real browser: nothing runs, nothing is injected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.shared.registry import PAGES, PageInfo
from tests.browser.dashboard import Server, settled, visit
from tests.hardening.poisoned import HOST, Poisoned, poisoned_home

pytestmark = pytest.mark.browser

WATCH = """
    window.__violations = [];
    document.addEventListener('securitypolicyviolation', e =>
        window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""
TOLD = ("overview", "intent", "chargeback", "reviews", "review")
"""Pages on whose face a poisoned text stands; elsewhere it is in tables, which draw on a canvas."""

PRINTED = ("overview", "intent")
INJECTED = f"""() => [
    window.__pwned ? 'a script ran' : '',
    ...[...document.querySelectorAll(`
        img[src="x"], img[src*="{HOST}"], [onerror], [onload], a[href*="{HOST}"], a[*|href*="{HOST}"],
        a[href^="javascript:"], iframe, object, embed, form[action], .katex, svg[onload]`)].map(e => e.outerHTML),
    ...[...document.querySelectorAll('script')].filter(e => e.text.includes('__pwned')).map(e => e.outerHTML),
].filter(Boolean)"""


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Poisoned:
    return poisoned_home(tmp_path_factory.mktemp("poisoned"))


@pytest.fixture(scope="module")
def dashboard(server: Callable[[Path], Server], poisoned: Poisoned) -> Server:
    return server(poisoned.home.folder)


@pytest.mark.parametrize("info", PAGES, ids=lambda info: info.key)
def test_nothing_in_the_data_becomes_part_of_a_page(
    info: PageInfo, page: Page, dashboard: Server, poisoned: Poisoned
) -> None:
    page.add_init_script(WATCH)
    params = {"intent": {"intent": poisoned.intents[0]}, "review": {"id": str(poisoned.review)}}.get(info.key, {})
    visit(page, dashboard.link(info, period="All data", **params))
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
    assert page.evaluate(INJECTED) == []
    page.emulate_media(color_scheme="dark")
    settled(page)
    assert page.evaluate("window.__violations") == []
    if info.key in TOLD:
        assert "pwned" in page.locator("body").inner_text(), "the page shows nothing of what was attempted"
    if info.key in PRINTED:
        visit(page, dashboard.link(info, period="All data", print="1", **params))
        assert page.evaluate(INJECTED) == []
        assert page.evaluate("window.__violations") == []
