"""The dashboard as a person meets it: a server of its own, its links, and what stands on a page."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from pages.shared.registry import HOME, PageInfo
from tests.browser.homes import ZONE

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
PAGE_MS = 60_000


@dataclass(frozen=True)
class Server:
    """A running dashboard.

    Attributes:
        address: ``http://127.0.0.1:PORT``.
        home: The folder it works on.
    """

    address: str
    home: Path

    def link(self, info: PageInfo, **params: str) -> str:
        """The address of a page with filters in it."""
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.address}/{'' if info is HOME else info.key}{query}"


@contextmanager
def serving(home: Path, *, log: Path, options: Sequence[str] = (), **env: str) -> Iterator[Server]:
    """A dashboard on a home, healthy when the block starts and gone when it ends; with more options and settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    env = {**os.environ, "CX_HOME": str(home), "CX_TIMEZONE": ZONE, "CX_USER": "tester", **env}
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--server.port", str(port), *options], cwd=PROJECT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            server = Server(f"http://127.0.0.1:{port}", home)
            _wait_until_healthy(server, process, log)
            yield server
        finally:
            process.kill()
            process.wait()


def _wait_until_healthy(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the dashboard did not start: {log.read_text()[-2000:]}")


def visit(page: Page, address: str) -> None:
    """Open a link and wait until the page stands."""
    page.goto(address)
    settled(page)


def settled(page: Page) -> None:
    """Wait until the page has its title and the server has nothing more to say."""
    expect(page.locator("h1").first).to_be_visible(timeout=PAGE_MS)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PAGE_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PAGE_MS)


def card(page: Page, label: str) -> Locator:
    """The number on the card of that label."""
    exact = re.compile(f"^{re.escape(label)}$")
    found = page.get_by_test_id("stMetric").filter(has=page.get_by_test_id("stMetricLabel").filter(has_text=exact))
    return found.get_by_test_id("stMetricValue")


def open_page(page: Page, info: PageInfo) -> None:
    """Go to a page by the navigation, as a person does."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"{info.title}$")).click()
    expect(page.locator("h1")).to_have_text(info.title, timeout=PAGE_MS)
    settled(page)


def shown(page: Page) -> tuple[str, str, list[str]]:
    """What a filtered page shows: its answer, the line of days and coverage, and the chips of the filters."""
    answer = page.locator("h2").first.inner_text()
    covers = page.get_by_test_id("stCaptionContainer").filter(has_text="data until").inner_text()
    chips = page.get_by_test_id("stMain").locator(".stMarkdownBadge").all_inner_texts()
    return answer, covers, chips
