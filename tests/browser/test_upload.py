"""From a file to a changed chart, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Position, expect

from pages.shared.registry import HOME
from pages.shared.registry import page as page_of
from tests.browser.dashboard import PAGE_MS, Server, card, open_page, settled, visit
from tests.browser.homes import desk_home, desk_rows, write_csv

pytestmark = pytest.mark.browser

INTENTS = page_of("intents")
UPLOAD = page_of("upload")
FIRST_ROW: Position = {"x": 17, "y": 52}
"""The tick box of the first row: a table is drawn on a canvas, which has no elements to ask for."""


def drop(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)


def test_from_file_to_changed_chart_and_back(page: Page, server: Callable[[Path], Server], tmp_path: Path) -> None:
    desk = server(desk_home(tmp_path / "home", desk_rows(20, prefix="old")))
    visit(page, desk.link(HOME))
    expect(card(page, "Contacts")).to_have_text("20")
    rows = [*desk_rows(15, prefix="new", intent="Outage"), ("bad", "c1", "2026-02-31T10:00:00Z", "Outage", "phone")]
    open_page(page, UPLOAD)
    drop(page, write_csv(tmp_path / "week-8.csv", rows))

    expect(page.get_by_role("heading", name="1 · What is in the file")).to_be_visible()
    expect(page.get_by_text("5 columns · first 16 rows, as they stand")).to_be_visible()
    expect(page.get_by_text("5 of 5 columns are taken by name here.")).to_be_visible()
    receipt = page.get_by_text("16 read = 15 accepted + 0 merged + 0 dropped + 1 rejected")
    page.get_by_role("button", name="Check without loading").click()
    expect(page.get_by_text("15 would be new, 0 replaced, 0 unchanged")).to_be_visible(timeout=PAGE_MS)
    expect(receipt).to_be_visible()
    expect(page.get_by_text("Load 2 is in.")).to_have_count(0)

    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_text("Load 2 is in.")).to_be_visible(timeout=PAGE_MS)
    expect(receipt).to_be_visible()
    with page.expect_download() as handed_out:
        page.get_by_role("button", name="Rejected rows (CSV)").click()
    assert "2026-02-31T10:00:00Z" in handed_out.value.path().read_text(encoding="utf-8")

    page.get_by_role("link", name="See the overview").click()
    expect(card(page, "Contacts")).to_have_text("35")
    open_page(page, INTENTS)
    outage = page.get_by_test_id("stPlotlyChart").filter(has_text="Outage")
    expect(outage.first).to_be_visible()

    open_page(page, UPLOAD)
    page.get_by_test_id("stDataFrame").last.click(position=FIRST_ROW)
    page.get_by_role("button", name="Withdraw load 2").click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_role("button", name="Withdraw it")).to_have_count(0, timeout=PAGE_MS)
    settled(page)
    open_page(page, HOME)
    expect(card(page, "Contacts")).to_have_text("20")
    open_page(page, INTENTS)
    expect(outage).to_have_count(0)


PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("picture.csv", PICTURE, "picture.csv"),
        ("empty.csv", b"", "empty"),
        ("broken.zip", b"PK\x03\x04 no more", "broken.zip"),
        ("picture.png", PICTURE, "not allowed"),
    ],
)
def test_a_file_that_is_not_a_table_gets_a_sentence(
    page: Page, demo: Server, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    visit(page, demo.link(UPLOAD))
    drop(page, file)
    said = page.get_by_test_id("stFileUploader" if name.endswith(".png") else "stAlert")
    expect(said).to_contain_text(says)
    expect(page.get_by_role("button", name="Load", exact=True)).to_have_count(0)
    assert "Traceback" not in page.get_by_test_id("stMain").inner_text()
