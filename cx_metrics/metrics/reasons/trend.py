"""How volumes move over time, and whether a period was what its past let expect."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.errors import BadUse
from cx_metrics.metrics.periods import Days, as_date, full_days_within, period_starts
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.selection import check_filters, group_rows, select
from cx_metrics.metrics.slice import GRAINS, Grain, Slice
from cx_metrics.statistics.band import WINDOW, daily_band, period_band
from cx_metrics.store.marts.mart import Mart, MartFacts

Counts = NDArray[np.float64]

BAND = ["expected", "low", "high"]
# What a band of the first period shown learns from: the spread of WINDOW periods, each judged by WINDOW days.
_LEARNT_DAYS: dict[Grain, int] = {
    "day": WINDOW + WINDOW,
    "week": WINDOW * 7 + WINDOW,
    "month": WINDOW * 31 + WINDOW,
}


def trend(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts per period, exactly as ``volume`` counts them, with the 95% band the days before let expect.

    Bands learn from all full days before a period, also from those before the slice begins. A period that
    isn't complete is shown but not judged: it has no band.

    Returns:
        The slice's dimensions, ``period``, ``value``, ``complete``, ``expected``, ``low``, ``high`` and
        ``learning`` (true where a complete period's past is too short for a band), without gaps for every
        group that occurs.

    Raises:
        BadUse: The slice has no grain.
    """
    if slice.grain is None:
        raise BadUse(f"a trend needs a grain: {', '.join(GRAINS)}")
    keys = [*slice.by, "period"]
    frame = volume(mart, slice)[[*keys, "value", "complete"]]
    if not frame["complete"].any():
        return frame.assign(expected=np.nan, low=np.nan, high=np.nan, learning=False)
    frame = frame.merge(_bands(mart, slice, slice.grain), how="left", on=keys)
    frame[BAND] = frame[BAND].where(frame["complete"])
    return frame.assign(learning=frame["complete"] & frame["expected"].isna())


def sparkline(mart: Mart, slice: Slice, *, weeks: int = 26) -> pd.DataFrame:
    """Contacts per intent in each of the last full weeks (Monday to Sunday) up to the slice's end.

    Returns:
        ``intent`` and ``weekly``: at most ``weeks`` whole numbers, oldest first, as many as the data knows in
        full. One row per intent that occurs in them, sorted.
    """
    days = full_week_days(mart.facts, slice, weeks=weeks)
    groups, counts = daily_counts(mart, replace(slice, by=("intent",)), days)
    weekly = counts.reshape(len(groups), days.size // 7, 7).sum(axis=2).astype(int)
    return groups.assign(weekly=pd.Series(weekly.tolist(), dtype=object))


def full_week_days(facts: MartFacts, slice: Slice, *, weeks: int) -> Days:
    """The days of the last weeks, at most so many, that the data knows in full up to the slice's end."""
    days = full_days_within(facts, replace(slice, from_on=None))
    mondays = period_starts(days, "week")
    whole = np.searchsorted(mondays, mondays, side="right") - np.searchsorted(mondays, mondays) == 7
    return np.asarray(days[whole][-7 * weeks :])


def daily_counts(mart: Mart, slice: Slice, days: Days) -> tuple[pd.DataFrame, Counts]:
    """Contacts of each of the days given, 0 where there are none, for every group of the slice.

    Args:
        mart: Where to count.
        slice: Its filters and dimensions; its own days and grain play no part.
        days: Consecutive days; without any there are no groups.

    Returns:
        The groups that occur on these days (the dimensions, sorted; one row where there are no dimensions),
        and a matrix with a row per group and a column per day.
    """
    if not days.size:
        check_filters(mart, slice)
        return pd.DataFrame(columns=list(slice.by)), np.zeros((0, 0))
    ends = replace(slice, from_on=as_date(days[0]), to_on=as_date(days[-1]), grain=None)
    selection = select(mart, ends)
    frame = mart.query(
        f"SELECT {selection.key_sql} d.day, CAST(sum(d.contacts) AS BIGINT) AS n "
        f"{selection.source_sql('daily')} GROUP BY ALL ORDER BY {selection.key_names} d.day",
        selection.params,
    )
    groups, rows = group_rows(frame, slice.by)
    counts = np.zeros((len(groups), days.size))
    counts[rows, (frame["day"].to_numpy(dtype="datetime64[D]") - days[0]).astype(int)] = frame["n"]
    return groups, counts


def _bands(mart: Mart, slice: Slice, grain: Grain) -> pd.DataFrame:
    """Expected band of every period with a full day in the slice, for each group of its history."""
    (begin,) = period_starts(full_days_within(mart.facts, slice)[:1], grain)
    since = as_date(begin) - timedelta(days=_LEARNT_DAYS[grain])
    days = full_days_within(mart.facts, replace(slice, from_on=since))
    groups, counts = daily_counts(mart, slice, days)
    periods = period_starts(days, grain)
    bands = [daily_band(row) if grain == "day" else period_band(row, periods) for row in counts]
    starts = np.unique(periods)
    shown = starts >= begin
    names = starts[shown].astype(str)
    frame = groups.loc[groups.index.repeat(names.size)].assign(period=np.tile(names, len(bands)))
    return frame.assign(**{end: np.ravel([getattr(band, end)[shown] for band in bands]) for end in BAND})
