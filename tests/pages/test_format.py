from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cx_metrics.charts import numbers
from pages.shared import format as write

ROME = ZoneInfo("Europe/Rome")


def said(text: str) -> str:
    """The text with plain spaces, to be read in a test."""
    return text.replace(write.THIN, " ")


def test_numbers_are_those_of_the_charts() -> None:
    shared = "change compact count interval likely money money_compact number percent points price"
    for name in shared.split():
        assert getattr(write, name) is getattr(numbers, name)


@pytest.mark.parametrize(
    ("on", "year", "expected"),
    [
        (date(2025, 11, 17), 2025, "17 Nov"),
        (date(2025, 11, 7), 2026, "7 Nov 2025"),
        (date(2025, 11, 17), None, "17 Nov 2025"),
    ],
)
def test_day(on: date, year: int | None, expected: str) -> None:
    assert write.day(on, year=year) == expected


def test_weekdays_are_named() -> None:
    week = [date(2025, 11, 3) + timedelta(days=at) for at in range(7)]
    names = [write.day(on, year=2025, weekday=True).split()[0] for on in week]
    assert names == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


@pytest.mark.parametrize(
    ("first", "last", "year", "expected"),
    [
        (date(2025, 10, 21), date(2025, 11, 17), 2025, "21 Oct – 17 Nov"),
        (date(2025, 10, 21), date(2025, 11, 17), 2026, "21 Oct – 17 Nov 2025"),
        (date(2025, 12, 21), date(2026, 1, 17), 2026, "21 Dec 2025 – 17 Jan 2026"),
        (date(2025, 12, 21), date(2026, 1, 17), 2025, "21 Dec 2025 – 17 Jan 2026"),
        (date(2025, 11, 17), date(2025, 11, 17), 2025, "17 Nov"),
        (date(2025, 11, 17), date(2025, 11, 17), None, "17 Nov 2025"),
        (date(2025, 11, 1), date(2025, 11, 17), None, "1 Nov – 17 Nov 2025"),
    ],
)
def test_day_span(first: date, last: date, year: int | None, expected: str) -> None:
    assert write.day_span(first, last, year=year) == expected


def test_stamps_are_in_the_business_zone() -> None:
    summer, winter = datetime(2025, 7, 1, 22, 30), datetime(2025, 12, 31, 23, 30)
    assert write.stamp(summer, ROME, year=2025) == "2 Jul, 00:30"
    assert write.stamp(winter, "Europe/Rome", year=2025) == "1 Jan 2026, 00:30"
    assert write.stamp(summer.replace(tzinfo=UTC), ROME, year=2025) == "2 Jul, 00:30"
    assert write.stamp(None, ROME) == "not known"


def test_estimates_carry_their_interval_or_their_reason() -> None:
    assert said(write.estimate(0.714, 0.7, 0.72)) == "71 %, likely 70 – 72 %"
    assert said(write.estimate(0.714)) == "71 %"
    assert said(write.estimate(0.714, 0.7, 0.72, digits=1)) == "71.4 %, likely 70.0 – 72.0 %"
    assert write.estimate(None, reason="no customer ids in this data") == "not known: no customer ids in this data"
    assert write.estimate(None) == "not known"


def test_plurals() -> None:
    assert said(write.plural(1, "contact")) == "1 contact"
    assert said(write.plural(0, "contact")) == "0 contacts"
    assert said(write.plural(12345, "category", "categories")) == "12 345 categories"
    assert write.plural(None, "contact") == "not known contacts"


def test_listings() -> None:
    assert write.listing([]) == ""
    assert write.listing(["a"]) == "a"
    assert write.listing(["a", "b"]) == "a and b"
    assert write.listing(["a", "b", "c"], last="or") == "a, b or c"
