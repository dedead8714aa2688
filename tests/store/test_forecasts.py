"""The forecast as a refresh leaves it: whole, the same however it came about, and silent about what it can't know."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cx_metrics.config import Settings
from cx_metrics.errors import StoreError
from cx_metrics.statistics.forecast import likely_ranges, paths
from cx_metrics.store.home import Home
from cx_metrics.store.marts import forecasts
from cx_metrics.store.marts.forecasts import FILE, MADE_FROM, Series, forecast_rows, read_forecasts
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from tests.store.extracts import Row, bring_in, row

FIRST = date(2026, 1, 1)


def tickets(days: int, *, first: date = FIRST, prefix: str = "t") -> list[Row]:
    """Contacts of so many days: 3 about bills on weekdays and 1 at weekends, 2 about delivery, one stray a week."""
    rows = []
    for n in range(days):
        day = first + timedelta(days=n)
        intents = ["Bill"] * (3 if day.weekday() < 5 else 1) + ["Delivery"] * 2 + ["Stray"] * (day.weekday() == 2)
        rows += [
            row(f"{prefix}{day}-{k}", f"{day} {8 + k:02}:00:00", intent=intent, customer_id=f"c{n % 40}")
            for k, intent in enumerate(intents)
        ]
    return rows


def home_of(folder: Path) -> Home:
    return Home(Settings(home=folder, memory="500MB", user="tester"))


def series_of(counts: NDArray[np.int64], *names: str, last_on: date = date(2026, 7, 5), weeks: int = 60) -> Series:
    return Series(last_on, weeks, names, np.atleast_2d(counts))


def kinds(rows: list[dict[str, Any]], intent: str | None) -> dict[str, int]:
    return dict(Counter(row["kind"] for row in rows if row["intent"] == intent))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """250 days of contacts, the last of them not over; tests only read it."""
    opened = home_of(tmp_path_factory.mktemp("home"))
    bring_in(opened, tickets(250))
    bring_up_to_date(opened)
    return opened


def test_history_is_what_was_counted(home: Home) -> None:
    """By hand: weeks of 7 days up to the day before the last, however it began."""
    last = FIRST + timedelta(days=248)
    frame = read_forecasts(home.forecast)
    history = frame[(frame["kind"] == "history") & frame["intent"].isna()]
    assert len(history) == 26
    expected = []
    for week in range(26, 0, -1):
        begin = last - timedelta(days=7 * week - 1)
        expected.append((begin, begin + timedelta(days=6), 5 * 3 + 2 * 1 + 7 * 2 + 1))
    assert list(history[["from_on", "to_on", "value"]].itertuples(index=False, name=None)) == expected
    bills = frame[(frame["kind"] == "history") & (frame["intent"] == "Bill")]["value"]
    assert bills.tolist() == [17.0] * 26


def test_a_regular_past_goes_on(home: Home) -> None:
    frame = read_forecasts(home.forecast)
    weeks = frame[(frame["kind"] == "week") & (frame["intent"] == "Bill")]
    assert weeks["from_on"].iloc[0] == FIRST + timedelta(days=249)
    assert len(weeks) == 13
    assert weeks["value"].to_numpy() == pytest.approx(17, abs=0.1)
    totals = frame[(frame["kind"] == "total") & frame["intent"].isna()]
    assert totals["value"].to_numpy() == pytest.approx([32 * 4, 32 * 13], rel=0.01)
    assert totals["naive"].tolist() == [32 * 4, 32 * 13]
    assert (totals["low"] <= totals["low_80"]).all()
    assert (totals["high_80"] <= totals["high"]).all()


def test_too_few_contacts_are_not_forecast(home: Home) -> None:
    frame = read_forecasts(home.forecast)
    stray = frame[(frame["intent"] == "Stray") & (frame["kind"] != "history")]
    assert stray["kind"].tolist() == ["unknown"]
    assert stray["reason"].tolist() == ["fewer than 182 contacts in 26 weeks: too few for ranges that hold"]


def test_in_steps_or_at_once_is_the_same_to_the_last_byte(home: Home, tmp_path: Path) -> None:
    rows = tickets(250)
    random.Random(1).shuffle(rows)
    steps = home_of(tmp_path / "steps")
    for part in (rows[:700], rows[700:1100], rows[1100:]):
        bring_in(steps, part)
        bring_up_to_date(steps)
    assert (steps.forecast / FILE).read_bytes() == (home.forecast / FILE).read_bytes()
    bring_up_to_date(steps, full=True)
    assert (steps.forecast / FILE).read_bytes() == (home.forecast / FILE).read_bytes()


def test_checks_made_before_are_taken_over_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(20, size=(2, 400))
    before = series_of(counts[:, :399], "a", "b", last_on=date(2026, 7, 4))
    known = {r["fingerprint"]: {n: r[n] for n in forecasts._NUMBERS} for r in forecast_rows(before) if r.get("actual")}
    assert len(known) == 3 * 5
    now = series_of(counts, "a", "b")
    anew = forecast_rows(now)
    monkeypatch.setattr(forecasts, "_check", lambda before, actual: pytest.fail("a check was made again"))
    assert forecast_rows(now, known=known) == anew


def test_a_check_knows_only_the_days_before_it() -> None:
    counts = np.random.default_rng(2).poisson(60, size=400)
    series = series_of(counts, "a")
    checks = [r for r in forecast_rows(series) if r["kind"] == "check" and r["intent"] == "a"]
    assert [r["from_on"].weekday() for r in checks] == [0] * 5
    assert [b["from_on"] - a["from_on"] for a, b in itertools.pairwise(checks)] == [timedelta(days=28)] * 4
    assert series.last_on - timedelta(days=55) < checks[-1]["from_on"] <= series.last_on - timedelta(days=27)
    for check in checks:
        begin = 399 - (series.last_on - check["from_on"]).days
        (found,) = likely_ranges(paths(counts[begin - 182 : begin], days=28).sum(axis=1, keepdims=True))
        assert (check["value"], check["low"], check["high"]) == found[:3]
        assert check["actual"] == counts[begin : begin + 28].sum()
        week = counts[begin - 7 : begin]
        assert check["naive"] == week.sum() * 4
        missed = sum(abs(int(counts[begin + day]) - int(week[day % 7])) for day in range(28))
        assert check["naive_error"] == missed


@pytest.mark.parametrize(
    ("weeks", "days", "reason"),
    [
        (3, 27, "learning: 3 weeks of data, 26 are needed"),
        (1, 7, "learning: 1 week of data, 26 are needed"),
        (25, 181, "learning: 25 weeks of data, 26 are needed"),
        (26, 182, None),
    ],
)
def test_26_weeks_are_needed(weeks: int, days: int, reason: str | None) -> None:
    rows = forecast_rows(series_of(np.full(days, 5), "a", weeks=weeks))
    assert [row["reason"] for row in rows if row["kind"] == "unknown"] == ([reason] * 2 if reason else [])
    assert kinds(rows, None).get("check") is None
    assert kinds(rows, None).get("week") == (None if reason else 13)


def test_an_intent_is_as_old_as_its_first_contact() -> None:
    counts = np.full((2, 400), 5)
    counts[1, :300] = 0
    rows = forecast_rows(series_of(counts, "old", "new"))
    assert kinds(rows, "old") == {"history": 26, "week": 13, "total": 2, "check": 5}
    assert kinds(rows, "new") == {"history": 26, "unknown": 1}
    (why,) = [row["reason"] for row in rows if row["kind"] == "unknown"]
    assert why == "learning: 14 weeks of data, 26 are needed"


def test_the_60_largest_are_forecast_and_progress_is_told() -> None:
    told: list[str] = []
    names = [f"i{n:02}" for n in range(61)]
    rows = forecast_rows(series_of(np.full((61, 182), 2), *names), progress=lambda step, share: told.append(step))
    assert kinds(rows, "i59")["week"] == 13
    assert kinds(rows, "i60") == {"history": 26, "unknown": 1}
    assert "only the 60 intents" in next(row["reason"] for row in rows if row["kind"] == "unknown")
    assert told[11] == "forecasting 12 of 61"


def test_nothing_is_done_where_nothing_changed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (home.forecast / FILE).stat()
    monkeypatch.setattr(forecasts, "_read_series", lambda *args: pytest.fail("the series were read"))
    bring_up_to_date(home)
    assert (home.forecast / FILE).stat() == before


def test_another_mart_with_the_same_days_keeps_the_forecast(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    rows = tickets(190)
    bring_in(home, rows)
    bring_up_to_date(home)
    before, made = (home.forecast / FILE).stat(), (home.forecast / MADE_FROM).read_bytes()
    bring_in(home, [{**rows[5], "customer_id": "someone else"}], name="corrected.csv")
    bring_up_to_date(home)
    assert (home.forecast / FILE).stat() == before
    assert (home.forecast / MADE_FROM).read_bytes() != made
    assert not is_stale(home)


def test_stopped_midway_the_old_forecast_stays_whole_until_the_next_start(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    bring_in(home, tickets(190))
    bring_up_to_date(home)
    before = (home.forecast / FILE).read_bytes()
    bring_in(home, tickets(20, first=FIRST + timedelta(days=190)), name="more.csv")

    def stop(step: str, share: float) -> None:
        if step == "forecasting 2 of 3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(home, progress=stop)
    assert (home.forecast / FILE).read_bytes() == before
    assert is_stale(home)
    bring_up_to_date(home)
    assert not is_stale(home)
    last = read_forecasts(home.forecast).query("kind == 'history'")["to_on"].max()
    assert last == FIRST + timedelta(days=208)


@pytest.mark.parametrize("broken", [b"", b"not parquet"], ids=["empty", "nonsense"])
def test_a_broken_forecast_is_made_anew(home: Home, broken: bytes, tmp_path: Path) -> None:
    expected = (home.forecast / FILE).read_bytes()
    other = home_of(tmp_path)
    bring_in(other, tickets(250))
    other.forecast.mkdir()
    (other.forecast / FILE).write_bytes(broken)
    (other.forecast / MADE_FROM).write_bytes(broken)
    bring_up_to_date(other)
    assert (other.forecast / FILE).read_bytes() == expected


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    bring_in(home, tickets(3))
    home.forecast.write_text("a file stands where the folder should be")
    with pytest.raises(StoreError, match=r"forecast can't be written: .*\. The forecast is as it was"):
        bring_up_to_date(home)


def test_without_data_there_are_no_rows(tmp_path: Path) -> None:
    assert read_forecasts(tmp_path).empty
    home = home_of(tmp_path / "home")
    bring_up_to_date(home)
    assert read_forecasts(home.forecast).empty
    assert not is_stale(home)


def test_days_are_those_of_the_business_time_zone(tmp_path: Path) -> None:
    """23:30 UTC on the last of a month is the first of the next in Berlin."""
    home = Home(Settings(home=tmp_path, memory="500MB", user="tester", timezone="Europe/Berlin"))
    first = datetime(2026, 1, 31, 23, 30)
    bring_in(home, [row(str(n), str(first + timedelta(days=n)), intent="Late") for n in range(30)])
    bring_up_to_date(home)
    frame = read_forecasts(home.forecast).query("kind == 'history' and intent == 'Late'")
    assert frame["to_on"].max() == date(2026, 3, 1)
    assert frame["value"].tolist() == [7.0] * 4
