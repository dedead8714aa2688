"""Which days the data knows, and which periods they make."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.metrics.periods import (
    as_date,
    day_range,
    full_days_within,
    known_days,
    last_full_day,
    period_lengths,
    period_starts,
)
from cx_metrics.metrics.slice import GRAINS, Grain, Slice
from cx_metrics.store.marts.mart import MartFacts


def facts(watermark: datetime | None, *, timezone: str = "Europe/Rome", data_to: date | None = None) -> MartFacts:
    return MartFacts(
        version="1",
        watermark=watermark,
        data_from=date(2026, 1, 5) if watermark else None,
        data_to=data_to or (date(2026, 1, 10) if watermark else None),
        timezone=timezone,
        lagging=(),
        dimensions=(),
        contacts=10,
        identified=10,
        built_at=datetime(2026, 1, 20),
    )


@pytest.mark.parametrize(
    ("watermark", "timezone", "last"),
    [
        (datetime(2026, 1, 10, 12), "Europe/Rome", date(2026, 1, 9)),
        (datetime(2026, 1, 10, 22, 58), "Europe/Rome", date(2026, 1, 9)),
        (datetime(2026, 1, 10, 22, 59), "Europe/Rome", date(2026, 1, 10)),  # 23:59, as far as a minute can say
        (datetime(2026, 1, 10, 23, 0), "Europe/Rome", date(2026, 1, 10)),
        (datetime(2026, 7, 10, 22, 0), "Europe/Rome", date(2026, 7, 10)),  # summer time
        (datetime(2026, 3, 28, 23, 0), "Europe/Rome", date(2026, 3, 28)),  # before the day of 23 hours
        (datetime(2026, 3, 29, 21, 30), "Europe/Rome", date(2026, 3, 28)),
        (datetime(2026, 3, 29, 22, 0), "Europe/Rome", date(2026, 3, 29)),
        (datetime(2026, 1, 10, 4, 0), "America/New_York", date(2026, 1, 8)),
        (datetime(2026, 1, 10, 5, 0), "America/New_York", date(2026, 1, 9)),
    ],
)
def test_a_day_is_full_when_its_end_lies_before_the_cutoff(watermark: datetime, timezone: str, last: date) -> None:
    assert last_full_day(facts(watermark, timezone=timezone)) == last


def test_quiet_days_before_the_cutoff_are_known() -> None:
    first = date(2026, 1, 5)
    assert known_days(facts(datetime(2026, 1, 15, 12))) == (first, date(2026, 1, 15))
    assert known_days(facts(datetime(2026, 1, 14, 23))) == (first, date(2026, 1, 14))
    assert known_days(facts(datetime(2026, 1, 7, 12))) == (first, date(2026, 1, 10))
    assert known_days(facts(None)) is None
    assert last_full_day(facts(None)) is None


def test_full_days_within_a_slice() -> None:
    known = facts(datetime(2026, 1, 8, 12))
    assert list(map(as_date, full_days_within(known, Slice()))) == [date(2026, 1, day) for day in (5, 6, 7)]
    after_start = Slice(from_on=date(2026, 1, 7), to_on=date(2026, 1, 30))
    assert list(map(as_date, full_days_within(known, after_start))) == [date(2026, 1, 7)]
    assert full_days_within(known, Slice(from_on=date(2026, 1, 8))).size == 0
    assert full_days_within(known, Slice(to_on=date(2026, 1, 4))).size == 0
    assert full_days_within(facts(None), Slice()).size == 0


@given(st.dates(date(1900, 1, 1), date(2199, 12, 1)), st.sampled_from(GRAINS))
def test_periods_hold_the_days_they_should(day: date, grain: Grain) -> None:
    (start,) = period_starts(day_range(day, day), grain)
    (length,) = period_lengths(period_starts(day_range(day, day), grain), grain)
    first = as_date(start)
    last = first + timedelta(days=int(length) - 1)
    assert first <= day <= last
    after = last + timedelta(days=1)
    if grain == "week":
        assert (first.isoweekday(), length) == (1, 7)
    elif grain == "month":
        assert (first.day, after.day, first.month) == (1, 1, day.month)
    else:
        assert (first, length) == (day, 1)
