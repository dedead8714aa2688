"""What a count of contacts should have been, judged by its own past only.

A day is expected at the rate per exposure of the 56 days before it, times its weekday's index. How far days
usually stray from that is learnt from the series itself, with median and MAD, so that last month's incident
doesn't widen the band. Weeks and months are judged by the days before they began: a band never learns from
what it judges. Where less than one contact is expected, whole counts are too coarse for the level asked for:
of 100 ordinary days 85 to 98 lie inside then, instead of 95.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.intp]

WEEK = 7
WINDOW = 56
LEAST_PERIODS = 8
# Contacts of "an ordinary weekday" that every index starts from: 2 on Mondays hardly move it, 200 do.
INDEX_PRIOR = 10.0
MAD_TO_SD = 1.4826


@dataclass(frozen=True, eq=False)
class Band:
    """Expected counts with the band they should fall in, one entry per day or period.

    Attributes:
        expected: Expected contacts; NaN while learning.
        low: Lower end of the band, at least 0; NaN while learning.
        high: Upper end; NaN while learning.
        learning: True where the past is too short to say.
    """

    expected: Floats
    low: Floats
    high: Floats
    learning: NDArray[np.bool_]


def daily_band(
    counts: ArrayLike, *, exposure: ArrayLike | None = None, window: int = WINDOW, level: float = 0.95
) -> Band:
    """Expected band of each day's count, from the days before it.

    Args:
        counts: Contacts of consecutive full days without gaps (a day without contacts is 0). Weekdays need no
            naming: they are the position modulo 7.
        exposure: Units of X on each day (orders, devices, ...); 1 for all where left out.
        window: Days to learn from, a multiple of 7, for the rate and again for the spread.
        level: Share of ordinary days that should lie inside.

    Returns:
        One entry per day; learning until half a window of days (28) could be compared with their expectation.

    Raises:
        ValueError: Counts or exposure are negative, missing or of different lengths, the window is not a
            positive multiple of 7, or the level isn't in (0, 1).
    """
    y, x = _series(counts, exposure)
    expected = _expected(y, x, starts=np.arange(y.size), window=window)
    return _band(y, expected, window=window, least=window // 2, level=level)


def period_band(
    counts: ArrayLike,
    period_ids: ArrayLike,
    *,
    exposure: ArrayLike | None = None,
    window: int = WINDOW,
    level: float = 0.95,
) -> Band:
    """Expected band of each week's or month's count, from the days before that period began.

    Args:
        counts: As in ``daily_band``.
        period_ids: The period of each day (number, date or text); the days of one period are neighbours.
        exposure: As in ``daily_band``.
        window: Days to learn the rate from, a multiple of 7; the spread comes from at most as many periods.
        level: Share of ordinary periods that should lie inside.

    Returns:
        One entry per period in order; learning until 8 periods could be compared with their expectation. A
        period at either end that isn't whole is judged by the days it has.

    Raises:
        ValueError: As in ``daily_band``, or a period's days aren't neighbours.
    """
    y, x = _series(counts, exposure)
    first = _first_days(np.asarray(period_ids), n_days=y.size)
    starts = np.repeat(first, np.diff(first, append=y.size))
    expected = _expected(y, x, starts=starts, window=window)
    if not y.size:
        return _band(y, expected, window=window, least=LEAST_PERIODS, level=level)
    totals, sums = np.add.reduceat(y, first), np.add.reduceat(expected, first)
    return _band(totals, sums, window=window, least=LEAST_PERIODS, level=level)


def _series(counts: ArrayLike, exposure: ArrayLike | None) -> tuple[Floats, Floats]:
    y = np.asarray(counts, dtype=float)
    x = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=float)
    if y.ndim != 1 or y.shape != x.shape:
        raise ValueError("counts and exposure must be one series of the same days")
    if not np.all((y >= 0) & (x >= 0) & np.isfinite(y + x)):
        raise ValueError("counts and exposure must be numbers from 0 up, without gaps")
    return y, x


def _first_days(period_ids: NDArray[np.generic], *, n_days: int) -> Days:
    """Positions at which periods begin."""
    if period_ids.shape != (n_days,):
        raise ValueError("every day needs one period")
    if not n_days:
        return np.arange(0)
    first = np.flatnonzero(np.append(True, period_ids[1:] != period_ids[:-1]))
    if np.unique(period_ids).size != first.size:
        raise ValueError("the days of one period must be neighbours")
    return first


def _expected(y: Floats, x: Floats, *, starts: Days, window: int) -> Floats:
    """Expected count of each day, from the ``window`` days before ``starts``; NaN where there are fewer."""
    if window <= 0 or window % WEEK:
        raise ValueError(f"window {window} must be a positive multiple of {WEEK} days")
    expected = np.full(y.size, np.nan)
    days = np.flatnonzero(starts >= window)
    if not days.size:
        return expected
    # Row r sums the window before day r + window by weekday; column j is the weekday of that day + j.
    past_y, past_x = (sliding_window_view(a, window).reshape(-1, window // WEEK, WEEK).sum(axis=1) for a in (y, x))
    rows, weekdays = starts[days] - window, (days - starts[days]) % WEEK
    all_y, all_x = past_y.sum(axis=1)[rows], past_x.sum(axis=1)[rows]
    rate = np.divide(all_y, all_x, out=np.full(days.size, np.nan), where=all_x > 0)
    index = (past_y[rows, weekdays] + INDEX_PRIOR) / (rate * past_x[rows, weekdays] + INDEX_PRIOR)
    expected[days] = rate * index * x[days]
    return expected


def _band(y: Floats, expected: Floats, *, window: int, least: int, level: float) -> Band:
    """The band around expected counts, as wide as the series' own past scores say."""
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie between 0 and 1")
    # One contact in the window is the smallest rate it can show: after a window of zeros the spread isn't 0.
    spread = np.sqrt(np.maximum(expected, 1 / window))
    centre, scale, n_scores = _past_centre_and_scale((y - expected) / spread, window=window)
    reach = NormalDist().inv_cdf((1 + level) / 2) * scale
    learning = np.isnan(expected) | (n_scores < least)
    low, high = (np.maximum(expected + spread * (centre + side * reach), 0.0) for side in (-1, 1))
    expected, low, high = (np.where(learning, np.nan, a) for a in (expected, low, high))
    return Band(expected, low, high, learning)


def _past_centre_and_scale(scores: Floats, *, window: int) -> tuple[Floats, Floats, Days]:
    """Median, 1.4826 MAD (at least 1, the Poisson spread) and number of the scores before each."""
    padded = np.concatenate([np.full(window, np.nan), scores])
    past = sliding_window_view(padded, window)[: scores.size]
    centre = _row_median(past)
    mad = _row_median(np.abs(past - centre[:, None]))
    return centre, np.maximum(MAD_TO_SD * mad, 1.0), np.count_nonzero(~np.isnan(past), axis=1)


def _row_median(rows: Floats) -> Floats:
    """Median of each row without its NaN, NaN where none is left; ``np.nanmedian`` takes 5 times as long."""
    ordered = np.sort(rows, axis=1)  # NaN last
    n = np.count_nonzero(~np.isnan(rows), axis=1)
    at = np.arange(len(rows))
    return np.asarray((ordered[at, np.maximum(n - 1, 0) // 2] + ordered[at, n // 2]) / 2)
