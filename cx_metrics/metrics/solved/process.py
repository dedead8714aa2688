"""A weekly share as a process: its weeks, which of them are known in full, and the limits it usually keeps."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.periods import as_date, full_days_within, last_full_day, period_starts
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.control import Flags, Limits, share_limits, signals
from cx_metrics.store.marts.mart import MartFacts

LEARNT_WEEKS = 26
LEAST_WEEKS = 8
MOST_IMMATURE = 0.05
"""Share of a week's issues that may still be too young, because they took long to end, without the week being so."""
LIMIT_COLUMNS = ("centre", "limit_low", "limit_high", "signal", "learnt")
_TOO_FEW_SINCE = f"fewer than {LEAST_WEEKS} weeks since the fix are known in full: no limits yet"
_TOO_FEW = f"fewer than {LEAST_WEEKS} weeks are known in full: no limits yet"


def process_weeks(facts: MartFacts, slice: Slice, *, edge_days: int = 0) -> list[date]:
    """Mondays of the weeks of a period and of the 26 weeks before it, as far as the data has them.

    Args:
        facts: What the data covers.
        slice: Its days; a week that they only touch counts as a whole.
        edge_days: Days at the beginning of the data that no week may lie in.
    """
    first = slice.from_on - timedelta(weeks=LEARNT_WEEKS) if slice.from_on else None
    days = full_days_within(facts, Slice(from_on=first, to_on=slice.to_on))
    if not days.size or facts.data_from is None:
        return []
    earliest = facts.data_from + timedelta(days=edge_days)
    return [monday for monday in map(as_date, np.unique(period_starts(days, "week"))) if monday >= earliest]


def is_over(facts: MartFacts, mondays: list[date], *, days: int) -> Flags:
    """Per week whether so many more days have passed since it ended."""
    last = last_full_day(facts)
    return np.array([last is not None and monday + timedelta(days=6 + days) <= last for monday in mondays], dtype=bool)


def with_limits(
    frame: pd.DataFrame, *, hits: NDArray[np.int64], from_on: date | None, fixed_on: date | None = None
) -> pd.DataFrame:
    """The weeks with the limits they usually keep (Laney p'), and the signals they give.

    The limits are learnt from the weeks before the period, or from all where fewer than 8 of those are known. A
    week outside its own limits does not teach them.

    Args:
        frame: ``period`` (ISO Mondays), ``value`` in 0..1 (missing where it is not known), ``n`` and ``reason``.
        hits: What ``value`` counts, out of n.
        from_on: First day of the period that is judged; None: all of it.
        fixed_on: Day of a fix, since which it is another process: weeks that begin before it teach nothing and
            have no limits.

    Returns:
        The frame with ``centre``, ``limit_low`` and ``limit_high`` (missing with fewer than 8 known weeks),
        ``signal`` (why a week is out of the ordinary, else None) and ``learnt``, whether a week taught the limits.
    """
    since = np.array([fixed_on is None or monday >= str(fixed_on) for monday in frame["period"]], dtype=bool)
    known = frame["value"].notna().to_numpy() & since
    before = frame["period"].map(lambda period: from_on is not None and _sunday(period) < from_on)
    taught = known & before.to_numpy(dtype=bool)
    taught = taught if taught.sum() >= LEAST_WEEKS else known
    if taught.sum() < LEAST_WEEKS:
        reason = frame["reason"].where(frame["value"].isna(), _TOO_FEW if fixed_on is None else _TOO_FEW_SINCE)
        return frame.assign(
            centre=np.nan, limit_low=np.nan, limit_high=np.nan, signal=None, learnt=False, reason=reason
        )
    n = frame["n"].to_numpy(dtype=float)
    value = frame["value"].to_numpy(dtype=float)
    inside = taught & ~_outside(value, share_limits(hits, n, learnt=taught))
    limits = share_limits(hits, n, learnt=inside if inside.sum() >= LEAST_WEEKS else taught)
    said = [None if word is None else word.value for word in signals(np.where(known, value, np.nan), limits)]
    is_old = frame["value"].notna() & ~since
    return frame.assign(
        centre=np.where(since, limits.centre, np.nan),
        limit_low=np.where(known, limits.low, np.nan),
        limit_high=np.where(known, limits.high, np.nan),
        signal=pd.Series(said, dtype=object),
        learnt=inside,
        reason=frame["reason"].mask(is_old, f"before the fix on {fixed_on}, after which the limits are learnt"),
    )


def _sunday(monday: str) -> date:
    return date.fromisoformat(monday) + timedelta(days=6)


def _outside(value: NDArray[np.float64], limits: Limits) -> Flags:
    return np.asarray((value < limits.low) | (value > limits.high))
