"""The days the data knows in full, and the periods they make."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.store.marts.days import full_day_before, local_day
from cx_metrics.store.marts.mart import MartFacts

Days = NDArray[np.datetime64]

NO_DAYS: Days = np.array([], dtype="datetime64[D]")


def known_days(facts: MartFacts) -> tuple[date, date] | None:
    """First and last business day the data says something about; None without contacts.

    The last is the later of the last contact's day and the last day before the cut-off: quiet days before the
    cut-off are known to be quiet.
    """
    if facts.data_from is None or facts.data_to is None or facts.watermark is None:
        return None
    last_before_cutoff = local_day(facts.watermark - timedelta(microseconds=1), timezone=facts.timezone)
    return facts.data_from, max(facts.data_to, last_before_cutoff)


def last_full_day(facts: MartFacts) -> date | None:
    """Last business day that lies before the data cut-off as a whole; None without contacts."""
    if facts.watermark is None:
        return None
    return full_day_before(facts.watermark, timezone=facts.timezone)


def days_within(facts: MartFacts, slice: Slice) -> Days:
    """The days of a slice that the data says something about, in order; may be none."""
    known = known_days(facts)
    if known is None:
        return NO_DAYS
    return day_range(max(known[0], slice.from_on or known[0]), min(known[1], slice.to_on or known[1]))


def full_days_within(facts: MartFacts, slice: Slice) -> Days:
    """The days of a slice that the data knows in full, in order; may be none."""
    days, last = days_within(facts, slice), last_full_day(facts)
    return NO_DAYS if last is None else days[days <= np.datetime64(last)]


def day_range(first: date, last: date) -> Days:
    """Every day from the first to the last, both included; none where the last is before the first."""
    return np.arange(np.datetime64(first), np.datetime64(last) + 1)


def as_date(day: np.datetime64) -> date:
    """A day of an array as a date."""
    return date.fromisoformat(str(day))


def period_starts(days: Days, grain: Grain) -> Days:
    """First day of the period each day lies in; weeks begin on Monday (ISO 8601)."""
    if grain == "day":
        return days
    if grain == "month":
        return days.astype("datetime64[M]").astype("datetime64[D]")
    # 1970-01-01, day 0, was a Thursday.
    weekday = (days.astype(np.int64) + 3) % 7
    return np.asarray(days - weekday.astype("timedelta64[D]"))


def period_lengths(starts: Days, grain: Grain) -> NDArray[np.int64]:
    """Number of days in the periods that begin on the given days."""
    if grain == "month":
        months = starts.astype("datetime64[M]")
        return ((months + 1).astype("datetime64[D]") - starts).astype(np.int64)
    return np.full(starts.size, 7 if grain == "week" else 1, dtype=np.int64)
