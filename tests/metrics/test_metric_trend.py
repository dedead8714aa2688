"""Trends show what `volume` counts, with the band that all of the past gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.trend import sparkline, trend
from cx_metrics.metrics.slice import GRAINS, Grain, Slice
from cx_metrics.statistics.band import daily_band, period_band
from cx_metrics.store.marts.mart import Mart
from tests.metrics.by_definition import days_between, days_of, first_day
from tests.metrics.small_mart import Ticket, small_mart

ROME = ZoneInfo("Europe/Rome")
START = datetime(2024, 1, 10, 9)
T = datetime(2025, 12, 17, 15)
FIRST, LAST_FULL = date(2024, 1, 10), date(2025, 12, 16)
WEIGHTS = {"Bill": 5, "Router": 2, "Rare": 0.02}


def tickets() -> list[Ticket]:
    chance = random.Random(5)
    found = [Ticket("crm", "0", None, START, intent="Bill")]
    for day in range((T - START).days + 2):
        for intent, weight in WEIGHTS.items():
            for _ in range(int(chance.expovariate(1 / weight)) if day % 7 < 5 else chance.random() < weight / 10):
                at = START + timedelta(days=day, minutes=chance.randrange(24 * 60))
                channel = chance.choice(["phone", "chat"])
                found.append(Ticket("crm", str(len(found)), None, at, intent=intent, channel=channel))
    return found


CONTACTS = tickets()


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with small_mart(CONTACTS, watermark=T, timezone="Europe/Rome") as opened:
        yield opened


def counted(intent: str | None, channel: str | None = None) -> Counter[date]:
    return Counter(
        c.started_at.replace(tzinfo=UTC).astimezone(ROME).date()
        for c in CONTACTS
        if intent in (None, c.intent) and channel in (None, c.channel)
    )


SLICES = [
    Slice(),
    Slice(by=("intent",), from_on=date(2025, 10, 1), to_on=date(2025, 10, 31)),
    Slice(by=("intent",), from_on=date(2025, 11, 5)),
    Slice(where=(("channel", ("chat",)),), from_on=date(2024, 3, 20), to_on=date(2025, 6, 15)),
    Slice(to_on=date(2024, 2, 10)),
]


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("asked", SLICES, ids=Slice.sentence)
def test_values_are_those_of_volume(mart: Mart, grain: Grain, asked: Slice) -> None:
    asked = Slice(asked.from_on, asked.to_on, asked.by, grain, asked.where)
    keys = [*asked.by, "period", "value", "complete"]
    found = trend(mart, asked)
    assert rows(found[keys]) == rows(metric(mart, "volume", asked)[keys])
    assert [*found.columns] == [*keys, "expected", "low", "high", "learning"]


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("asked", SLICES, ids=Slice.sentence)
def test_bands_come_from_all_full_days_before(mart: Mart, grain: Grain, asked: Slice) -> None:
    """However short the slice: the band is that of the whole series since the data started, up to the slice's end."""
    asked = Slice(asked.from_on, asked.to_on, asked.by, grain, asked.where)
    days = days_between(FIRST, min(asked.to_on or LAST_FULL, LAST_FULL))
    periods = sorted({first_day(day, grain) for day in days})
    bands = {}
    for intent in [None, *WEIGHTS]:
        counts = counted(intent, "chat" if asked.where else None)
        series, names = [counts[day] for day in days], [str(first_day(day, grain)) for day in days]
        bands[intent] = daily_band(series) if grain == "day" else period_band(series, names)
    found = trend(mart, asked)
    n_judged = 0
    for row in rows(found):
        band = bands[str(row["intent"]) if asked.by else None]
        period = date.fromisoformat(str(row["period"]))
        whole = days_of(period, grain)
        complete = max(FIRST, asked.from_on or FIRST) <= whole[0] and whole[-1] <= days[-1]
        assert row["complete"] == complete
        place = periods.index(period) if complete else 0
        known = complete and not band.learning[place]
        for name in ("expected", "low", "high"):
            assert row[name] == (getattr(band, name)[place] if known else None)
        assert row["learning"] == (complete and bool(band.learning[place]))
        n_judged += known
    assert n_judged or asked.to_on == date(2024, 2, 10) or grain == "month"


def test_what_is_not_complete_is_not_judged(mart: Mart) -> None:
    found = trend(mart, Slice(grain="day", from_on=date(2025, 12, 10)))
    open_days = [row["period"] for row in rows(found) if not row["complete"]]
    assert open_days == [str(day) for day in days_between(date(2025, 12, 17), max(counted(None)))]
    assert found["expected"].isna().equals(~found["complete"])


def test_a_trend_needs_a_grain(mart: Mart) -> None:
    with pytest.raises(BadUse, match="a trend needs a grain: day, week, month"):
        trend(mart, Slice())


def test_trend_where_there_is_nothing(mart: Mart) -> None:
    for asked in (Slice(grain="day", from_on=date(2030, 1, 1)), Slice(grain="week", from_on=date(2025, 12, 17))):
        found = trend(mart, asked)
        assert not found["learning"].any()
        assert found["expected"].isna().all()
    with small_mart([], watermark=None, timezone="UTC") as empty:
        assert trend(empty, Slice(grain="day", by=("intent",))).empty


@pytest.mark.parametrize("to_on", [None, date(2025, 12, 14), date(2025, 12, 13), date(2024, 2, 1)])
@pytest.mark.parametrize("weeks", [26, 3])
def test_sparklines_are_full_weeks_up_to_the_end(mart: Mart, to_on: date | None, weeks: int) -> None:
    last = min(to_on or LAST_FULL, LAST_FULL)
    mondays = sorted({first_day(day, "week") for day in days_between(FIRST, last)})
    mondays = [day for day in mondays if day >= FIRST and day + timedelta(days=6) <= last][-weeks:]
    expected = []
    for intent in sorted(WEIGHTS):
        counts = counted(intent)
        weekly = [sum(counts[day] for day in days_of(monday, "week")) for monday in mondays]
        expected += [{"intent": intent, "weekly": weekly}] if any(weekly) else []
    asked = Slice(from_on=date(2024, 1, 31), to_on=to_on, by=("channel",), grain="month")
    assert rows(sparkline(mart, asked, weeks=weeks)) == expected
    assert len(mondays) == (min(weeks, 26) if last.year == 2025 else 2)


def test_no_full_week_has_no_sparklines(mart: Mart) -> None:
    assert rows(sparkline(mart, Slice(to_on=date(2024, 1, 20)))) == []
