"""Sessions that click, over the dashboard's own websocket: from the request for a page to its last message."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence

from benchmarks.tabs import Browser, Site


async def _walk(site: Site, requests: Sequence[tuple[str, str]]) -> list[float]:
    times = []
    async with Browser(site).tab() as tab:
        for page, query in requests:
            shown = await tab.visit(page, query)
            if shown.problems:
                raise RuntimeError(f"{page}: {'; '.join(shown.problems)}")
            times.append(shown.seconds)
    return times


def walk(port: int, requests: Sequence[tuple[str, str]], *, sessions: int = 1) -> list[list[float]]:
    """Several sessions that ask for the same pages at once, each one after the other; seconds per session and page.

    Raises:
        RuntimeError: A page shows an error.
    """

    async def all_of_them() -> list[list[float]]:
        site = Site(f"http://127.0.0.1:{port}")
        return await asyncio.gather(*(_walk(site, requests) for _ in range(sessions)))

    return asyncio.run(all_of_them())


def median(times: Sequence[Sequence[float]]) -> float:
    """The median over all requests of all sessions, in milliseconds."""
    return statistics.median(second for session in times for second in session) * 1000
