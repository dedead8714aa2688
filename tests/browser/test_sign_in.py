"""Signing in with a real OpenID provider: who gets in, as what, for how long; and who does not."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, Page, expect

from cx_metrics.config import Settings
from cx_metrics.store.home import Home
from cx_metrics.store.people import roles
from pages.shared.registry import HOME, PAGES
from pages.shared.registry import page as page_of
from tests.browser.dashboard import PAGE_MS, PROJECT, Server, open_page, serving, settled, visit
from tests.browser.homes import ZONE, desk_home, desk_rows
from tests.browser.provider import CLIENT_ID, Provider, providing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("sign_in")]

COOKIE = "_streamlit_user"
PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {},
    "vera": {"groups": ["everybody", "cx-viewers"]},
    "nobody": {},
    "short": {"exp_in": 10, "email": "ada@example.com"},
    "stale": {"exp_in": -3600, "email": "ada@example.com"},
    "elsewhere": {"aud": "another-app", "azp": CLIENT_ID, "email": "ada@example.com"},
    "foreign": {"aud": "another-app", "email": "ada@example.com"},
    "impostor": {"iss": "https://evil.example.com", "email": "ada@example.com"},
    "replayed": {"nonce": "of-another-time", "email": "ada@example.com"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing(PEOPLE) as running:
        yield running


@pytest.fixture(scope="module")
def secret() -> str:
    """With it the dashboard signs what it lets a browser keep."""
    return token_hex(32)


@pytest.fixture(scope="module")
def desk(provider: Provider, secret: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard whose people sign in: ada is an admin by the settings, a group of viewers by a rule."""
    folder = tmp_path_factory.mktemp("sign-in")
    home = desk_home(folder / "home", desk_rows(20, prefix="a"))
    secrets = folder / "secrets.toml"
    secrets.write_text(provider.secrets_file(secret))
    with Home(Settings(home=home)).session() as session:
        roles.give(session, kind="group", value="cx-viewers", role="viewer", actor="tests")
    with serving(
        home, log=folder / "server.log", options=["--secrets.files", str(secrets)], CX_ADMINS="ada@example.com"
    ) as running:
        yield running


def sign_in(page: Page, desk: Server, name: str, *, link: str = "") -> None:
    """Go through the provider as somebody, from the sign-in page."""
    page.goto(link or desk.address)
    page.get_by_role("button", name="Sign in").click(timeout=PAGE_MS)
    page.get_by_role("link", name=name, exact=True).click()
    settled(page)


def nothing_is_shown(page: Page) -> None:
    """Neither a page, nor a way to one, nor anything of the data."""
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    for kind in ("stPlotlyChart", "stDataFrame", "stMetric", "stSelectbox", "stFileUploader", "stDownloadButton"):
        expect(page.get_by_test_id(kind)).to_have_count(0)


def test_in_and_out_again_and_a_role_taken_away_meanwhile(page: Page, desk: Server) -> None:
    page.goto(desk.link(page_of("settings")))
    settled(page)
    expect(page.locator("h1")).to_have_text("CX Insight: Sign in")
    nothing_is_shown(page)

    sign_in(page, desk, "ada")
    expect(page.locator("h1")).to_have_text(HOME.title)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Role: admin")
    named = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    assert [name.split("\n")[-1] for name in named] == [each.title for each in PAGES]
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("CX Insight: Sign in", timeout=PAGE_MS)

    sign_in(page, desk, "vera")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Role: viewer")
    expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="Upload")).to_have_count(0)
    with Home(Settings(home=desk.home)).session() as session:
        assert roles.take_away(session, kind="group", value="cx-viewers", actor="tests", lasting=["ada@example.com"])
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile("Intents$")).first.click()
    expect(page.locator("h1")).to_have_text("CX Insight: No access", timeout=PAGE_MS)
    expect(page.get_by_test_id("stMain")).to_contain_text(re.compile("Ask ada.?@example"))
    nothing_is_shown(page)


def test_a_sign_in_to_another_application_does_not_count(page: Page, desk: Server) -> None:
    sign_in(page, desk, "elsewhere")
    expect(page.locator("h1")).to_have_text("CX Insight: Sign in")
    expect(page.get_by_test_id("stMain")).to_contain_text("signed in to another application")
    nothing_is_shown(page)


@pytest.mark.parametrize("name", ["stale", "foreign", "impostor", "replayed", "forged", "made-up"])
def test_an_exchange_that_is_refused_leaves_nobody_signed_in(
    name: str, desk: Server, provider: Provider, secret: str
) -> None:
    """Without a browser: what the provider says goes through the dashboard's own routes."""
    assert COOKIE in exchange(desk, provider, secret, "ada").cookies
    provider.foreign_key = name == "forged"
    try:
        client = exchange(desk, provider, secret, "ada" if name in ("forged", "made-up") else name, name == "made-up")
    finally:
        provider.foreign_key = False
    assert COOKIE not in client.cookies


def exchange(desk: Server, provider: Provider, secret: str, name: str, made_up: bool = False) -> httpx.Client:
    """Somebody's browser after it went through the provider, with an answer nobody asked for where that is made up."""
    client = httpx.Client(timeout=30)
    asking = jwt.encode(
        {"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, OctKey.import_key(secret)
    )
    asked = client.get(f"{desk.address}/auth/login", params={"provider": asking}).headers["location"]
    assert asked.startswith(f"{provider.address}/authorize?")
    back = client.get(asked.replace("/authorize?", f"/chosen?name={name}&")).headers["location"]
    if made_up:
        back = re.sub("state=[^&]+", "state=made-up", back)
    assert client.get(back).status_code == 302
    return client


def test_a_sign_in_ends_while_somebody_looks(page: Page, desk: Server) -> None:
    sign_in(page, desk, "short")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Role: admin")
    time.sleep(10)
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile("Methods$")).click()
    expect(page.locator("h1")).to_have_text("CX Insight: Sign in", timeout=PAGE_MS)
    expect(page.get_by_test_id("stMain")).to_contain_text("Your sign-in has ended")
    nothing_is_shown(page)


def test_an_admin_gives_a_role_and_it_counts(page: Page, desk: Server) -> None:
    sign_in(page, desk, "ada")
    open_page(page, page_of("settings"))
    page.get_by_role("tab", name="Access").click()
    page.get_by_role("button", name="Give a role").click()
    page.get_by_label("Address or group").fill("Nobody@Example.com")
    page.get_by_test_id("stForm").get_by_text("analyst").click()
    page.get_by_role("button", name="Give it").click()
    expect(page.get_by_text("is analyst from now on")).to_be_visible(timeout=PAGE_MS)
    with Home(Settings(home=desk.home)).session() as session:
        rule = next(rule for rule in roles.rules(session) if rule.value == "nobody@example.com")
    assert (rule.role, rule.given_by) == ("analyst", "ada@example.com")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("CX Insight: Sign in", timeout=PAGE_MS)
    sign_in(page, desk, "nobody")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Role: analyst")


@pytest.mark.parametrize("command", [["-m", "cx_metrics", "serve", "--address"], None], ids=["serve", "streamlit"])
def test_other_machines_are_not_served_without_signing_in(command: list[str] | None, tmp_path: Path) -> None:
    start = command or ["-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.address"]
    done = subprocess.run(
        [sys.executable, *start, "0.0.0.0"],
        cwd=PROJECT,
        env={"PATH": "", "CX_HOME": str(tmp_path / "home"), "CX_TIMEZONE": ZONE},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 1
    assert "Nobody signs in here, and other machines can reach this dashboard (0.0.0.0)" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_dashboard_reached_by_another_name_shows_nothing(browser: Browser, tmp_path: Path) -> None:
    home = desk_home(tmp_path / "home", desk_rows(3, prefix="a"))
    with (
        serving(home, log=tmp_path / "log", CX_ALLOWED_HOSTS="cx.localhost") as running,
        browser.new_context() as context,
    ):
        page = context.new_page()
        visit(page, running.address)
        expect(page.locator("h1")).to_have_text(HOME.title)
        visit(page, running.address.replace("127.0.0.1", "cx.localhost"))
        expect(page.locator("h1")).to_have_text("CX Insight: Not shown")
        expect(page.get_by_test_id("stAlert")).to_contain_text("Nobody signs in here")
        nothing_is_shown(page)
