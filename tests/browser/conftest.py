from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.browser import homes
from tests.browser.dashboard import Server, serving
from tests.missing import missing

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company in small; tests only read it."""
    return homes.demo_home(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Server]]:
    """Starts a dashboard on a home; all that were started end with the tests."""
    logs = tmp_path_factory.mktemp("logs")
    numbers = count()
    with ExitStack() as running:
        yield lambda home: running.enter_context(serving(home, log=logs / f"{next(numbers)}.log"))


@pytest.fixture(scope="session")
def demo(server: Callable[[Path], Server], demo_home: Path) -> Server:
    """One dashboard on the demo company for all tests that only look."""
    return server(demo_home)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the tests are skipped, on CI they fail."""
    if not CHROMIUM.exists():
        missing(f"no Chromium at {CHROMIUM}: install it or set CHROMIUM")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that asks nobody but this machine, and ends without an error on it."""
    foreign: list[str] = []
    broken: list[str] = []

    def watch(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in (None, "127.0.0.1"):
            foreign.append(request.url)

    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    context.on("request", watch)
    context.on("weberror", lambda error: broken.append(str(error.error)))
    tab = context.new_page()
    yield tab
    for each in context.pages:
        expect(each.get_by_test_id("stException")).to_have_count(0)
    context.close()
    assert foreign == []
    assert broken == []
