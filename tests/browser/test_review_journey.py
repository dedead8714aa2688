"""The andon cord in the browser, on the demo's router story: from the signal to a fix that is proven."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cx_metrics.config import Settings
from cx_metrics.demo.filling import fill
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date
from pages.shared.registry import HOME
from pages.shared.registry import page as page_of
from tests.browser.dashboard import PAGE_MS, Server, card, settled, visit
from tests.browser.homes import ZONE
from tests.reviews.endpoints import Hook, web_hook

pytestmark = pytest.mark.browser

ROUTER = "Router won't connect"
FIRST_GOOD_DAY = "20261005"


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    with web_hook() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def desk(server: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory, hook: Hook) -> Iterator[Server]:
    """A dashboard on the demo company, whose owners hear of reviews by a web hook."""
    home = Home(Settings(home=tmp_path_factory.mktemp("journey") / "home", timezone=ZONE))
    assert fill(home, scale=1.0)
    bring_up_to_date(home)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CX_NOTIFY_URLS", f"json://127.0.0.1:{hook.port}")
        environment.setenv("CX_PUBLIC_URL", "https://cx.example.com")
        yield server(home.folder)


@pytest.fixture
def shot(tmp_path: Path, page: Page) -> Callable[[str], None]:
    """Takes a picture of the whole page; into ``SHOTS`` where that names a folder."""
    folder = Path(os.environ.get("SHOTS", tmp_path))

    def taken(name: str) -> None:
        size = page.viewport_size
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": 1440, "height": min(int(height) + 40, 6000)})
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"{name}.png")
        page.set_viewport_size(size or {"width": 1440, "height": 1000})

    return taken


def take(page: Page, step: str, *, note: str, day: str | None = None) -> None:
    """Take a step of the review that is open, as a person does; a form that was refused is open still."""
    form = page.get_by_test_id("stPopoverBody")
    if not form.get_by_label(f"{step}: why?").count():
        page.get_by_role("button", name=re.compile(f"{step}.*")).first.click()
    form.get_by_label(f"{step}: why?").fill(note)
    if day is not None:
        form.get_by_role("spinbutton", name=re.compile("^year")).click()
        page.keyboard.type(day)
        expect(form.get_by_role("spinbutton", name=re.compile("^day"))).to_have_text(day[-2:])
    form.get_by_test_id("stFormSubmitButton").get_by_role("button").click()


def suspect(page: Page, bone: str, text: str, *, n: str, whys: str) -> None:
    """Note a cause with its contacts and whys."""
    page.get_by_role("button", name="Add a cause").click()
    form = page.get_by_test_id("stPopoverBody")
    form.get_by_role("combobox", name="Bone").fill(bone.lower())
    page.get_by_role("option", name=bone.lower(), exact=True).click()
    form.get_by_label("Cause", exact=True).fill(text)
    form.get_by_text("confirmed", exact=True).click()
    form.get_by_label(re.compile("^Contacts .empty")).fill(n)
    form.get_by_label(re.compile("^Why. And why that")).fill(whys)
    form.get_by_test_id("stFormSubmitButton").get_by_role("button").click()


def stands_at(page: Page, state: str) -> None:
    expect(page.locator("h2").first).to_contain_text(f"is {state}", timeout=PAGE_MS)
    settled(page)


def test_from_the_signal_to_a_proven_fix(page: Page, desk: Server, hook: Hook, shot: Callable[[str], None]) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    visit(page, desk.link(HOME))
    signal = page.get_by_test_id("stVerticalBlock").filter(has_text=ROUTER).filter(has_text="Investigate").last
    expect(signal).to_contain_text("where the target is 78")
    shot("1-signal")

    page.get_by_role("button", name="Flag an intent").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Intent").fill(ROUTER)
    page.get_by_role("option", name=ROUTER).click()
    expect(dialog.get_by_label("Why?")).to_have_count(1)
    expect(dialog.get_by_label("Why?")).to_have_value(re.compile(f"{ROUTER}.* target is 78"))
    dialog.get_by_text("Something is paused").click()
    what = dialog.get_by_label(re.compile("What exactly is paused"))
    expect(what).to_have_value(re.compile("its owner names it"))
    what.fill("Roll-out of firmware 4.2")
    shot("2-flag")
    dialog.get_by_role("button", name="Flag it").click()

    expect(page.locator("h1")).to_have_text("Review", timeout=PAGE_MS)
    stands_at(page, "flagged")
    expect(page).to_have_url(re.compile(r"/review\?review=1"))
    shot("3-flagged")
    take(page, "Acknowledge", note="I look into it.")
    stands_at(page, "acknowledged")
    take(page, "Pause", note="No router gets 4.2 for now.")
    stands_at(page, "paused")
    take(page, "Investigate", note="Logs of 40 routers are here.")
    stands_at(page, "investigating")
    suspect(page, "Product", "Firmware 4.2 drops the line", n="412", whys="It restarts\nIts timer overflows")
    expect(page.get_by_text("Firmware 4.2 drops the line").first).to_be_visible()
    shot("4-causes")
    take(page, "Start fixing", note="Firmware 4.3 without the bug.")
    stands_at(page, "fixing")
    take(page, "Resume", note="4.3 is on every router.", day=FIRST_GOOD_DAY)
    stands_at(page, "resumed")
    shot("5-resumed")

    take(page, "Verify", note="It looks good.")
    expect(page.get_by_test_id("stAlert")).to_contain_text("becomes verified by a measured effect only")
    visit(page, page.url)
    page.get_by_role("button", name="Record this verdict").click()
    expect(page.get_by_text("Recorded: back to normal").first).to_be_visible()
    settled(page)
    take(page, "Verify", note="Back to normal for four weeks.")
    stands_at(page, "verified")
    shot("6-verified")

    visit(page, desk.link(page_of("reviews")))
    expect(card(page, "Verified")).to_have_text("1")
    expect(card(page, "Open reviews")).to_have_text("0")
    assert hook.got[0]["title"] == f"{ROUTER}: flagged, pause"
    assert "https://cx.example.com/review?review=1" in hook.got[0]["message"]
    assert f"{ROUTER}: back to normal" in [body["title"] for body in hook.got]


def test_two_people_at_once_one_wins_and_the_other_is_told(page: Page, desk: Server) -> None:
    visit(page, desk.link(page_of("intent"), about="Slow speed"))
    page.get_by_role("button", name="Flag an intent").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Intent")).to_have_value("Slow speed")
    dialog.get_by_role("button", name="Flag it").click()
    expect(page.locator("h1")).to_have_text("Review", timeout=PAGE_MS)
    stands_at(page, "flagged")
    other = page.context.new_page()
    visit(other, page.url)
    take(page, "Acknowledge", note="Mine.")
    stands_at(page, "acknowledged")
    other.bring_to_front()
    take(other, "Dismiss", note="Nothing to see.")
    expect(other.get_by_test_id("stAlert")).to_contain_text("was changed by tester")
    stands_at(other, "acknowledged")
    take(other, "Dismiss", note="Really nothing to see.")
    stands_at(other, "dismissed")


def test_the_print_view_has_nothing_to_click(page: Page, desk: Server, shot: Callable[[str], None]) -> None:
    visit(page, desk.link(page_of("review"), review="1", print="1"))
    expect(page.locator("h1")).to_have_text("Review 1")
    expect(page.get_by_text("History", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    for kind in ("stButton", "stDownloadButton", "stPopover", "stDataFrame", "stTextInput"):
        expect(page.get_by_test_id("stMain").get_by_test_id(kind)).to_have_count(0)
    expect(page.get_by_role("cell", name="Back to normal for four weeks.")).to_be_visible()
    shot("7-print")


def test_the_board_is_a_list_on_a_phone(page: Page, desk: Server, shot: Callable[[str], None]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, desk.link(page_of("reviews")))
    wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert wide
