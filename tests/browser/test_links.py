"""A view is a link: copied into another tab it shows the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pages.shared.registry import HOME
from pages.shared.registry import page as page_of
from tests.browser.dashboard import Server, settled, shown, visit

pytestmark = pytest.mark.browser


def test_a_copied_link_shows_what_clicking_did(page: Page, demo: Server) -> None:
    visit(page, demo.link(HOME))
    before = shown(page)
    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name="Last 13 weeks").click()
    expect(page).to_have_url(demo.link(HOME, period="Last 13 weeks"))
    settled(page)
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("combobox", name="Channel").click()
    page.get_by_role("option", name="phone").click()
    expect(page.locator(".stMarkdownBadge", has_text="phone")).to_be_visible()
    settled(page)
    clicked = shown(page)
    assert clicked[0] != before[0]
    assert clicked[1] != before[1]

    other = page.context.new_page()
    visit(other, page.url)
    assert shown(other) == clicked
    visit(other, f"{demo.address}/?channel=phone&period=Last+13+weeks")
    assert shown(other) == clicked


def test_the_filters_go_along_to_the_next_page(page: Page, demo: Server) -> None:
    visit(page, demo.link(page_of("intents"), period="Last 13 weeks", channel="phone"))
    here = shown(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Overview").click()
    expect(page.locator("h1")).to_have_text("Overview")
    settled(page)
    assert shown(page)[1:] == here[1:]


def test_an_unknown_value_gives_the_usual_view_with_a_note(page: Page, demo: Server) -> None:
    visit(page, demo.link(HOME))
    usual = shown(page)
    visit(page, demo.link(HOME, channel="fax", period="Last decade"))
    note = page.get_by_test_id("stAlert")
    expect(note.filter(has_text="channel fax, which this data does not have")).to_be_visible()
    expect(note.filter(has_text="period Last decade, which this data does not have")).to_be_visible()
    assert shown(page) == usual


def test_an_unknown_intent_gives_another_one_with_a_note(page: Page, demo: Server) -> None:
    intent = page_of("intent")
    visit(page, demo.link(intent))
    usual = shown(page)
    visit(page, demo.link(intent, about="<b>nothing</b>"))
    expect(page.get_by_test_id("stAlert")).to_contain_text("an intent that this data does not have")
    assert shown(page) == usual
