"""People at work: each opens a link, reads, clicks a filter or another page, and looks at what came."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import websockets

from benchmarks.tabs import Browser, Shown, Site, Tab
from pages.shared.registry import HOME, PAGES, PageInfo
from pages.shared.text import plain
from pages.shared.view import DEFAULT_PERIOD, WEEKS

PERIODS = (DEFAULT_PERIOD, *(period for period in WEEKS if period != "Last 52 weeks"))
"""What people choose among: the default twice as often as another."""
CHANNEL = "channel"
_NEW_TAB, _OTHER_PAGE = 0.1, 0.55
_PATIENCE, _AGAIN = 60.0, 0.5
_BEFORE_THE_SOCKET = ("/", "/_stcore/host-config")
_LOST = (websockets.ConnectionClosed, websockets.InvalidHandshake, OSError, TimeoutError)


@dataclass(frozen=True)
class View:
    """What a person looks at.

    Attributes:
        page: The page.
        period: The period chosen.
        channel: The only channel chosen; None for all.
    """

    page: PageInfo
    period: str = DEFAULT_PERIOD
    channel: str | None = None


@dataclass(frozen=True)
class Click:
    """A click and what came of it.

    Attributes:
        at: When, on the clock of ``time.monotonic``.
        view: What was asked for.
        seconds: Until everything stood there.
        problem: What was wrong with the answer, in words; empty where nothing was.
    """

    at: float
    view: View
    seconds: float
    problem: str = ""


Check = Callable[[View, Shown], str]
"""Says what is wrong with an answer; empty where nothing is."""


@dataclass
class Person:
    """One person with a browser.

    Attributes:
        site: Where the dashboard answers.
        number: Which one; the same number does the same things.
        think: Seconds between two clicks, on average.
        check: Looks at every answer, besides what is looked at anyway.
        clicks: What was done so far.
        moved: How often the connection was lost and found again.
    """

    site: Site
    number: int
    think: float
    check: Check
    clicks: list[Click] = field(default_factory=list)
    moved: int = 0

    def __post_init__(self) -> None:
        self._luck = random.Random(self.number)
        self._browser = Browser(self.site)
        self._view = View(self._luck.choice(PAGES), self._luck.choice(PERIODS))
        self._lost: float | None = None

    async def work(self, until: float) -> None:
        """Click until that time on the clock of ``time.monotonic``; who loses the connection opens the page anew."""
        await asyncio.sleep(self._luck.uniform(0, self.think))
        while time.monotonic() < until:
            try:
                await self._sit(until)
            except _LOST as error:
                self._lost = self._lost or time.monotonic()
                if time.monotonic() - self._lost > _PATIENCE:
                    self.clicks.append(Click(self._lost, self._view, _PATIENCE, f"no connection: {error}"))
                    return
                await asyncio.sleep(_AGAIN)

    async def _sit(self, until: float) -> None:
        """One tab, from its link until it is closed."""
        for path in _BEFORE_THE_SOCKET:
            await asyncio.to_thread(self._browser.fetch, path)
        async with self._browser.tab() as tab:
            await self._note(tab.visit(*link(self._view)))
            while time.monotonic() < until:
                await asyncio.sleep(min(self._luck.expovariate(1 / self.think), 4 * self.think))
                chance = self._luck.random()
                if chance < _NEW_TAB:
                    self._view = View(self._luck.choice(PAGES), self._luck.choice(PERIODS), self._view.channel)
                    return
                await (self._go(tab) if chance < _OTHER_PAGE else self._filter(tab))

    async def _go(self, tab: Tab) -> None:
        self._view = replace(self._view, page=self._luck.choice(PAGES))
        await self._note(tab.go(key(self._view.page)))

    async def _filter(self, tab: Tab) -> None:
        channels = tab.options(CHANNEL)
        if not channels:
            await self._go(tab)
        elif self._luck.random() < 0.5:
            self._view = replace(self._view, period=self._luck.choice(PERIODS))
            await self._note(tab.choose("period", self._view.period))
        else:
            chosen = self._luck.choice((*channels, *[None] * len(channels)))
            self._view = replace(self._view, channel=chosen)
            await self._note(tab.choose(CHANNEL, *([chosen] if chosen else [])))

    async def _note(self, answer: Awaitable[Shown]) -> None:
        """Wait for an answer and look at it."""
        started = self._lost or time.monotonic()
        shown = await asyncio.wait_for(answer, _PATIENCE)
        self.moved += self._lost is not None
        self._lost = None
        wrong = problem(self._view, shown) or self.check(self._view, shown)
        self.clicks.append(Click(started, self._view, time.monotonic() - started, wrong))


def key(page: PageInfo) -> str:
    """The path of a page."""
    return "" if page is HOME else page.key


def link(view: View) -> tuple[str, str]:
    """The path and the filters of a view's link."""
    filters = {"period": view.period} | ({CHANNEL: view.channel} if view.channel else {})
    return key(view.page), urlencode(filters)


def crowd(site: Site, number: int, *, think: float, seconds: float, check: Check) -> list[Person]:
    """So many people at work for so many seconds.

    Args:
        site: Where the dashboard answers.
        number: How many people.
        think: Seconds between two clicks of a person, on average.
        seconds: How long they work.
        check: Looks at every answer, besides what is looked at anyway.
    """

    async def all_of_them() -> list[Person]:
        people = [Person(site, each, think, check) for each in range(number)]
        until = time.monotonic() + seconds
        await asyncio.gather(*(person.work(until) for person in people))
        return people

    return asyncio.run(all_of_them())


def problem(view: View, shown: Shown) -> str:
    """What is wrong with an answer whatever the data: another page, an error, another filter than asked for."""
    if shown.problems:
        return "; ".join(shown.problems)
    if shown.page != key(view.page) or not shown.titles:
        return f"asked for {view.page.title}, got {shown.page or HOME.title} with the title {shown.titles}"
    chips = [text for text in shown.texts if text.startswith(":blue-badge[")]
    wanted = [f":blue-badge[{plain(view.channel)}]"] if view.channel and view.page.filtered else []
    return "" if chips == wanted else f"asked for {wanted}, got {chips}"
