"""Weekly FCR and the strip of windows: equal to the definitions, contact by contact; young weeks stay unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.metrics.solved.fcr_weeks import ANY, SAME, STRIP_COLUMNS, WEEK_COLUMNS, fcr_strip, fcr_weeks
from cx_metrics.metrics.solved.process import with_limits
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.statistics.control import Signal, share_limits
from tests.metrics.by_definition import Company
from tests.metrics.resolution_by_definition import DECIDED, ROME, any_fates, busy, fates_of
from tests.metrics.small_mart import Ticket, small_mart

BILL = (("intent", ("Bill",)),)


def weeks_by_definition(company: Company, asked: Slice, *, window: int) -> dict[str, tuple[int, int] | None]:
    """Per Monday the solved and eligible issues; None for weeks that are too young."""
    first, last = company.span
    monday = min(
        first + timedelta(days=n) for n in range(window, window + 7) if (first + timedelta(days=n)).isoweekday() == 1
    )
    end = min(asked.to_on or last, company.last_full_day)
    found: dict[str, tuple[int, int] | None] = {}
    for start in (monday + timedelta(weeks=n) for n in range((end - monday).days // 7 + 1)):
        week = replace(asked, from_on=start, to_on=start + timedelta(days=6))
        issues = [f for f in fates_of(company, week) if f.is_first and not f.in_first_days]
        known = [f for f in issues if f.mature]
        over = start + timedelta(days=6 + window) <= company.last_full_day
        enough = len(issues) - len(known) <= 0.05 * len(issues)
        found[str(start)] = (sum(not f.followed for f in known), len(known)) if over and enough else None
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("where", "window"), [(BILL, 7), ((), 14), ((("intent", ("Delivery",)),), 3)])
def test_weeks_equal_the_definitions(seed: int, where: tuple[tuple[str, tuple[str, ...]], ...], window: int) -> None:
    company = busy(seed)
    asked = Slice(to_on=date(2024, 4, 3) if seed == 1 else None, where=where)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        found = rows(fcr_weeks(mart.under(DECIDED), asked))
    expected = weeks_by_definition(company, asked, window=window)
    assert {row["period"]: None if "young" in str(row["reason"]) else (row["value"], row["n"]) for row in found} == {
        monday: None if counts is None else (counts[0] / counts[1], counts[1]) for monday, counts in expected.items()
    }
    assert all(row["n"] == 0 and row["value"] is None for row in found if expected[row["period"]] is None)
    assert any(counts is None for counts in expected.values())


def test_a_young_week_shows_how_many_wait() -> None:
    company = busy(4)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        last = rows(fcr_weeks(mart.under(DECIDED), Slice(where=BILL)))[-1]
        week = Slice(from_on=date.fromisoformat(last["period"]), where=BILL)
        row = rows(fcr(mart.under(DECIDED), week))[0]
    assert last["immature"] == row["immature"] + row["n"] > 0
    assert last["reason"].startswith("too young: not all of its first contacts are older than 7 days")


def test_limits_are_those_of_the_weeks_before_the_period() -> None:
    """Ten steady weeks at 80 %, then one at 50 %: outside, and not what the limits learnt from."""
    mondays = [str(date(2024, 1, 1) + timedelta(weeks=n)) for n in range(11)]
    hits = np.array([78, 82] * 5 + [50])
    frame = pd.DataFrame({"period": mondays, "value": hits / 100, "n": 100, "reason": None})
    found = with_limits(frame, hits=hits, from_on=date(2024, 3, 11))
    expected = share_limits(hits[:10], 100)
    assert found["centre"].iloc[0] == 0.8
    assert (found["limit_low"].iloc[10], found["limit_high"].iloc[10]) == (expected.low[0], expected.high[0])
    assert list(found["signal"]) == [None] * 10 + [Signal.OUTSIDE.value]
    assert list(found["learnt"]) == [True] * 10 + [False]


def test_a_week_outside_does_not_teach() -> None:
    mondays = [str(date(2024, 1, 1) + timedelta(weeks=n)) for n in range(12)]
    hits = np.array([78, 82] * 3 + [40] + [78, 82] * 2 + [80])
    frame = pd.DataFrame({"period": mondays, "value": hits / 100, "n": 100, "reason": None})
    found = with_limits(frame, hits=hits, from_on=None)
    assert found["learnt"].sum() == 11
    assert found["centre"].iloc[0] == pytest.approx(0.8)
    assert found["signal"].iloc[6] == Signal.OUTSIDE.value


def test_too_few_weeks_have_no_limits_and_say_so() -> None:
    frame = pd.DataFrame({"period": ["2024-01-01", "2024-01-08"], "value": [0.5, np.nan], "n": [10, 0]})
    found = with_limits(
        frame.assign(reason=pd.Series([None, "too young"], dtype=object)), hits=np.array([5, 0]), from_on=None
    )
    assert found["centre"].isna().all()
    assert list(found["reason"]) == ["fewer than 8 weeks are known in full: no limits yet", "too young"]


@pytest.mark.parametrize("seed", [5, 6])
def test_the_strip_equals_the_definitions(seed: int) -> None:
    company = busy(seed, n=500, customers=40)
    for asked in (Slice(), Slice(from_on=date(2024, 2, 1), to_on=date(2024, 3, 20), where=BILL)):
        with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
            found = {(row["scope"], row["window"]): row for row in rows(fcr_strip(mart.under(DECIDED), asked))}
        assert list(found) == [(scope, days) for scope in (SAME, ANY) for days in WINDOWS]
        for days in WINDOWS:
            for scope, fates in (
                (SAME, fates_of(company, replace(asked, window=days))),
                (ANY, any_fates(company, asked, days)),
            ):
                eligible = [f for f in fates if f.eligible]
                row = found[scope, days]
                assert row["n"] == len(eligible)
                assert row["value"] == (sum(not f.followed for f in eligible) / len(eligible) if eligible else None)
                assert row["left_edge"] == sum(f.is_first and f.in_first_days for f in fates)
                assert row["immature"] == sum(f.is_first and not f.in_first_days and not f.mature for f in fates)
                assert row["no_customer_id"] == sum(f.contact.customer_id is None for f in fates)
                assert (row["reason"] is None) == bool(eligible)


def test_another_reason_counts_for_any_intent_only() -> None:
    """Ann asks about her bill, two days later about a delivery: solved for the bill, not for Ann."""
    old = Ticket("crm", "0", "old", datetime(2024, 1, 1))
    bill = Ticket("crm", "1", "Ann", datetime(2024, 2, 1))
    other = Ticket("crm", "2", "Ann", datetime(2024, 2, 3), intent="Delivery")
    with small_mart([old, bill, other], watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        strip = fcr_strip(mart, Slice(from_on=date(2024, 1, 20), where=BILL)).set_index(["scope", "window"])["value"]
    assert [strip[SAME, days] for days in WINDOWS] == [1, 1, 1, 1, 1]
    assert [strip[ANY, days] for days in WINDOWS] == [1, 0, 0, 0, 0]


def test_nothing_at_all_and_nobody_known() -> None:
    with small_mart([], watermark=None, timezone=ROME) as mart:
        assert list(fcr_weeks(mart, Slice()).columns) == list(WEEK_COLUMNS)
        assert list(fcr_strip(mart, Slice())["reason"]) == ["no contacts here"] * 10
    nobody = [Ticket("crm", str(n), None, datetime(2024, 1, 1) + timedelta(days=n)) for n in range(60)]
    with small_mart(nobody, watermark=datetime(2024, 3, 1), timezone=ROME) as mart:
        weeks, strip = fcr_weeks(mart, Slice()), fcr_strip(mart, Slice())
    assert list(strip.columns) == list(STRIP_COLUMNS)
    assert set(strip["reason"]) == {"no customer ids in this data"}
    assert weeks["value"].isna().all()
    assert weeks["reason"].iloc[0] == "no customer ids in this data"
