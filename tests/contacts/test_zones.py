"""Local time to UTC against zoneinfo, around every clock change and between them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from cx_metrics.contacts.zones import changes, repeated_hours, to_utc

LAST = 2027


def by_zoneinfo(local: datetime, zone: ZoneInfo) -> datetime | None:
    utc = local.replace(tzinfo=zone).astimezone(UTC)
    return utc.replace(tzinfo=None) if utc.astimezone(zone).replace(tzinfo=None) == local else None


@pytest.mark.parametrize(
    "name",
    [
        "UTC",
        "Asia/Kolkata",
        "Europe/Rome",
        "America/New_York",
        "America/St_Johns",
        "America/Caracas",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Pyongyang",
    ],
)
def test_every_local_time_is_the_utc_time_of_zoneinfo(name: str) -> None:
    zone, rng = ZoneInfo(name), random.Random(name)
    first = datetime(1990, 1, 1)
    locals_ = [first + timedelta(seconds=rng.randrange(37 * 365 * 86400)) for _ in range(300)]
    for change in changes(name, until_year=LAST):
        for offset in (change.before, change.after):
            locals_ += [change.at + offset + timedelta(seconds=s) for s in (-3601, -1800, -1, 0, 1, 1800, 3600)]
    query = f"SELECT {to_utc('stamp', zone=name, until_year=LAST)} FROM (SELECT unnest(?::TIMESTAMP[]) AS stamp)"
    found = [row[0] for row in duckdb.execute(query, [locals_]).fetchall()]
    assert found == [by_zoneinfo(local, zone) for local in locals_]


def test_the_clock_changes_of_rome_in_2024() -> None:
    found = [change for change in changes("Europe/Rome", until_year=LAST) if change.at.year == 2024]
    assert [(change.at, change.before, change.after) for change in found] == [
        (datetime(2024, 3, 31, 1), timedelta(hours=1), timedelta(hours=2)),
        (datetime(2024, 10, 27, 1), timedelta(hours=2), timedelta(hours=1)),
    ]


def test_the_hours_that_occur_twice() -> None:
    spans = repeated_hours("Europe/Rome", until_year=LAST)
    assert (datetime(2024, 10, 27, 0), datetime(2024, 10, 27, 1)) in spans
    assert repeated_hours("Asia/Kolkata", until_year=LAST) == []
