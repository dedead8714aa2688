"""A team at work: people on two processes of the dashboard behind nginx, as README tells to run them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from benchmarks.people import crowd
from benchmarks.tabs import Browser, Shown, Site
from benchmarks.team import Missing, Process, Proxy, processes, proxy
from benchmarks.witness import Witness
from cx_metrics.store.marts.mart import read_manifest
from pages.shared.format import money_compact
from pages.shared.text import amount
from pages.shared.view import BEFORE, view
from tests.browser.homes import ZONE, demo_home
from tests.cli.running import command_on
from tests.missing import missing
from tests.store.postgres import postgres_server

pytestmark = pytest.mark.xdist_group("team")

PEOPLE, SECONDS, THINK = 8, 20.0, 1.0
SESSIONS, MB_A_SESSION = 40, 1.0
KEPT_SECONDS = 1
"""For how long a process remembers a session whose browser went."""


@dataclass(frozen=True)
class Team:
    """Two processes behind nginx on one home and one database."""

    home: Path
    database: str
    running: list[Process]
    door: Proxy


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The demo company in small, its records in PostgreSQL."""
    folder = tmp_path_factory.mktemp("team")
    with ExitStack() as running, pytest.MonkeyPatch.context() as environment:
        database = running.enter_context(postgres_server()).format("postgres")
        environment.setenv("CX_DATABASE_URL", database)
        home = demo_home(folder / "home")
        settings = {"CX_HOME": str(home), "CX_DATABASE_URL": database, "CX_TIMEZONE": ZONE, "CX_USER": "team"}
        settings["STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL"] = str(KEPT_SECONDS)
        made = running.enter_context(processes(2, environment=settings, logs=folder))
        try:
            door = running.enter_context(proxy([process.port for process in made], folder=folder))
        except Missing as error:
            missing(str(error))
        yield Team(home, database, made, door)


def test_every_browser_keeps_its_seat_and_both_processes_have_some(team: Team) -> None:
    for _ in range(64):
        browser = Browser(team.door.site)
        for path in ("/", "/_stcore/host-config", "/_stcore/health"):
            browser.fetch(path)
        seats = team.door.seats()
        if len({process for kept in seats.values() for process in kept}) == 2:
            break
    assert {process for kept in seats.values() for process in kept} == {
        f"127.0.0.1:{process.port}" for process in team.running
    }
    assert [len(kept) for kept in seats.values()] == [1] * len(seats)


@pytest.mark.parametrize("channel", ["", "phone"], ids=["all", "phone"])
@pytest.mark.parametrize("period", ["Last 4 weeks", "Last 13 weeks"])
def test_every_process_shows_what_the_command_line_prints(
    team: Team, period: str, channel: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = read_manifest(team.home / "mart")
    assert manifest is not None
    first, last = view(manifest.facts(), period=period, comparison=BEFORE, chosen=None, where={}).days
    command = command_on(team.home, monkeypatch=monkeypatch, capsys=capsys)
    monkeypatch.setenv("CX_DATABASE_URL", team.database)
    monkeypatch.setenv("CX_TIMEZONE", ZONE)
    where = ["--where", f"channel={channel}"] if channel else []
    (row,) = command("metric", "cost", "--from", str(first), "--to", str(last), *where, "--json").data
    query = urlencode({"period": period} | ({"channel": channel} if channel else {}))
    for site in (*(process.site() for process in team.running), team.door.site):
        shown = asyncio.run(_opened(site, query))
        assert shown.problems == ()
        assert shown.cards["Cost of contacts"] == amount(money_compact(row["value"], "EUR"))


async def _opened(site: Site, query: str = "") -> Shown:
    browser = Browser(site)
    browser.fetch("/")
    async with browser.tab() as tab:
        return await tab.visit("", query)


def test_sessions_leave_nothing_when_their_people_go(team: Team) -> None:
    process = team.running[0]
    for _ in range(SESSIONS // 2):
        asyncio.run(_opened(process.site()))
    memory, files = process.memory_mb(), process.open_files()
    for _ in range(SESSIONS):
        asyncio.run(_opened(process.site()))
    assert process.memory_mb() - memory < SESSIONS * MB_A_SESSION
    time.sleep(2 * KEPT_SECONDS)
    asyncio.run(_opened(process.site()))
    assert process.open_files() <= files


def test_people_go_on_when_a_process_dies(team: Team) -> None:
    known = set(team.door.seats())
    killed: list[tuple[float, str]] = []

    def kill_the_one_with_most_people() -> None:
        seats = [kept[-1] for seat, kept in team.door.seats().items() if seat not in known]
        process = max(team.running, key=lambda each: seats.count(f"127.0.0.1:{each.port}"))
        process.kill()
        killed.append((time.monotonic(), f"127.0.0.1:{process.port}"))

    crash = threading.Timer(SECONDS / 2, kill_the_one_with_most_people)
    crash.start()
    people = crowd(team.door.site, PEOPLE, think=THINK, seconds=SECONDS, check=Witness(team.home))
    crash.join()
    assert [click.problem for person in people for click in person.clicks if click.problem] == []
    ((at, dead),) = killed
    (other,) = {f"127.0.0.1:{process.port}" for process in team.running} - {dead}
    moves = [kept for seat, kept in team.door.seats().items() if seat not in known]
    assert len(moves) == PEOPLE
    assert {tuple(kept) for kept in moves} <= {(other,), (dead, other)}
    # Who was between two tabs noticed nothing.
    assert 1 <= sum(person.moved for person in people) <= sum(len(kept) == 2 for kept in moves)
    assert min(person.clicks[-1].at + person.clicks[-1].seconds for person in people) > at
