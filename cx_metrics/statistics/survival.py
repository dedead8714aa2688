"""How many come back by each day, from counts that know whole days only: Kaplan-Meier on a daily grid.

Of every contact two whole numbers are known: the day (rounded up) on which the next one came, and the days (rounded
down) it had lived at the data cut-off. It is at risk on the days it had lived in full. A next contact that came within
a day not fully lived yet does not count: the contact is censored before that day, as those are whose next may still
come in it. Counting it would see the ones who came back early and miss those who come back later that day.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cx_metrics.statistics.intervals import wilson

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

DAYS = 30


class Grid(NamedTuple):
    """What happened on each day; the last dimension are the days 1, 2, ..., any before it groups.

    Attributes:
        events: How many came back on that day, of those at risk.
        at_risk: How many had not come back before, and lived that day in full.
    """

    events: Counts
    at_risk: Counts


class Return(NamedTuple):
    """The share that came back by each day, in the shape of its grid; NaN from the day on that nobody has lived.

    Attributes:
        value: 1 - Kaplan-Meier survival, 0..1.
        n_eff: Independent contacts, all followed to the end, that would tell as much: share times its complement over
            Greenwood's variance; those at risk where the share is 0 or 1.
    """

    value: Floats
    n_eff: Floats

    def ends(self, deff: ArrayLike = 1.0) -> tuple[Floats, Floats]:
        """95% Wilson interval on ``n_eff / deff``; NaN where there is no value.

        Args:
            deff: Design effect by customer, at least 1; broadcast with the value.
        """
        known = np.isfinite(self.value)
        n = np.where(known, self.n_eff, 0.0)
        return wilson(np.where(known, self.value, 0.0) * n, n, deff=deff)


class Difference(NamedTuple):
    """How two shares of different people differ.

    Attributes:
        value: First less second, -1..1.
        low: Lower end of its 95% interval.
        high: Upper end.
        z: Difference over its standard error; NaN where both shares are 0 or 1.
        p: Chance of a z this far from 0 without a difference; NaN where there is no z.
    """

    value: float
    low: float
    high: float
    z: float
    p: float

    @property
    def beyond(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def daily_grid(
    came_on: ArrayLike,
    lived: ArrayLike,
    n: ArrayLike,
    *,
    rows: ArrayLike | None = None,
    n_rows: int | None = None,
    days: int = DAYS,
) -> Grid:
    """Events and numbers at risk on each day, from counts.

    Args:
        came_on: Day, rounded up from 1, on which the next contact came; 0 where none did.
        lived: Whole days lived at the cut-off, rounded down from 0; ``days`` stands for that many or more.
        n: How many contacts there are of each such pair.
        rows: Group of each pair, counted from 0; None for one group.
        n_rows: How many groups there are; None without groups, and the grid has no dimension of groups.
        days: Last day of the grid.
    """
    back, age, counts = (np.asarray(a, dtype=np.int64) for a in (came_on, lived, n))
    group = np.zeros(back.shape, dtype=np.int64) if rows is None else np.asarray(rows, dtype=np.int64)
    size = 1 if n_rows is None else n_rows
    is_event = (back >= 1) & (back <= age) & (back <= days)
    # One who comes back is at risk until that day, anyone else as long as was lived; the day 0 is cut off below.
    until = np.where(is_event, back, np.minimum(age, days))
    events, left = np.zeros((size, days + 1), dtype=np.int64), np.zeros((size, days + 1), dtype=np.int64)
    np.add.at(events, (group[is_event], back[is_event]), counts[is_event])
    np.add.at(left, (group, until), counts)
    at_risk = left[:, ::-1].cumsum(axis=1)[:, ::-1]
    grid = Grid(events[:, 1:], at_risk[:, 1:])
    return Grid(grid.events[0], grid.at_risk[0]) if n_rows is None else grid


def came_back(grid: Grid) -> Return:
    """Share that came back by each day: 1 - Kaplan-Meier, with the n that Greenwood's variance amounts to.

    Without censoring it is the plain share, and its n all who started.

    Source:
        Kaplan & Meier 1958; Greenwood 1926: ``S^2 sum(d / (Y (Y - d)))`` with d events among Y at risk.
    """
    d, y = (np.asarray(a, dtype=float) for a in grid)
    survival = np.cumprod(1 - np.divide(d, y, out=np.zeros(d.shape), where=y > 0), axis=-1)
    unknown = (y == 0) & (survival > 0)
    room = y * (y - d)
    spread = np.cumsum(np.divide(d, room, out=np.zeros(d.shape), where=room > 0), axis=-1)
    share = 1 - survival
    inside = (survival > 0) & (spread > 0)
    at_risk = np.minimum.accumulate(np.where(y > 0, y, np.inf), axis=-1)
    n_eff = np.divide(share, survival * spread, out=at_risk, where=inside)
    return Return(np.where(unknown, np.nan, share), np.where(unknown, 0.0, n_eff))


def difference(first: float, n_first: float, second: float, n_second: float) -> Difference:
    """How a share differs from another one, with 95% interval and z.

    The interval squares and adds the distances to the Wilson ends, and so stays honest near 0 and 1; z is the plain
    one, ``(p1 - p2) / sqrt(p1 (1 - p1) / n1 + p2 (1 - p2) / n2)``.

    Args:
        first: Share in 0..1.
        n_first: What it rests on: n, or n_eff / deff; above 0.
        second: The other share.
        n_second: What that one rests on.

    Source:
        Newcombe 1998, Stat Med 17:873-890, method 10.
    """
    from scipy.stats import norm

    (low1, low2), (high1, high2) = wilson([first * n_first, second * n_second], [n_first, n_second])
    error = math.sqrt(first * (1 - first) / n_first + second * (1 - second) / n_second)
    gap = first - second
    z = gap / error if error > 0 else math.nan
    return Difference(
        gap,
        gap - math.hypot(first - low1, high2 - second),
        gap + math.hypot(high1 - first, second - low2),
        z,
        float(2 * norm.sf(abs(z))),
    )


class Half(NamedTuple):
    """The day by which half of some events had happened; 0 where there are none.

    Attributes:
        day: The first day by which at least half had.
        low: First day at which half may well lie (95%).
        high: Last such day.
    """

    day: int
    low: int
    high: int


def half_by(counts: ArrayLike, *, deff: float = 1.0) -> Half:
    """The median day of events, rounded up to whole days, with a 95% interval.

    The interval holds the days whose share of events by then can't be told from one half (Wilson on n / deff).

    Args:
        counts: Events on the days 1, 2, ...
        deff: Design effect by customer, at least 1.
    """
    events = np.asarray(counts, dtype=np.int64)
    by_then = events.cumsum()
    if not events.size or not by_then[-1]:
        return Half(0, 0, 0)
    low, high = wilson(by_then, np.full(by_then.shape, by_then[-1]), deff=deff)
    return Half(*(int(np.argmax(reached)) + 1 for reached in (2 * by_then >= by_then[-1], high >= 0.5, low >= 0.5)))
